"""`POST …/contacts/upsert` and `…/bulk/contacts/upsert` (CONTRACT B.14)."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    Json,
    application_error,
    created,
    fresh_email,
    john,
    violations,
)

UPSERT = f"{CONTACTS}/upsert"
BULK = "/contacts/v4/bulk/contacts/upsert"


def test_an_upsert_creates_and_then_updates(client: httpx2.Client) -> None:
    email = fresh_email()
    first = client.post(UPSERT, json={"info": john(email, company="Engines")}).json()
    assert first.keys() == {"contact", "action"}
    assert first["action"] == "CREATED"
    info = {"emails": {"items": [{"email": email.upper()}]}, "company": "Looms"}
    second = client.post(UPSERT, json={"info": info}).json()
    assert second["action"] == "UPDATED"
    contact = client.get(f"{CONTACTS}/{first['contact']['id']}").json()["contact"]
    assert second["contact"] == contact
    assert (contact["revision"], contact["info"]["company"]) == (2, "Looms")
    assert contact["info"]["name"] == {"first": "John", "last": "Doe"}


def test_an_email_of_a_third_contact_is_a_conflict(client: httpx2.Client) -> None:
    mine, other = fresh_email(), fresh_email()
    created(client, john(mine))
    owner = created(client, john(other))
    items = [{"email": mine}, {"email": other}]
    answer = client.post(UPSERT, json={"info": {"emails": {"items": items}}})
    assert answer.status_code == 409
    error = application_error(answer)
    assert error["code"] == "DUPLICATE_CONTACT_EXISTS"
    assert error["data"]["duplicateContactId"] == owner["id"]
    assert error["data"]["duplicateEmail"] == other


def test_a_bulk_upsert_answers_for_each_item(client: httpx2.Client) -> None:
    known = created(client, john())
    email = known["info"]["emails"]["items"][0]["email"]
    infos: list[Json] = [john(), john("x"), john(email, company="Looms")]
    body = client.post(BULK, json={"info": infos}).json()
    assert body.keys() == {"results", "metadata"}
    assert body["metadata"] == {
        "totalSuccess": 2,
        "totalFailure": 1,
        "totalCreated": 1,
        "totalUpdated": 1,
    }
    first, second, third = body["results"]
    assert first == {
        "metadata": {
            "originalIndex": 0,
            "success": True,
            "action": "CREATED",
            "id": first["metadata"]["id"],
        }
    }
    error = second["metadata"].pop("error")
    assert error["code"] == "INVALID_ARGUMENT"
    assert "info[1].emails.items[0].email" in error["message"]
    assert second == {"metadata": {"originalIndex": 1, "success": False, "action": "UNKNOWN"}}
    assert third["metadata"]["id"] == known["id"]


def test_the_contacts_are_answered_when_asked_for(client: httpx2.Client) -> None:
    body = client.post(BULK, json={"info": [john()], "returnFullEntity": True}).json()
    (result,) = body["results"]
    contact = client.get(f"{CONTACTS}/{result['metadata']['id']}").json()["contact"]
    assert result["contact"] == contact


@pytest.mark.parametrize("info", [None, [], {}, "x", [{}] * 101])
def test_there_are_1_to_100_items(client: httpx2.Client, info: Any) -> None:
    found = violations(client.post(BULK, json={"info": info}))
    assert [violation["field"] for violation in found] == ["info"]


def test_nothing_at_all_is_refused(client: httpx2.Client) -> None:
    found = violations(client.post(UPSERT, json={}))
    assert [violation["field"] for violation in found] == ["info"]
