"""The tables of fields (CONTRACT D.2 to D.4), and the spellings of paths."""

from __future__ import annotations

import pytest

from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import (
    CONTACT_FIELDS,
    EXTENDED_FIELDS,
    FACETS,
    LABELS,
    contact_field,
    custom_key,
)
from contactory.domain.filters import Kind
from tests.unit.filters_read import CONTACTS, TYPES

TEXTS = "$eq $ne $in $exists $startsWith"
RANGES = "$eq $ne $gt $lt $gte $lte"
IDS = "$eq $ne $in $exists"
WORDS = "$eq $ne $in $nin"
TABLE = {
    "id": (IDS, False),
    "createdDate": (RANGES, True),
    "updatedDate": (RANGES, False),
    "lastActivity.activityDate": (RANGES, True),
    "primaryInfo.email": (TEXTS, True),
    "primaryInfo.phone": (TEXTS, False),
    "primaryEmail.email": (TEXTS, True),
    "primaryEmail.subscriptionStatus": (WORDS, False),
    "primaryEmail.deliverabilityStatus": (WORDS, False),
    "primaryPhone.phone": (TEXTS, False),
    "primaryPhone.e164Phone": (TEXTS, False),
    "primaryPhone.formattedPhone": (TEXTS, True),
    "primaryPhone.countryCode": (TEXTS, True),
    "primaryPhone.subscriptionStatus": (WORDS, False),
    "info.name.first": (TEXTS, True),
    "info.name.last": (TEXTS, True),
    "info.emails.email": (TEXTS, False),
    "info.phones.phone": (TEXTS, False),
    "info.phones.e164Phone": (TEXTS, False),
    "info.addresses.street": (TEXTS, False),
    "info.addresses.city": (TEXTS, False),
    "info.addresses.subdivision": (IDS, False),
    "info.addresses.country": (IDS, False),
    "info.company": (TEXTS, True),
    "info.jobTitle": (TEXTS, True),
    "info.birthdate": (RANGES, True),
    "info.locale": (IDS, False),
    "info.labelKeys": ("$hasSome $hasAll", False),
    "info.locations": ("$hasSome $hasAll", False),
    "info.assignedUserIds": ("$hasSome $hasAll", False),
    "info.extendedFields.members.membershipStatus": (WORDS, False),
    "info.extendedFields.emailSubscriptions.subscriptionStatus": (WORDS, False),
    "info.extendedFields.emailSubscriptions.deliverabilityStatus": (WORDS, False),
    "info.extendedFields.emailSubscriptions.effectiveEmail": ("$exists", True),
    "info.extendedFields.contacts.displayByFirstName": ("$exists", False),
    "info.extendedFields.contacts.displayByLastName": ("$exists", False),
    "info.extendedFields.ecom.numOfPurchases": (RANGES, True),
    "info.extendedFields.ecom.totalSpentAmount": (RANGES, True),
    "info.extendedFields.ecom.lastPurchaseDate": (RANGES, True),
    "info.extendedFields.members.mobile": ("$eq $ne", False),
    "info.extendedFields.invoices.vatId": ("", False),
    "info.extendedFields.custom.nickname": ("$eq $ne $in $startsWith", True),
    "info.extendedFields.custom.site": ("$eq $ne $in $startsWith", True),
    "info.extendedFields.custom.age": (RANGES, True),
    "info.extendedFields.custom.met": (RANGES, True),
}


@pytest.mark.parametrize("path", TABLE)
def test_contact_fields_take_what_the_contract_lists(path: str) -> None:
    operators, is_sortable = TABLE[path]
    field = contact_field(path, TYPES)
    assert field is not None
    assert (field.path, field.operators) == (path, frozenset(operators.split()))
    assert field.is_sortable is is_sortable


def test_there_are_no_further_contact_fields() -> None:
    assert CONTACT_FIELDS.keys() == {path for path in TABLE if ".custom." not in path}


def test_labels_and_extended_fields_take_what_the_contract_lists() -> None:
    common = {
        "key": "$eq $ne $in",
        "displayName": "$eq $ne $in $startsWith",
        "createdDate": RANGES,
        "updatedDate": RANGES,
        "namespace": "$eq $ne",
    }
    labels = {path: " ".join(field.operators) for path, field in LABELS.fields.items()}
    fields = {path: " ".join(field.operators) for path, field in EXTENDED_FIELDS.fields.items()}
    for found, own in (
        (labels, {"labelType": "$eq"}),
        (fields, {"fieldType": "$eq", "dataType": "$eq $ne"}),
    ):
        expected = common | own
        assert {path: set(text.split()) for path, text in found.items()} == {
            path: set(text.split()) for path, text in expected.items()
        }
    for lookup in (LABELS, EXTENDED_FIELDS):
        sortable = {path for path, field in lookup.fields.items() if field.is_sortable}
        assert sortable == {"displayName", "createdDate", "updatedDate"}


def test_facets_know_three_fields() -> None:
    assert set(FACETS.fields) == {
        f"info.extendedFields.emailSubscriptions.{name}"
        for name in ("effectiveEmail", "subscriptionStatus", "deliverabilityStatus")
    }


@pytest.mark.parametrize(
    ("spelling", "path"),
    [
        ("_id", "id"),
        ("_createdDate", "createdDate"),
        ("_updatedDate", "updatedDate"),
        ("info.extendedFields.items.custom.age", "info.extendedFields.custom.age"),
        ("info.extendedFields.items.custom._id", "info.extendedFields.custom.id"),
        (
            "info.extendedFields.items.emailSubscriptions.effectiveEmail",
            "info.extendedFields.emailSubscriptions.effectiveEmail",
        ),
    ],
)
def test_other_spellings_mean_the_same_field(spelling: str, path: str) -> None:
    field = contact_field(spelling, TYPES)
    assert field is not None
    assert field.path == path


def test_custom_fields_compare_by_their_type() -> None:
    kinds = {key: CONTACTS.find(f"info.extendedFields.{key}") for key in TYPES}
    assert {key: field and field.kind for key, field in kinds.items()} == {
        "custom.nickname": Kind.TEXT,
        "custom.site": Kind.TEXT,
        "custom.age": Kind.NUMBER,
        "custom.met": Kind.INSTANT,
        "custom.id": Kind.TEXT,
    }
    assert contact_field("info.extendedFields.custom.other", TYPES) is None
    assert contact_field("custom.age", {"custom.age": FieldType.NUMBER}) is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("info.emails.items.email", "info.emails.email"),
        ("info.emails", "info.emails.email"),
        ("info.phones.items.phone", "info.phones.phone"),
        ("info.labelKeys.items", "info.labelKeys"),
        ("info.addresses.items.address.city", "info.addresses.city"),
        ("info.addresses.items.address.addressLine", "info.addresses.street"),
        ("info.name.lst", "info.name.last"),
        ("company", "info.company"),
        ("name.first", "info.name.first"),
        ("_createDate", "createdDate"),
        ("shoe size", None),
    ],
)
def test_wrong_paths_lead_to_the_right_one(path: str, meant: str | None) -> None:
    assert CONTACTS.find(path) is None
    assert CONTACTS.suggestion(path) == meant


def test_custom_keys_are_told_from_other_fields() -> None:
    assert custom_key("info.extendedFields.items.custom._id") == "custom.id"
    assert custom_key("info.extendedFields.invoices.vatId") is None
    assert custom_key("custom.age") is None
