"""Merges over HTTP: bodies, envelopes, statuses (CONTRACT B.7, C), and how they are undone."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    create,
    created,
    fresh_email,
    john,
    violations,
)
from tests.servers import Server, new_key


def merge(client: httpx2.Client, target: Json, *sources: Json, **more: Any) -> httpx2.Response:
    body = {
        "targetContactId": target["id"],
        "targetContactRevision": target["revision"],
        "sourceContactIds": [source["id"] for source in sources],
    }
    return client.post(f"{CONTACTS}/{target['id']}/merge", json=body | more)


def merged(client: httpx2.Client, target: Json, *sources: Json) -> Json:
    answer = merge(client, target, *sources)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contact"}
    return dict(answer.json()["contact"])


def merges_of(client: httpx2.Client, contact: Json) -> list[Json]:
    answer = client.get(f"{CONTACTS}/{contact['id']}/merges")
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"merges"}
    return list(answer.json()["merges"])


def unmerge(client: httpx2.Client, target: str, **body: Any) -> httpx2.Response:
    return client.post(f"{CONTACTS}/{target}/unmerge", json=body)


def without_dates(contact: Json) -> Json:
    return {key: contact[key] for key in contact if key not in ("revision", "updatedDate")}


@pytest.fixture
def pair(client: httpx2.Client) -> tuple[Json, Json]:
    return created(client, {"name": {"first": "Ada"}}), created(client, john(company="Engines"))


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_j13_a_merge_answers_the_target_and_the_sources_id_gives_it(
    client: httpx2.Client, pair: tuple[Json, Json], prefix: str
) -> None:
    target, source = pair
    body = {"targetContactRevision": "1", "sourceContactIds": [source["id"]]}
    answer = client.post(f"{prefix}{CONTACTS}/{target['id']}/merge", json=body)
    assert answer.status_code == 200
    contact = answer.json()["contact"]
    assert contact["info"]["company"] == "Engines"
    assert contact["lastActivity"]["activityType"] == "CONTACT_MERGED"
    got = client.get(f"{CONTACTS}/{source['id']}").json()
    assert got == {"contact": contact, "responseType": "MERGED"}
    regular = client.get(f"{CONTACTS}/{target['id']}").json()
    assert regular == {"contact": contact, "responseType": "REGULAR"}
    gone = client.patch(
        f"{CONTACTS}/{source['id']}", json={"revision": 1, "info": {"company": "X"}}
    )
    assert gone.status_code == 404


def test_a_preview_needs_no_revision_and_changes_nothing(
    client: httpx2.Client, pair: tuple[Json, Json]
) -> None:
    target, source = pair
    body = {"targetContactId": target["id"], "sourceContactIds": [source["id"]]}
    answer = client.post(f"{CONTACTS}/{target['id']}/preview-merge", json=body)
    assert answer.status_code == 200
    assert answer.json().keys() == {"contact"}
    assert answer.json()["contact"]["info"]["company"] == "Engines"
    for contact in pair:
        assert client.get(f"{CONTACTS}/{contact['id']}").json()["contact"] == contact
    assert merges_of(client, target) == []


def test_refusals_have_the_codes_and_statuses_of_the_contract(
    client: httpx2.Client, pair: tuple[Json, Json]
) -> None:
    target, source = pair
    for refused, status, code in (
        (merge(client, target, source, targetContactRevision=2), 428, "FAILED_PRECONDITION"),
        (merge(client, target, target), 400, "ILLEGAL_MERGE"),
        (merge(client, target, source, source), 400, "ILLEGAL_MERGE"),
        (merge(client, target, {"id": NOBODY}), 404, "CONTACT_NOT_FOUND"),
        (merge(client, {"id": NOBODY, "revision": 1}, source), 404, "CONTACT_NOT_FOUND"),
    ):
        assert refused.status_code == status
        assert application_error(refused)["code"] == code
    for sent, named in (
        ({"sourceContactIds": []}, ["sourceContactIds"]),
        ({"sourceContactIds": ["x"]}, ["sourceContactIds[0]"]),
        ({"targetContactRevision": None}, ["targetContactRevision"]),
        ({"targetContactRevision": 1.5, "sourceContactIds": 7}, None),
    ):
        found = [one["field"] for one in violations(merge(client, target, source, **sent))]
        assert found == (named or ["targetContactRevision", "sourceContactIds"])
    assert client.get(f"{CONTACTS}/{source['id']}").json()["responseType"] == "REGULAR"


def test_an_undo_answers_target_and_sources(client: httpx2.Client, pair: tuple[Json, Json]) -> None:
    target, source = pair
    contact = merged(client, target, source)
    (only,) = merges_of(client, source)
    assert only == {
        "id": only["id"],
        "targetContactId": target["id"],
        "sourceContactIds": [source["id"]],
        "mergedDate": contact["updatedDate"],
    }
    preview = client.post(
        f"{CONTACTS}/{target['id']}/preview-unmerge", json={"mergeId": only["id"]}
    ).json()
    answer = unmerge(client, target["id"], mergeId=only["id"], targetContactId=target["id"])
    assert answer.status_code == 200
    assert "contactory-ignored" not in answer.headers
    body = answer.json()
    assert body.keys() == preview.keys() == {"target", "sources"}
    assert without_dates(body["target"]) == without_dates(target)
    assert [without_dates(one) for one in body["sources"]] == [without_dates(source)]
    assert [without_dates(one) for one in preview["sources"]] == [without_dates(source)]
    got = client.get(f"{CONTACTS}/{source['id']}").json()
    assert got == {"contact": body["sources"][0], "responseType": "REGULAR"}
    (done,) = merges_of(client, target)
    assert done == only | {"undoneDate": body["target"]["updatedDate"]}


@pytest.mark.parametrize("names_merge", [True, False])
def test_the_path_may_leave_the_target_and_the_body_the_merge(
    client: httpx2.Client, pair: tuple[Json, Json], names_merge: bool
) -> None:
    target, source = pair
    merged(client, target, source)
    merge_id = merges_of(client, target)[0]["id"]
    answer = (
        unmerge(client, "-", mergeId=merge_id) if names_merge else unmerge(client, target["id"])
    )
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["sources"]] == [source["id"]]


def test_an_undo_is_refused_with_its_reason(client: httpx2.Client, pair: tuple[Json, Json]) -> None:
    target, source = pair
    contact = merged(client, target, source)
    merge_id = merges_of(client, target)[0]["id"]
    email = source["info"]["emails"]["items"][0]["email"]
    cleared = {"revision": contact["revision"], "info": {"emails": {"items": []}}}
    assert client.patch(f"{CONTACTS}/{target['id']}", json=cleared).status_code == 200
    other = created(client, john(email))
    refused = unmerge(client, target["id"], mergeId=merge_id)
    assert refused.status_code == 409
    error = application_error(refused)
    assert error["code"] == "DUPLICATE_CONTACT_EXISTS"
    assert error["data"] == {"duplicateContactId": other["id"], "duplicateEmail": email}
    preview = client.post(f"{CONTACTS}/-/preview-unmerge", json={"mergeId": merge_id}).json()
    assert preview["duplicates"] == [error["data"] | {"contactId": source["id"]}]
    for target_id, sent, status, code in (
        (source["id"], merge_id, 404, "NOT_FOUND"),
        ("-", NOBODY, 404, "NOT_FOUND"),
        (NOBODY, None, 404, "CONTACT_NOT_FOUND"),
        ("no-id", None, 404, "CONTACT_NOT_FOUND"),
    ):
        answer = unmerge(client, target_id, mergeId=sent)
        assert (answer.status_code, application_error(answer)["code"]) == (status, code)
    assert [one["field"] for one in violations(unmerge(client, "-"))] == ["mergeId"]
    allowed = unmerge(client, target["id"], mergeId=merge_id, allowDuplicates="true")
    assert allowed.status_code == 200
    again = unmerge(client, target["id"], mergeId=merge_id)
    assert again.status_code == 428
    assert application_error(again)["data"] == {"mergeId": merge_id}
    assert create(client, john(email)).status_code == 409


def test_what_cannot_come_back_is_told_of_in_a_header(client: httpx2.Client) -> None:
    label = client.post("/contacts/v4/labels", json={"displayName": fresh_email()}).json()["label"]
    target = created(client, john())
    source = created(client, john(labelKeys={"items": [label["key"]]}))
    merged(client, target, source)
    assert client.delete(f"/contacts/v4/labels/{label['key']}").status_code == 200
    answer = unmerge(client, target["id"])
    assert answer.status_code == 200
    ignored = answer.headers["contactory-ignored"]
    assert ignored == f"sources[0].info.labelKeys.{label['key']}"
    assert "labelKeys" not in answer.json()["sources"][0]["info"]


def test_who_may_read_contacts_may_read_their_merges(
    server: Server, client: httpx2.Client, pair: tuple[Json, Json]
) -> None:
    target, source = pair
    merged(client, target, source)
    with httpx2.Client(base_url=server.url) as reader:
        reader.headers["authorization"] = new_key(server.store, "CONTACTS.VIEW")
        assert [one["targetContactId"] for one in merges_of(reader, source)] == [target["id"]]
        assert unmerge(reader, target["id"]).status_code == 403
    unknown = client.get(f"{CONTACTS}/{NOBODY}/merges")
    assert (unknown.status_code, application_error(unknown)["code"]) == (404, "CONTACT_NOT_FOUND")
