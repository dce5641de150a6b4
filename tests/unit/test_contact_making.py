"""Contacts right after their creation: what is derived (CONTRACT A.1, A.3, A.8)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.contact_making import EmailStatus, with_status
from contactory.domain.contacts import LastActivity, PrimaryEmail, PrimaryInfo, PrimaryPhone
from tests.unit.contacts_made import ID, NOW, SOURCE, made

JOHN: dict[str, Any] = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "John@example.com"}]},
}


def test_new_contact_has_its_first_revision_its_source_and_its_dates() -> None:
    contact = made(JOHN)
    assert (contact.id, contact.revision, contact.source) == (ID, 1, SOURCE)
    assert contact.created_date == contact.updated_date == NOW
    assert contact.last_activity == LastActivity(activity_date=NOW, activity_type="CONTACT_CREATED")


@pytest.mark.parametrize(
    ("name", "by_first", "by_last"),
    [
        ({"first": "John", "last": "Doe"}, "John Doe", "Doe John"),
        ({"first": " John ", "last": "\tDoe"}, "John Doe", "Doe John"),
        ({"first": "Ann Marie", "last": "von Berg"}, "Ann Marie von Berg", "von Berg Ann Marie"),
        ({"first": "John"}, "John", "John"),
        ({"last": "Doe"}, "Doe", "Doe"),
    ],
)
def test_display_names(name: dict[str, str], by_first: str, by_last: str) -> None:
    fields = made({"name": name}).info.extended_fields.items
    assert fields["contacts.displayByFirstName"] == by_first
    assert fields["contacts.displayByLastName"] == by_last


@pytest.mark.parametrize("name", [{}, None, {"first": "  "}])
def test_without_a_name_there_are_no_display_names(name: Any) -> None:
    fields = made(JOHN | {"name": name}).info.extended_fields.items
    assert not [key for key in fields if key.startswith("contacts.")]


@pytest.mark.parametrize(
    ("recorded", "effective"),
    [
        ("NOT_SET", "UNSUBSCRIBED"),
        ("NO_SUBSCRIPTION_STATUS", "UNSUBSCRIBED"),
        ("UNSUBSCRIBED", "UNSUBSCRIBED"),
        ("SUBSCRIBED", "SUBSCRIBED"),
        ("PENDING", "PENDING"),
    ],
)
@pytest.mark.parametrize("deliverability", ["NOT_SET", "VALID", "BOUNCED", "SPAM_COMPLAINT"])
def test_recorded_and_effective_statuses(
    recorded: str, effective: str, deliverability: str
) -> None:
    contact = made(JOHN, EmailStatus(recorded, deliverability))
    assert contact.primary_email == PrimaryEmail(
        email="John@example.com",
        subscription_status=recorded,
        deliverability_status=deliverability,
    )
    fields = contact.info.extended_fields.items
    assert fields["emailSubscriptions.subscriptionStatus"] == effective
    assert fields["emailSubscriptions.deliverabilityStatus"] == deliverability
    shown = None if effective == "UNSUBSCRIBED" else "John@example.com"
    assert fields.get("emailSubscriptions.effectiveEmail") == shown


def test_consent_that_is_not_recorded_is_no_consent() -> None:
    contact = made(JOHN)
    assert contact.primary_email is not None
    assert contact.primary_email.subscription_status == "NOT_SET"
    fields = contact.info.extended_fields.items
    assert fields["emailSubscriptions.subscriptionStatus"] == "UNSUBSCRIBED"
    assert "emailSubscriptions.effectiveEmail" not in fields


def test_a_later_status_replaces_the_one_before() -> None:
    subscribed = made(JOHN, EmailStatus("SUBSCRIBED", "VALID"))
    assert with_status(subscribed, EmailStatus("UNSUBSCRIBED", "BOUNCED")) == made(
        JOHN | {"emails": {"items": [subscribed.info.emails.items[0]]}},
        EmailStatus("UNSUBSCRIBED", "BOUNCED"),
    )


def test_without_an_email_there_are_no_statuses() -> None:
    contact = made({"name": {"first": "John"}})
    assert contact.primary_email is None
    assert contact.primary_info == PrimaryInfo()
    assert with_status(contact, EmailStatus("SUBSCRIBED", "VALID")) == contact
    assert not [
        key for key in contact.info.extended_fields.items if key.startswith("emailSubscriptions")
    ]


def test_primary_email_is_that_of_the_primary_entry() -> None:
    items = [{"email": "a@example.com"}, {"email": "b@example.com", "primary": True}]
    contact = made({"emails": {"items": items}})
    assert contact.primary_info == PrimaryInfo(email="b@example.com")
    assert contact.primary_email is not None
    assert contact.primary_email.email == "b@example.com"


def test_primary_phone_shows_as_sent_and_normalised() -> None:
    items = [
        {"phone": "1"},
        {"phone": "(646) 567-6359", "countryCode": "US", "primary": "true"},
    ]
    contact = made({"phones": {"items": items}})
    assert contact.primary_info == PrimaryInfo(phone="(646) 567-6359")
    assert contact.primary_phone == PrimaryPhone(
        country_code="US",
        phone="646-567-6359",
        e164_phone="+16465676359",
        formatted_phone="+1 646-567-6359",
        subscription_status="NOT_SET",
    )


def test_phone_that_is_no_valid_number_has_no_subscription() -> None:
    contact = made({"phones": {"items": [{"phone": "601-081-124", "countryCode": "US"}]}})
    assert contact.primary_phone == PrimaryPhone(
        country_code="US", phone="601-081-124", subscription_status="NO_SUBSCRIPTION_STATUS"
    )


def test_vat_id_is_there_even_when_empty() -> None:
    assert made(JOHN).info.extended_fields.items["invoices.vatId"] == ""
    sent = JOHN | {"extendedFields": {"items": {"invoices.vatId": "DE1"}}}
    assert made(sent).info.extended_fields.items["invoices.vatId"] == "DE1"


def test_client_cannot_write_computed_fields() -> None:
    fields = {
        "contacts.displayByFirstName": "Somebody Else",
        "emailSubscriptions.subscriptionStatus": "SUBSCRIBED",
        "emailSubscriptions.effectiveEmail": "x@example.com",
        "custom.nickname": "Jonny",
    }
    shown = made(JOHN | {"extendedFields": {"items": fields}}).info.extended_fields.items
    assert shown["contacts.displayByFirstName"] == "John Doe"
    assert shown["emailSubscriptions.subscriptionStatus"] == "UNSUBSCRIBED"
    assert "emailSubscriptions.effectiveEmail" not in shown
    assert shown["custom.nickname"] == "Jonny"
