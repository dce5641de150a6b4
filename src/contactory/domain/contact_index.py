"""What stores look contacts up by: a pure function of the contact, so that updates write changes.

Texts are kept twice: folded, to sort and to find by prefix, and as they are, to compare. Both are
cut, because a database limits what an index takes; whoever compares takes no longer texts.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from contactory.domain.contact_groups import EVERYBODY, Group
from contactory.domain.contacts import Contact, ContactInfo, ContactPhone
from contactory.domain.emails import email_key
from contactory.domain.extended_fields import EFFECTIVE_EMAIL
from contactory.domain.filter_forms import compared, sort_form

MISSING: Final = "\U0010ffff"
"""Stands where a contact has no value: it sorts after every text."""

SORTED_BY: Final = {
    "lastActivity.activityDate": "activity_at",
    "primaryInfo.email": "email_key",
    "primaryEmail.email": "email_key",
    f"info.extendedFields.{EFFECTIVE_EMAIL}": "effective_email",
    "primaryPhone.formattedPhone": "phone_key",
    "primaryPhone.countryCode": "country",
    "info.name.first": "first_key",
    "info.name.last": "last_key",
    "info.company": "company_key",
    "info.jobTitle": "job_key",
    "info.birthdate": "birthdate",
}
"""The column by which a field is sorted, by the field's path; creation goes by id."""

_PUNCTUATION: Final = re.compile(r"[^\w+]|_|(?<!^)\+")

Term = tuple[str, str, str]
"""A field, and its value folded and as it is."""

Counted = tuple[str, str]
"""A field and a value of it whose contacts are counted."""

FILLED: Final = "columns"
"""The counted field that tells which columns of a contact have a value, with blanks between."""

CARRIED: Final = "fields"
"""The counted field whose values are the keys of custom fields."""

NAMES_BESIDE: Final = ("first_key", "last_key")
"""Columns that stand beside each term too, so that its contacts are sorted by them at once."""

SHARED_FIELDS: Final = frozenset(
    {"city", "subdivision", "country", "locale", "location", "assignee"}
)
"""Fields of terms of which many contacts have the same value."""

FILLABLE: Final = (
    "birthdate",
    "company_key",
    "country",
    "email_key",
    "first_key",
    "job_key",
    "last_key",
    "phone_key",
)
"""Columns of which it is told whether they have a value."""


class ContactIndex(msgspec.Struct, frozen=True, gc=False):
    """Columns to sort and filter by, terms of fields that repeat, and what is counted.

    `counts` has a group's name with each label of the contact, and with EVERYBODY; `values` what is
    counted of fields: which columns are filled, and the values of fields that many may share.
    """

    columns: dict[str, Any]
    terms: frozenset[Term]
    counts: frozenset[tuple[str, str]]
    values: frozenset[Counted]


def phone_form(phone: str) -> str:
    """A phone without punctuation, so that each way of writing a number finds it."""
    if phone.removeprefix("+").isalnum():
        return sort_form(phone)
    return sort_form(_PUNCTUATION.sub("", phone))


def contact_index(contact: Contact) -> ContactIndex:
    """All of it, for a contact that shows everything."""
    info = contact.info
    activity = contact.last_activity
    email = contact.primary_email
    phone = contact.primary_phone
    columns = {
        "activity_at": activity.activity_date.ms if activity else 0,
        "email_key": email_key(email.email) if email else MISSING,
        "effective_email": _effective_email(info),
        "phone_key": (phone and phone.formatted_phone) or MISSING,
        "country": (phone and phone.country_code) or MISSING,
        "birthdate": info.birthdate or MISSING,
    }
    _put_text(columns, "first", info.name.first)
    _put_text(columns, "last", info.name.last)
    _put_text(columns, "company", info.company)
    _put_text(columns, "job", info.job_title)
    terms = _terms(contact)
    return ContactIndex(columns, terms, _counts(contact), _values(columns, terms))


def _put_text(columns: dict[str, Any], name: str, text: str | None) -> None:
    columns[f"{name}_key"] = sort_form(text) if text else MISSING
    columns[f"{name}_text"] = compared(text) if text else ""


def _effective_email(info: ContactInfo) -> str:
    email = info.extended_fields.items.get(EFFECTIVE_EMAIL)
    return email_key(str(email)) if email else MISSING


def _counts(contact: Contact) -> frozenset[tuple[str, str]]:
    group = Group.of(contact).name
    labels = contact.info.label_keys.items
    return frozenset([(EVERYBODY, group), *((key, group) for key in labels)])


def _values(columns: dict[str, Any], terms: frozenset[Term]) -> frozenset[Counted]:
    filled = " ".join([name for name in FILLABLE if columns[name] != MISSING])
    if not terms:
        return frozenset([(FILLED, filled)])
    shared = [(field, exact or key) for field, key, exact in terms if field in SHARED_FIELDS]
    return frozenset([(FILLED, filled), *shared])


def _terms(contact: Contact) -> frozenset[Term]:
    info = contact.info
    lists = (info.phones, info.addresses, info.locations, info.assigned_user_ids)
    if not (info.locale or any(part.items for part in lists)):
        return _NO_TERMS
    terms: set[Term] = set()
    for entry in info.phones.items:
        _add_phone(terms, contact, entry)
    for place in (entry.address for entry in info.addresses.items):
        _add_text(terms, "street", place.address_line)
        _add_text(terms, "city", place.city)
        _add_text(terms, "subdivision", place.subdivision)
        _add_text(terms, "country", place.country)
    _add_text(terms, "locale", info.locale)
    terms.update(("location", key, "") for key in info.locations.items)
    terms.update(("assignee", key, "") for key in info.assigned_user_ids.items)
    return frozenset(terms)


_NO_TERMS: Final[frozenset[Term]] = frozenset()


def _add_text(terms: set[Term], field: str, text: str | None) -> None:
    if text:
        terms.add((field, sort_form(text), compared(text)))


def _add_phone(terms: set[Term], contact: Contact, entry: ContactPhone) -> None:
    """A phone in every form in which it may be asked for; the primary one apart from others."""
    kind = "primary_phone" if entry.primary else "phone"
    forms = [entry.phone, entry.e164_phone]
    if entry.primary and contact.primary_info:
        forms.append(contact.primary_info.phone)
    terms.update([(kind, phone_form(form), "") for form in forms if form])
    _add_text(terms, "primary_e164" if entry.primary else "e164", entry.e164_phone)
