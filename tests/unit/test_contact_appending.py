"""Submits that meet a contact: they add to it and overwrite nothing."""

from __future__ import annotations

from typing import Any, Final

import pytest

from contactory.domain.contact_appending import AppendedContact, appended_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, LastActivity, Name
from contactory.domain.extended_fields import check_fields
from contactory.kit.clock import Timestamp
from tests.unit.contacts_made import NOW, made

LATER: Final = Timestamp.parse("2024-01-01T00:00:00Z")
OLD: Final[dict[str, Any]] = {
    "name": {"first": "John"},
    "emails": {"items": [{"email": "john@example.com"}]},
    "company": "Wix",
    "labelKeys": {"items": ["custom.a"]},
    "extendedFields": {"items": {"custom.a": "x"}},
}


def appended(info: Any, old: Contact | None = None, **more: Any) -> AppendedContact:
    read = read_info(info)
    values = check_fields(read.fields, {}, strict=False).values
    return appended_contact(old or made(OLD), read, values, now=LATER, **more)


def test_nothing_is_overwritten_and_what_is_empty_is_filled() -> None:
    old = made(OLD)
    result = appended(
        {
            "name": {"first": "john", "last": "Doe"},
            "emails": {"items": [{"email": "JOHN@example.com"}, {"email": "new@example.com"}]},
            "company": "Acme",
            "jobTitle": "Poet",
            "labelKeys": {"items": ["custom.b", "custom.a"]},
            "extendedFields": {"items": {"custom.a": "y", "custom.b": 5, "invoices.vatId": "DE1"}},
        },
        old,
    )
    info = result.contact.info
    assert result.is_changed
    assert info.name == Name(first="John", last="Doe")
    assert info.emails.items[0] == old.info.emails.items[0]
    assert [(entry.email, entry.primary) for entry in info.emails.items[1:]] == [
        ("new@example.com", False)
    ]
    assert (info.company, info.job_title) == ("Wix", "Poet")
    assert info.label_keys.items == ("custom.a", "custom.b")
    fields = info.extended_fields.items
    assert (fields["custom.a"], fields["custom.b"], fields["invoices.vatId"]) == ("x", 5, "DE1")
    assert fields["contacts.displayByFirstName"] == "John Doe"


def test_activity_and_revision_are_new_even_when_nothing_is_changed() -> None:
    old = made(OLD)
    result = appended({"emails": OLD["emails"]}, old, activity_type="FORM_SUBMITTED")
    contact = result.contact
    assert not result.is_changed
    assert contact.info == old.info
    assert (contact.revision, contact.updated_date, contact.created_date) == (2, LATER, NOW)
    assert contact.last_activity == LastActivity(
        activity_date=LATER, activity_type="FORM_SUBMITTED"
    )
    assert appended(OLD).contact.last_activity == LastActivity(
        activity_date=LATER, activity_type="GENERAL"
    )


def test_first_phone_is_primary_and_shows_as_sent() -> None:
    items = [
        {"phone": "2142682998", "countryCode": "US"},
        {"phone": "6465676359", "countryCode": "US", "primary": True},
    ]
    contact = appended({"phones": {"items": items}}).contact
    assert [entry.primary for entry in contact.info.phones.items] == [False, True]
    assert contact.primary_info is not None
    assert contact.primary_info.phone == "6465676359"
    assert contact.primary_info.email == "john@example.com"
    again = appended({"phones": {"items": [{"phone": "1", "countryCode": "US"}]}}, contact).contact
    assert again.primary_info == contact.primary_info


@pytest.mark.parametrize(
    ("name", "entry", "most"),
    [
        ("emails", lambda at: {"email": f"a{at}@example.com"}, 50),
        ("phones", lambda at: {"phone": f"{at}"}, 50),
        ("addresses", lambda at: {"address": {"city": f"{at}"}}, 50),
    ],
)
def test_entries_beyond_the_limits_are_left_out(name: str, entry: Any, most: int) -> None:
    full = made({"name": {"first": "J"}} | {name: {"items": [entry(at) for at in range(most - 1)]}})
    sent = {
        "name": {"first": "J"},
        name: {"items": [entry(at) for at in range(most - 2, most + 5)]},
    }
    found = getattr(appended(sent, full).contact.info, name).items
    assert len(found) == most
    assert found[: most - 1] == getattr(full.info, name).items


def test_labels_beyond_the_limit_are_left_out() -> None:
    old = made(OLD | {"labelKeys": {"items": [f"custom.{at}" for at in range(2000)]}})
    sent = OLD | {"labelKeys": {"items": ["custom.new"]}}
    assert appended(sent, old).contact.info.label_keys == old.info.label_keys
