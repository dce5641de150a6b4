"""Updating and deleting contacts over HTTP (CONTRACT B.3, B.4, C, E.1)."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    created,
    fresh_email,
    john,
    violations,
)


def update(client: httpx2.Client, contact: Json, info: Any, **more: Any) -> httpx2.Response:
    body = {"contactId": contact["id"], "info": info, "revision": contact["revision"], **more}
    return client.patch(f"{CONTACTS}/{contact['id']}", json=body)


def updated(client: httpx2.Client, contact: Json, info: Any, **more: Any) -> Json:
    """The contact of an update that succeeds; a get then shows the same."""
    answer = update(client, contact, info, **more)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contact"}
    assert answer.json()["contact"] == shown(client, contact)
    return dict(answer.json()["contact"])


def shown(client: httpx2.Client, contact: Json) -> Json:
    return dict(client.get(f"{CONTACTS}/{contact['id']}").json()["contact"])


def without(contact: Json, *names: str) -> Json:
    return {name: value for name, value in contact.items() if name not in names}


@pytest.fixture
def contact(client: httpx2.Client) -> Json:
    return created(client, john(company="Wix", jobTitle="Writer"))


def test_j9_phones_are_replaced_as_a_list_and_all_else_stays(client: httpx2.Client) -> None:
    phone = {"countryCode": "US", "phone": "6465676359", "primary": "true", "tag": "MOBILE"}
    address = {"city": "NY", "country": "US"}
    sent = john(phones={"items": [phone]}, addresses={"items": [{"address": address}]})
    before = created(client, sent)
    old = before["info"]["phones"]["items"][0]
    second = {"countryCode": "US", "phone": "2421642341", "tag": "HOME"}
    after = updated(client, before, {"phones": {"items": [phone, second]}})
    kept, added = after["info"]["phones"]["items"]
    assert kept == old
    assert without(added, "id") == {**second, "primary": False}
    assert added["id"] != kept["id"]
    assert without(after["info"], "phones") == without(before["info"], "phones")
    assert after["primaryInfo"] == before["primaryInfo"] | {"phone": "646-567-6359"}
    assert after["revision"] == before["revision"] + 1
    assert after["lastActivity"] == before["lastActivity"]
    assert after["createdDate"] == before["createdDate"]
    assert after["updatedDate"] >= before["updatedDate"]


def test_j10_an_old_revision_is_409_and_changes_nothing(
    client: httpx2.Client, contact: Json
) -> None:
    now = updated(client, contact, {"company": "New"})
    for revision in (contact["revision"], now["revision"] + 1, 0, 2**31 - 1):
        answer = update(client, contact, {"company": "Newer"}, revision=revision)
        assert answer.status_code == 409
        error = application_error(answer)
        assert error["code"] == "CONTACT_ALREADY_CHANGED"
        assert answer.json()["message"] == (
            "Contact has been updated since the requested revision."
        )
    assert shown(client, contact) == now


def test_names_are_changed_half_by_half(client: httpx2.Client, contact: Json) -> None:
    after = updated(client, contact, {"name": {"last": "Roe"}})
    assert after["info"]["name"] == {"first": "John", "last": "Roe"}
    fields = after["info"]["extendedFields"]["items"]
    assert fields["contacts.displayByFirstName"] == "John Roe"
    after = updated(client, after, {"name": {"first": None, "last": ""}})
    assert "name" not in after["info"] or after["info"]["name"] == {}


@pytest.mark.parametrize("empty", [None, ""])
def test_null_and_empty_texts_clear(client: httpx2.Client, contact: Json, empty: Any) -> None:
    after = updated(client, contact, {"company": empty, "birthdate": empty})
    assert "company" not in after["info"]
    assert after["info"]["jobTitle"] == "Writer"


@pytest.mark.parametrize("empty", [None, {}, {"items": []}, {"items": None}])
def test_empty_lists_empty(client: httpx2.Client, contact: Json, empty: Any) -> None:
    after = updated(client, contact, {"emails": empty})
    assert after["info"]["emails"] == {}
    assert "email" not in after["primaryInfo"]


def test_extended_fields_are_changed_key_by_key(client: httpx2.Client) -> None:
    before = created(client, john(extendedFields={"items": {"custom.one": "1", "custom.two": "2"}}))
    fields = {"custom.one": None, "custom.three": "3"}
    after = updated(client, before, {"extendedFields": {"items": fields}})
    items = after["info"]["extendedFields"]["items"]
    assert {key: value for key, value in items.items() if key.startswith("custom.")} == {
        "custom.two": "2",
        "custom.three": "3",
    }


def test_items_keep_their_ids_by_id_and_by_value(client: httpx2.Client, contact: Json) -> None:
    (old,) = contact["info"]["emails"]["items"]
    fresh = fresh_email()
    items = [{"email": fresh}, {"email": old["email"].upper(), "tag": "WORK"}]
    after = updated(client, contact, {"emails": {"items": items}})
    first, second = after["info"]["emails"]["items"]
    assert (second["id"], second["tag"]) == (old["id"], "WORK")
    assert first["id"] != old["id"]
    assert (first["primary"], second["primary"]) == (True, False)
    moved = {"id": old["id"], "email": fresh_email()}
    after = updated(client, after, {"emails": {"items": [moved]}})
    assert [item["id"] for item in after["info"]["emails"]["items"]] == [old["id"]]


@pytest.mark.parametrize(
    "mask",
    [
        "company,name.last",
        ["company", "name.last"],
        ["info.company", "info.name.last"],
        {"paths": ["company", "info.name.last"]},
    ],
)
def test_a_field_mask_of_any_form_writes_what_it_names(
    client: httpx2.Client, contact: Json, mask: Any
) -> None:
    info = {"name": {"first": "Ignored", "last": "Roe"}, "jobTitle": "Ignored"}
    after = updated(client, contact, info, fieldMask=mask)
    assert after["info"]["name"] == {"first": "John", "last": "Roe"}
    assert "company" not in after["info"], "masked and not sent: cleared"
    assert after["info"]["jobTitle"] == "Writer"


@pytest.mark.parametrize(
    ("mask", "says"), [("nonsense", "nonsense"), (["id"], "id"), (5, "a list"), ([5], "a list")]
)
def test_a_field_mask_that_names_nothing_of_a_contact_is_refused(
    client: httpx2.Client, contact: Json, mask: Any, says: str
) -> None:
    (violation,) = violations(update(client, contact, {"company": "X"}, fieldMask=mask))
    assert violation["field"] == "fieldMask"
    assert says in violation["description"]


@pytest.mark.parametrize("form", [str, float, lambda number: f"+{number}"])
def test_a_revision_may_be_sent_as_a_text(client: httpx2.Client, contact: Json, form: Any) -> None:
    updated(client, contact, {"company": "X"}, revision=form(contact["revision"]))


@pytest.mark.parametrize(
    ("revision", "rule"),
    [
        (None, "REQUIRED_FIELD"),
        ("", "REQUIRED_FIELD"),
        ({"revision": 17}, "OTHER"),
        ("many", "OTHER"),
        (1.5, "OTHER"),
        (True, "OTHER"),
        (-1, "MIN"),
        (2**31, "MAX"),
    ],
    ids=str,
)
def test_an_update_needs_a_revision_that_is_a_number(
    client: httpx2.Client, contact: Json, revision: Any, rule: str
) -> None:
    (violation,) = violations(update(client, contact, {"company": "X"}, revision=revision))
    assert (violation["field"], violation["violatedRule"]) == ("revision", rule)
    assert shown(client, contact) == contact


def test_a_missing_revision_is_named(client: httpx2.Client, contact: Json) -> None:
    path = f"{CONTACTS}/{contact['id']}"
    (violation,) = violations(client.patch(path, json={"info": {"company": "X"}}))
    assert (violation["field"], violation["violatedRule"]) == ("revision", "REQUIRED_FIELD")


@pytest.mark.parametrize("info", [None, {}, {"nonsense": 1}, {"_id": NOBODY}])
def test_an_update_of_nothing_is_refused(client: httpx2.Client, contact: Json, info: Any) -> None:
    answer = update(client, contact, info)
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INSUFFICIENT_UPDATE_CONTACT_DATA"


def test_an_update_cannot_take_the_last_thing_that_makes_a_contact(
    client: httpx2.Client, contact: Json
) -> None:
    answer = update(client, contact, {"name": {"first": "", "last": ""}, "emails": {}})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INSUFFICIENT_CONTACT_DATA"
    assert shown(client, contact) == contact


def test_an_email_of_somebody_else_is_409_unless_duplicates_are_allowed(
    client: httpx2.Client, contact: Json
) -> None:
    other = created(client, john())
    emails = {"items": [{"email": other["primaryInfo"]["email"].upper()}]}
    answer = update(client, contact, {"emails": emails})
    assert answer.status_code == 409
    error = application_error(answer)
    assert error["code"] == "DUPLICATE_CONTACT_EXISTS"
    assert error["data"]["duplicateContactId"] == other["id"]
    assert shown(client, contact) == contact
    own = {"items": [{"email": contact["primaryInfo"]["email"]}, {"email": fresh_email()}]}
    after = updated(client, contact, {"emails": own})
    updated(client, after, {"emails": emails}, allowDuplicates="true")


def test_all_problems_are_named_at_once(client: httpx2.Client, contact: Json) -> None:
    emails = {"items": [{"email": "x"}, {"email": fresh_email(), "tag": "FAX"}]}
    answer = update(
        client, contact, {"emails": emails, "company": 5}, revision="x", allowDuplicates="maybe"
    )
    assert {violation["field"] for violation in violations(answer)} == {
        "revision",
        "allowDuplicates",
        "info.company",
        "info.emails.items[0].email",
        "info.emails.items[1].tag",
    }


@pytest.mark.parametrize(
    ("info", "code"),
    [
        (
            {
                "phones": {
                    "items": [{"phone": "1", "primary": True}, {"phone": "2", "primary": True}]
                }
            },
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
        ),
        ({"extendedFields": {"items": {"other.x": 1}}}, "INVALID_EXTENDED_FIELD_VALUE"),
    ],
)
def test_what_a_create_refuses_an_update_refuses(
    client: httpx2.Client, contact: Json, info: Json, code: str
) -> None:
    answer = update(client, contact, info)
    assert answer.status_code == 400
    assert application_error(answer)["code"] == code
    assert shown(client, contact) == contact


def test_j29_a_url_without_its_scheme_gets_one(client: httpx2.Client, contact: Json) -> None:
    sent = {"displayName": f"Site {contact['id']}", "dataType": "URL"}
    key = client.post("/contacts/v4/extended-fields", json=sent).json()["field"]["key"]
    after = updated(client, contact, {"extendedFields": {"items": {key: "example.com"}}})
    assert after["info"]["extendedFields"]["items"][key] == "https://example.com"


def test_names_that_mean_nothing_are_reported(client: httpx2.Client, contact: Json) -> None:
    answer = update(client, contact, {"company": "X", "nickname": "J"}, extra=1)
    assert answer.status_code == 200
    ignored = set(answer.headers["contactory-ignored"].split(", "))
    assert ignored == {"extra", "info.nickname"}


@pytest.mark.parametrize("contact_id", [NOBODY, "nonsense", "%00", "x" * 500])
@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_a_contact_that_is_not_there_is_404(
    client: httpx2.Client, verb: str, contact_id: str
) -> None:
    body = {"info": {"company": "X"}, "revision": 1}
    answer = client.request(verb, f"{CONTACTS}/{contact_id}", json=body)
    assert answer.status_code == 404
    assert application_error(answer)["code"] == "CONTACT_NOT_FOUND"


def test_a_deleted_contact_is_gone_and_leaves_its_email(
    client: httpx2.Client, contact: Json
) -> None:
    path = f"{CONTACTS}/{contact['id']}"
    answer = client.delete(path)
    assert (answer.status_code, answer.json()) == (200, {})
    for gone in (client.get(path), client.delete(path), update(client, contact, {"company": "X"})):
        assert (gone.status_code, application_error(gone)["code"]) == (404, "CONTACT_NOT_FOUND")
    again = created(client, john(contact["primaryInfo"]["email"]))
    assert again["id"] != contact["id"]
