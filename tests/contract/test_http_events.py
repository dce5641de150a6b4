"""Events over HTTP: pages of the feed, and the same as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from contactory.domain.event_types import EVENT_TYPES
from tests.contract.wire import Json, application_error, created, john, violations
from tests.servers import Server, new_key, serve, told
from tests.stores import StoreUnderTest

EVENTS = "/contacts/v4/events"
LABELS = "/contacts/v4/labels"
CREATED = "wix.contacts.v4.contact_created"
DELETED = "wix.contacts.v4.contact_deleted"
STREAM = {"accept": "text/event-stream"}


def page(client: httpx2.Client, **asked: Any) -> Json:
    answer = client.get(EVENTS, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"events", "cursor", "hasMore"}
    return dict(answer.json())


def latest(client: httpx2.Client) -> str:
    found = page(client, after="latest")
    assert (found["events"], found["hasMore"]) == ([], False)
    return str(found["cursor"])


class Stream:
    """The blocks of an open stream, each as its fields."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.answer = answer
        self._lines = self._all_lines()

    def block(self) -> Json:
        """The next block; an empty one is the end."""
        fields: Json = {}
        for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return {}

    def event(self) -> Json:
        """The next event."""
        while "data" not in (found := self.block()):
            assert found, "the stream ended"
        event = json.loads(found["data"])
        assert (found["id"], found["event"]) == (event["cursor"], event["eventType"])
        return dict(event)

    def _all_lines(self) -> Iterator[str]:
        rest = b""
        for part in self.answer.iter_raw():
            *lines, rest = (rest + part).split(b"\n")
            yield from (line.decode() for line in lines)


@contextmanager
def stream(client: httpx2.Client, headers: Json | None = None, **asked: Any) -> Iterator[Stream]:
    with client.stream("GET", EVENTS, params=asked, headers=STREAM | (headers or {})) as answer:
        if answer.status_code != 200:
            answer.read()
        yield Stream(answer)


def test_an_event_has_its_envelope_type_identity_and_cursor(client: httpx2.Client) -> None:
    before = latest(client)
    contact = created(client, john())
    found = page(client, after=before)
    (event,) = found["events"]
    assert event.pop("identity")["identityType"] == "WIX_USER"
    assert (event.pop("eventType"), event.pop("cursor")) == (CREATED, found["cursor"])
    assert event.keys() == {
        *("id", "entityFqdn", "slug", "entityId", "eventTime", "triggeredByAnonymizeRequest"),
        *("entityEventSequence", "createdEvent"),
    }
    assert event["createdEvent"] == {"entity": contact}
    assert event["entityEventSequence"] == "1"
    assert event["triggeredByAnonymizeRequest"] is False


def test_pages_follow_each_other(client: httpx2.Client) -> None:
    before = latest(client)
    made = [created(client, john())["id"] for _ in range(3)]
    first = page(client, after=before, limit=2)
    second = page(client, after=first["cursor"], limit=2)
    assert [event["entityId"] for event in first["events"] + second["events"]] == made
    assert (first["hasMore"], second["hasMore"]) == (True, False)
    assert page(client, limit=1)["events"] == page(client, after="earliest", limit=1)["events"]


@pytest.mark.parametrize(
    "asked",
    [
        f"types={DELETED},wix.contacts.v4.label_created",
        f"types={DELETED}&types=wix.contacts.v4.label_created",
        f"types[]={DELETED}&types[]=wix.contacts.v4.label_created",
    ],
)
def test_types_are_chosen_with_commas_or_repeated(client: httpx2.Client, asked: str) -> None:
    before = latest(client)
    contact = created(client, john())
    name = f"Of {contact['id']}"
    client.post(LABELS, json={"displayName": name})
    client.delete(f"/contacts/v4/contacts/{contact['id']}")
    answer = client.get(f"{EVENTS}?after={before}&{asked}").json()
    assert [event["slug"] for event in answer["events"]] == ["created", "deleted"]


def test_all_that_is_wrong_is_told_at_once(client: httpx2.Client) -> None:
    for headers in ({}, STREAM):
        answer = client.get(f"{EVENTS}?after=x&limit=0&types=created", headers=headers)
        found = violations(answer)
        assert [one["field"] for one in found] == ["after", "limit", "types"]
        assert found[2]["data"]["supported"] == list(EVENT_TYPES)


def test_a_cursor_ahead_of_the_feed_is_refused_in_both_forms(client: httpx2.Client) -> None:
    for headers in ({}, STREAM):
        answer = client.get(f"{EVENTS}?after=e999999999", headers=headers)
        assert answer.status_code == 428
        assert application_error(answer)["code"] == "FAILED_PRECONDITION"
        assert "ahead of this feed" in application_error(answer)["description"]


@pytest.mark.parametrize("path", ["/events", "/_api/events", f"/_api{EVENTS}"])
def test_they_are_at_other_paths_too(client: httpx2.Client, path: str) -> None:
    before = latest(client)
    contact = created(client, john())
    assert client.get(path, params={"after": before}).json() == page(client, after=before)
    with client.stream("GET", path, params={"after": before}, headers=STREAM) as answer:
        assert Stream(answer).event()["entityId"] == contact["id"]


def test_answers_fit_the_published_schema(client: httpx2.Client) -> None:
    document = client.get("/openapi.json").json()
    schema = document["paths"][EVENTS]["get"]["responses"]["200"]["content"]
    assert "text/event-stream" in schema
    validator = jsonschema_rs.Draft202012Validator(
        schema["application/json"]["schema"] | {"components": document["components"]}
    )
    created(client, john())
    validator.validate(page(client))
    assert not validator.is_valid(page(client) | {"hasMore": "yes"})


def test_a_stream_begins_after_its_cursor_and_goes_on(client: httpx2.Client) -> None:
    before = latest(client)
    first = created(client, john())
    with stream(client, after=before) as events:
        assert events.answer.headers["content-type"].startswith("text/event-stream")
        assert events.answer.headers["x-accel-buffering"] == "no"
        assert "content-length" not in events.answer.headers
        assert events.event()["entityId"] == first["id"]
        second = created(client, john())
        event = events.event()
        assert event["createdEvent"] == {"entity": second}
    listed = page(client, after=before)["events"]
    assert listed[1] == event


def test_a_stream_first_says_where_it_is_and_when_to_come_back(client: httpx2.Client) -> None:
    created(client, john())
    now = latest(client)
    with stream(client) as events:
        assert events.block() == {"retry": "1000", "": "so far", "id": now}


def test_the_last_event_id_beats_after(client: httpx2.Client) -> None:
    before = latest(client)
    first, second = created(client, john()), created(client, john())
    with stream(client, {"last-event-id": before}, after="latest") as events:
        seen = events.event()
        assert seen["entityId"] == first["id"]
    with stream(client, {"last-event-id": seen["cursor"]}, after="earliest") as events:
        assert events.event()["entityId"] == second["id"]


def test_a_stream_of_some_types_moves_on_with_the_others(client: httpx2.Client) -> None:
    before = latest(client)
    contact = created(client, john())
    client.delete(f"/contacts/v4/contacts/{contact['id']}")
    created(client, john())
    with stream(client, after=before, types=DELETED) as events:
        assert events.event()["entityId"] == contact["id"]
        assert events.block()["id"] == latest(client)


def test_only_who_may_view_events_gets_them(server: Server, client: httpx2.Client) -> None:
    key = new_key(server.store, "MANAGE_CONTACTS")
    viewer = new_key(server.store, "EVENTS.VIEW")
    for headers in ({}, STREAM):
        answer = client.get(EVENTS, headers=headers | {"authorization": key})
        assert answer.status_code == 403
        assert application_error(answer)["data"] == {"permission": "EVENTS.VIEW"}
        answer = client.get(EVENTS, headers=headers | {"authorization": "nonsense"})
        assert answer.status_code == 401
    assert client.get(EVENTS, headers={"authorization": viewer}).status_code == 200


def test_unknown_names_are_told_on_streams_too(client: httpx2.Client) -> None:
    with stream(client, typ=CREATED) as events:
        assert events.answer.headers["contactory-ignored"] == "typ"


def test_a_head_is_no_stream(client: httpx2.Client) -> None:
    answer = client.head(EVENTS, headers=STREAM)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_there_can_be_so_many_streams_and_they_are_no_slow_requests(store: StoreUnderTest) -> None:
    with serve(store, "--max-streams", "2") as server, server.client() as client:
        with stream(client) as one, stream(client) as two:
            assert one.block()
            assert two.block()
            answer = client.get(EVENTS, headers=STREAM)
            assert answer.status_code == 503
            assert application_error(answer)["code"] == "UNAVAILABLE"
            assert answer.headers["retry-after"] == "5"
            metrics = client.get("/metrics").text
            assert "contactory_event_streams 2.0" in metrics
            assert "contactory_requests_in_flight 1.0" in metrics
            assert 'seconds_count{operation="events.follow"} 3.0' in metrics
            assert client.get(EVENTS).status_code == 200
        while "contactory_event_streams 0.0" not in client.get("/metrics").text:
            pass
        with stream(client) as three:
            assert three.block()


def test_a_stream_is_ended_when_its_key_is_revoked(store: StoreUnderTest) -> None:
    made = told(store, "keys", "create")
    with serve(store) as server, server.client(made["key"]) as client:
        with stream(client) as events:
            assert events.block()
            told(store, "keys", "revoke", made["id"])
            with server.client() as other:
                created(other, john())
            blocks = [events.block() for _ in range(6)]
            assert blocks[-1] == {}, "the stream goes on"
            assert not any("data" in block for block in blocks[2:])
        assert client.get(EVENTS, headers=STREAM).status_code == 401
        assert "fault" not in server.written()
