"""The official SDK takes our signed events, hands them to an app's handlers, and refuses others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest

from contactory import connect_blocking
from contactory.domain.event_types import EVENT_TYPES, event_type
from contactory.domain.events import Event
from contactory.domain.identities import SITE_APP, Identity
from contactory.domain.seed_names import to_seed_names
from contactory.kit.clock import Timestamp
from contactory.kit.signing_keys import new_signing_key, one_line, signed
from contactory.ops.crm import Crm
from contactory.wire.events import webhook_claims
from tests.e2e.sdk.node import needs_the_sdk
from tests.e2e.sdk.receiving import Receiver, receiver
from tests.stores import StoreUnderTest, new_store

pytestmark = needs_the_sdk

APP_ID: Final = "11111111-0000-4000-8000-000000000001"
INSTANCE_ID: Final = "22222222-0000-4000-8000-000000000002"
SITE_ID: Final = "33333333-0000-4000-8000-000000000003"
VISITOR_ID: Final = "44444444-0000-4000-8000-000000000004"
KEY: Final = new_signing_key()
OTHER_KEY: Final = new_signing_key()
BAD_SIGNATURE: Final = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
NO_TOKEN: Final = "ERR_JWS_INVALID"
ADA: Final[dict[str, Any]] = {
    "name": {"first": "Zoë 🎈", "last": 'O"Hara\\'},
    "emails": {"items": [{"email": "ada@example.com", "tag": "WORK"}]},
    "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
    "addresses": {
        "items": [{"address": {"addressLine": "3 Park Ave", "city": "New York", "country": "US"}}]
    },
    "picture": "wix:image://v1/a1b2/portrait.png#originWidth=20&originHeight=30",
    "birthdate": "1815-12-10",
    "extendedFields": {"items": {"custom.food": "Tea", "custom.a.b": 5, "custom.7": "x"}},
}
LESS: Final[dict[str, Any]] = {
    "name": {"first": "Ada"},
    "phones": {"items": []},
    "addresses": {"items": []},
    "picture": None,
    "labelKeys": {"items": ["custom.vip"]},
    "extendedFields": {"items": {"custom.food": "Cake", "custom.a.b": None}},
}


@pytest.fixture(scope="module", params=["pem", "one line"])
def app(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    """An app that has the public key in one of the two forms in which the SDK takes it."""
    given = KEY.public_pem if request.param == "pem" else one_line(KEY.public_pem)
    with receiver(given, APP_ID) as running:
        yield running


def call(event: Event, private_pem: str = KEY.private_pem, now: Timestamp | None = None) -> str:
    """The body of the webhook call that tells of the event."""
    claims = webhook_claims(
        event,
        instance_id=INSTANCE_ID,
        site_id=SITE_ID,
        now=now or Timestamp.current(),
        life_s=60,
    )
    return signed(claims, private_pem, KEY.kid)


def stored_events(store: StoreUnderTest) -> list[Event]:
    """All events that the store will tell, in the order in which they happened."""
    rows = store.rows(
        "SELECT id, entity_fqdn, slug, entity_id, entity_sequence, created_at, identity, body "
        "FROM outbox ORDER BY id"
    )
    return [Event(*row[:5], Timestamp.from_ms(row[5]), *row[6:]) for row in rows]


def with_dates(value: Any) -> Any:
    """A part of a contact as the SDK hands it on and the receiver shows it."""
    if isinstance(value, list):
        return [with_dates(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {"$date": item}
        if key in ("_createdDate", "_updatedDate", "activityDate")
        else with_dates(item)
        for key, item in value.items()
    }


def as_handed_on(entity: Any) -> Any:
    return with_dates(to_seed_names(entity))


async def _change_everything(crm: Crm) -> None:
    ada = await crm.contacts.create_contact(ADA)
    ada = await crm.contacts.update_contact(ada.id, LESS, ada.revision)
    async with crm.acting_as(Identity.visitor(VISITOR_ID)):
        await crm.submitted_contact.append_or_create_contact(
            {"info": {"emails": {"items": [{"email": "ada@example.com"}]}, "company": "Engines"}}
        )
    current = await crm.contacts.get_contact(ada.id)
    back = {name: ADA[name] for name in ("phones", "addresses", "picture")}
    ada = await crm.contacts.update_contact(ada.id, back, current.revision)
    async with crm.acting_as(SITE_APP):
        other = await crm.contacts.create_contact({"name": {"first": "Byron"}, "jobTitle": "Poet"})
    ada = await crm.contacts.merge_contacts(ada.id, ada.revision, {"sourceContactIds": [other.id]})
    await crm.contacts.delete_contact(ada.id)
    label = (await crm.labels.find_or_create_label("Regulars")).label
    await crm.labels.rename_label(label.key, "Friends")
    await crm.labels.delete_label(label.key)
    field = (await crm.extended_fields.find_or_create_extended_field("Größe", "NUMBER")).field
    await crm.extended_fields.rename_extended_field(field.key, "Size")
    await crm.extended_fields.delete_extended_field(field.key)


@pytest.fixture(scope="module")
def one_event(tmp_path_factory: pytest.TempPathFactory) -> Event:
    with new_store("sqlite", tmp_path_factory.mktemp("events")) as store:
        with connect_blocking(store.url) as connection:
            connection.call(connection.crm.contacts.create_contact, {"name": {"first": "Ada"}})
        return stored_events(store)[0]


def test_handlers_get_every_kind_of_event_as_the_sdk_shows_contacts(
    app: Receiver, store: StoreUnderTest
) -> None:
    with connect_blocking(store.url) as connection:
        connection.call(_change_everything, connection.crm)
    events = stored_events(store)
    assert {event_type(event.entity_fqdn, event.slug) for event in events} == set(EVENT_TYPES)
    for event in events:
        assert httpx2.post(app.url, content=call(event)).status_code == 200
        said = app.next()
        assert said["handler"].lower() == f"on{_kind(event)}"
        check(said["event"], event)
    assert app.says_nothing_more()


def _kind(event: Event) -> str:
    return event.entity_fqdn.rpartition(".")[2].replace("-", "") + event.slug


def check(handed_on: dict[str, Any], event: Event) -> None:
    """That the handler got what the event tells, in the SDK's names and types."""
    body = json.loads(event.body)
    origin = {"originatedFrom": body["originatedFrom"]} if "originatedFrom" in body else {}
    assert handed_on.pop("metadata") == origin | {
        "_id": event.id,
        "entityFqdn": event.entity_fqdn,
        "slug": event.slug,
        "entityId": event.entity_id,
        "eventTime": {"$date": event.time.text},
        "triggeredByAnonymizeRequest": False,
        "entityEventSequence": str(event.entity_sequence),
        "instanceId": INSTANCE_ID,
        "identity": json.loads(event.identity),
        "accountInfo": {"siteId": SITE_ID},
    }
    match event.slug:
        case "created":
            assert handed_on == {"entity": as_handed_on(body["createdEvent"]["entity"])}
        case "updated":
            told = body["updatedEvent"]
            modified = {path: as_shown(path, old) for path, old in told["modifiedFields"].items()}
            assert handed_on.pop("entity") == as_handed_on(told["currentEntity"])
            assert handed_on.pop("modifiedFields") == modified
            assert handed_on == {}
        case "merged":
            assert handed_on == {"data": as_handed_on(body["actionEvent"]["body"])}
        case _:
            assert handed_on == {}


def as_shown(path: str, value: Any) -> Any:
    """A previous value as the SDK shows that part of a contact."""
    name = path.rpartition(".")[2]
    return as_handed_on({name: value})[name]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_byte_is_refused(app: Receiver, one_event: Event, part: int) -> None:
    parts = call(one_event).split(".")
    at = len(parts[part]) // 2
    parts[part] = (
        parts[part][:at] + ("A" if parts[part][at] != "A" else "B") + parts[part][at + 1 :]
    )
    # A header may be no JSON any more.
    refused(app, ".".join(parts), BAD_SIGNATURE, *([NO_TOKEN] if part == 0 else []))


def test_another_key_is_refused(app: Receiver, one_event: Event) -> None:
    refused(app, call(one_event, OTHER_KEY.private_pem), BAD_SIGNATURE)


def test_an_expired_token_is_refused(app: Receiver, one_event: Event) -> None:
    long_ago = Timestamp.current() - timedelta(seconds=62)
    refused(app, call(one_event, now=long_ago), "ERR_JWT_EXPIRED")


def test_what_is_no_token_is_refused(app: Receiver, one_event: Event) -> None:
    refused(app, one_event.body, NO_TOKEN)
    assert httpx2.post(app.url, content=call(one_event)).status_code == 200
    assert app.next()["handler"] == "onContactCreated"


def refused(app: Receiver, content: str, *reasons: str) -> None:
    assert httpx2.post(app.url, content=content).status_code == 400
    assert app.next()["refused"] in reasons
    assert app.says_nothing_more()
