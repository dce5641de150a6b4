"""Labelling contacts over HTTP (CONTRACT B.8, C)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import CONTACTS, NOBODY, Json, application_error, created, john, violations

CUSTOMERS, CONTACTED = "contacts.customers", "contacts.contacted-me"


def label(client: httpx2.Client, contact: Json, *keys: str) -> httpx2.Response:
    body = {"contactId": contact["id"], "labelKeys": list(keys)}
    return client.post(f"{CONTACTS}/{contact['id']}/labels", json=body)


def unlabel(client: httpx2.Client, contact: Json, *keys: str) -> httpx2.Response:
    """As the SDK does: repeated names in the query string, and no body (WIRE 2)."""
    params = {"contactId": contact["id"], "labelKeys": list(keys)}
    return client.delete(f"{CONTACTS}/{contact['id']}/labels", params=params)


def answered(answer: httpx2.Response) -> Json:
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contact"}
    return dict(answer.json()["contact"])


def keys_of(contact: Json) -> list[str]:
    return list(contact["info"].get("labelKeys", {}).get("items", []))


@pytest.fixture
def own(client: httpx2.Client) -> list[str]:
    """The keys of two labels of the site."""
    names = [f"At Risk {uuid4().hex}", f"Active Customer {uuid4().hex}"]
    found = [client.post("/contacts/v4/labels", json={"displayName": name}) for name in names]
    return [str(answer.json()["label"]["key"]) for answer in found]


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_j11_labels_are_added_behind_without_a_revision(
    client: httpx2.Client, own: list[str], prefix: str
) -> None:
    before = created(client, john(labelKeys={"items": ["custom.contact"]}))
    path = f"{prefix}{CONTACTS}/{before['id']}/labels"
    after = answered(client.post(path, json={"contactId": before["id"], "labelKeys": own}))
    assert keys_of(after) == ["custom.contact", *own]
    assert after["revision"] == before["revision"] + 1
    assert after["lastActivity"] == before["lastActivity"]
    assert {**after["info"], "labelKeys": None} == {**before["info"], "labelKeys": None}
    assert client.get(f"{CONTACTS}/{before['id']}").json()["contact"] == after


def test_j12_labels_are_taken_by_repeated_names(client: httpx2.Client, own: list[str]) -> None:
    before = created(client, john(labelKeys={"items": [CUSTOMERS, *own]}))
    after = answered(unlabel(client, before, *own))
    assert keys_of(after) == [CUSTOMERS]
    assert after["revision"] == before["revision"] + 1
    assert client.get(f"{CONTACTS}/{before['id']}").json()["contact"] == after
    last = answered(unlabel(client, before, CUSTOMERS))
    assert "labelKeys" not in last["info"]


def test_what_is_so_already_changes_no_revision(client: httpx2.Client) -> None:
    contact = created(client, john(labelKeys={"items": [CUSTOMERS]}))
    assert answered(label(client, contact, CUSTOMERS, CUSTOMERS)) == contact
    assert answered(unlabel(client, contact, CONTACTED)) == contact
    more = answered(label(client, contact, CUSTOMERS, CONTACTED, CONTACTED))
    assert keys_of(more) == [CUSTOMERS, CONTACTED]


@pytest.mark.parametrize("change", [label, unlabel])
def test_a_label_that_does_not_exist_is_404_and_nothing_changes(
    client: httpx2.Client, change: Any
) -> None:
    contact = created(client, john(labelKeys={"items": [CUSTOMERS]}))
    answer = change(client, contact, CUSTOMERS, "custom.none", CONTACTED, "nonsense")
    assert answer.status_code == 404
    error = application_error(answer)
    assert error["code"] == "LABEL_NOT_FOUND"
    assert error["data"] == {"labelKeys": ["custom.none", "nonsense"]}
    assert client.get(f"{CONTACTS}/{contact['id']}").json()["contact"] == contact


@pytest.mark.parametrize("change", [label, unlabel])
def test_a_contact_that_is_not_there_is_404(client: httpx2.Client, change: Any) -> None:
    for contact_id in (NOBODY, "nonsense"):
        answer = change(client, {"id": contact_id}, CUSTOMERS)
        assert answer.status_code == 404
        assert application_error(answer)["code"] == "CONTACT_NOT_FOUND"


@pytest.mark.parametrize(
    ("keys", "field", "rule"),
    [
        ([], "labelKeys", "MIN_SIZE"),
        ([f"custom.{number}" for number in range(101)], "labelKeys", "MAX_SIZE"),
        (["custom." + "x" * 80], "labelKeys[0]", "MAX_LENGTH"),
        ([CUSTOMERS, " "], "labelKeys[1]", "REQUIRED_FIELD"),
        ([CUSTOMERS, "custom.\x00"], "labelKeys[1]", "FORMAT"),
    ],
    ids=["none", "101", "long", "blank", "NUL"],
)
@pytest.mark.parametrize("change", [label, unlabel])
def test_keys_that_cannot_be_are_named(
    client: httpx2.Client, change: Any, keys: list[str], field: str, rule: str
) -> None:
    contact = created(client, john())
    (violation,) = violations(change(client, contact, *keys))
    assert (violation["field"], violation["violatedRule"]) == (field, rule)


def test_the_label_of_a_merged_contact_is_not_reached_by_its_old_id(client: httpx2.Client) -> None:
    target, source = created(client, john()), created(client, john())
    merge = {"targetContactRevision": 1, "sourceContactIds": [source["id"]]}
    answered(client.post(f"{CONTACTS}/{target['id']}/merge", json=merge))
    answer = label(client, source, CUSTOMERS)
    assert (answer.status_code, application_error(answer)["code"]) == (404, "CONTACT_NOT_FOUND")
