"""Which fields can be filtered and sorted by, and with which operators (CONTRACT D.2 to D.4)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from contactory.domain.extended_fields import VAT_ID, FieldType
from contactory.domain.filters import Field, Kind
from contactory.domain.seed_names import rest_key

_EQUALITY: Final = frozenset({"$eq", "$ne"})
_LISTS: Final = _EQUALITY | {"$in"}
_WORDS: Final = _LISTS | {"$nin"}
_IDS: Final = _LISTS | {"$exists"}
_TEXTS: Final = _IDS | {"$startsWith"}
_CUSTOM_TEXTS: Final = _LISTS | {"$startsWith"}
_RANGES: Final = _EQUALITY | {"$gt", "$gte", "$lt", "$lte"}
_KEYS: Final = frozenset({"$hasSome", "$hasAll"})
_EXISTS: Final = frozenset({"$exists"})
_EQUAL: Final = frozenset({"$eq"})
_NONE: Final[frozenset[str]] = frozenset()

_SUBSCRIPTION: Final = ("NOT_SET", "PENDING", "SUBSCRIBED", "UNSUBSCRIBED")
_RECORDED_SUBSCRIPTION: Final = ("NO_SUBSCRIPTION_STATUS", *_SUBSCRIPTION)
_DELIVERABILITY: Final = ("NOT_SET", "VALID", "BOUNCED", "SPAM_COMPLAINT", "INACTIVE")
_MEMBERSHIP: Final = ("APPROVED", "DENIED", "PENDING", "INACTIVE", "OFFLINE_ONLY")

EXTENDED: Final = "info.extendedFields."
_SPELLED_OUT: Final = f"{EXTENDED}items."
CUSTOM_PREFIX: Final = f"{EXTENDED}custom."
_LONGEST_SHOWN: Final = 120
_LIKENESS: Final = 0.75


class Dialect(StrEnum):
    """Two generations of the API, which name the same refusals differently (CONTRACT D.5)."""

    CONTACTS = "CONTACTS"
    DEFINITIONS = "DEFINITIONS"  # labels and extended fields


def _table(fields: Iterable[Field]) -> Mapping[str, Field]:
    return {field.path: field for field in fields}


CONTACT_FIELDS: Final = _table(
    (
        Field("id", Kind.GUID, _IDS),
        Field("createdDate", Kind.INSTANT, _RANGES, is_sortable=True),
        Field("updatedDate", Kind.INSTANT, _RANGES),
        Field("lastActivity.activityDate", Kind.INSTANT, _RANGES, is_sortable=True),
        Field("primaryInfo.email", Kind.EMAIL, _TEXTS, is_sortable=True),
        Field("primaryInfo.phone", Kind.PHONE, _TEXTS),
        Field("primaryEmail.email", Kind.EMAIL, _TEXTS, is_sortable=True),
        Field("primaryEmail.subscriptionStatus", Kind.WORD, _WORDS, words=_RECORDED_SUBSCRIPTION),
        Field("primaryEmail.deliverabilityStatus", Kind.WORD, _WORDS, words=_DELIVERABILITY),
        Field("primaryPhone.phone", Kind.PHONE, _TEXTS),
        Field("primaryPhone.e164Phone", Kind.TEXT, _TEXTS),
        Field("primaryPhone.formattedPhone", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("primaryPhone.countryCode", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("primaryPhone.subscriptionStatus", Kind.WORD, _WORDS, words=_RECORDED_SUBSCRIPTION),
        Field("info.name.first", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("info.name.last", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("info.emails.email", Kind.EMAIL, _TEXTS),
        Field("info.phones.phone", Kind.PHONE, _TEXTS),
        Field("info.phones.e164Phone", Kind.TEXT, _TEXTS),
        Field("info.addresses.street", Kind.TEXT, _TEXTS),
        Field("info.addresses.city", Kind.TEXT, _TEXTS),
        Field("info.addresses.subdivision", Kind.TEXT, _IDS),
        Field("info.addresses.country", Kind.TEXT, _IDS),
        Field("info.company", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("info.jobTitle", Kind.TEXT, _TEXTS, is_sortable=True),
        Field("info.birthdate", Kind.DAY, _RANGES, is_sortable=True),
        Field("info.locale", Kind.TEXT, _IDS),
        Field("info.labelKeys", Kind.KEYS, _KEYS),
        Field("info.locations", Kind.KEYS, _KEYS),
        Field("info.assignedUserIds", Kind.KEYS, _KEYS),
        Field(f"{EXTENDED}members.membershipStatus", Kind.WORD, _WORDS, words=_MEMBERSHIP),
        Field(
            f"{EXTENDED}emailSubscriptions.subscriptionStatus",
            Kind.WORD,
            _WORDS,
            words=_SUBSCRIPTION,
        ),
        Field(
            f"{EXTENDED}emailSubscriptions.deliverabilityStatus",
            Kind.WORD,
            _WORDS,
            words=_DELIVERABILITY,
        ),
        Field(
            f"{EXTENDED}emailSubscriptions.effectiveEmail", Kind.EMAIL, _EXISTS, is_sortable=True
        ),
        Field(f"{EXTENDED}contacts.displayByFirstName", Kind.TEXT, _EXISTS),
        Field(f"{EXTENDED}contacts.displayByLastName", Kind.TEXT, _EXISTS),
        Field(f"{EXTENDED}ecom.numOfPurchases", Kind.NUMBER, _RANGES, is_sortable=True),
        Field(f"{EXTENDED}ecom.totalSpentAmount", Kind.NUMBER, _RANGES, is_sortable=True),
        Field(f"{EXTENDED}ecom.lastPurchaseDate", Kind.INSTANT, _RANGES, is_sortable=True),
        Field(f"{EXTENDED}members.mobile", Kind.WORD, _EQUALITY, words=("true", "false")),
        Field(f"{EXTENDED}{VAT_ID}", Kind.TEXT, _NONE),
    )
)
"""The fields of every site's contacts, by path (CONTRACT D.2, D.3); custom fields come to them."""

_DEFINITIONS: Final = (
    Field("key", Kind.TEXT, _LISTS),
    Field("displayName", Kind.TEXT, _CUSTOM_TEXTS, is_sortable=True),
    Field("createdDate", Kind.INSTANT, _RANGES, is_sortable=True),
    Field("updatedDate", Kind.INSTANT, _RANGES, is_sortable=True),
    Field("namespace", Kind.TEXT, _EQUALITY),
)
_LABEL_TYPES: Final = ("SYSTEM", "USER_DEFINED", "WIX_APP_DEFINED")
_FIELD_TYPES: Final = ("SYSTEM", "USER_DEFINED", "UNKNOWN_FIELD_TYPE")
_DATA_TYPES: Final = (*FieldType, "UNKNOWN_DATA_TYPE")

LABEL_FIELDS: Final = _table(
    (*_DEFINITIONS, Field("labelType", Kind.WORD, _EQUAL, words=_LABEL_TYPES))
)
"""The fields of labels, by path (CONTRACT D.4)."""

EXTENDED_FIELD_FIELDS: Final = _table(
    (
        *_DEFINITIONS,
        Field("fieldType", Kind.WORD, _EQUAL, words=_FIELD_TYPES),
        Field("dataType", Kind.WORD, _EQUALITY, words=tuple(map(str, _DATA_TYPES))),
    )
)
"""The fields of extended-field definitions, by path (CONTRACT D.4)."""

FACET_FIELDS: Final = _table(
    CONTACT_FIELDS[f"{EXTENDED}emailSubscriptions.{name}"]
    for name in ("effectiveEmail", "subscriptionStatus", "deliverabilityStatus")
)
"""What facets can be restricted by (CONTRACT B.9)."""

_CUSTOM_KINDS: Final = {
    FieldType.TEXT: (Kind.TEXT, _CUSTOM_TEXTS),
    FieldType.URL: (Kind.TEXT, _CUSTOM_TEXTS),
    FieldType.NUMBER: (Kind.NUMBER, _RANGES),
    FieldType.DATE: (Kind.INSTANT, _RANGES),
}

_OTHER_NAMES: Final = {
    "info.emails": "info.emails.email",
    "info.phones": "info.phones.phone",
    "info.addresses.address.city": "info.addresses.city",
    "info.addresses.address.country": "info.addresses.country",
    "info.addresses.address.subdivision": "info.addresses.subdivision",
    "info.addresses.address.addressLine": "info.addresses.street",
    "info.addresses.address.streetAddress.name": "info.addresses.street",
    "info.addresses.addressLine": "info.addresses.street",
    "lastActivity": "lastActivity.activityDate",
}


class FieldLookup(msgspec.Struct, frozen=True):
    """The fields that one kind of query knows; `custom` are the types of a site's own fields."""

    fields: Mapping[str, Field]
    dialect: Dialect = Dialect.CONTACTS
    custom: Mapping[str, FieldType] = {}

    def find(self, path: str) -> Field | None:
        """The field of a path in any accepted spelling; None when there is none."""
        rest = rest_path(path)
        if rest in self.fields:
            return self.fields[rest]
        return _custom_field(rest, self.custom) if self.custom else None

    def suggestion(self, path: str) -> str | None:
        """The known path that was probably meant."""
        rest = rest_path(path)[:_LONGEST_SHOWN]
        bare = ".".join(part for part in rest.split(".") if part != "items")
        for name in (bare, _OTHER_NAMES.get(bare), f"info.{bare}"):
            if name in self.fields:
                return name
        return next(iter(difflib.get_close_matches(bare, self.fields, 1, _LIKENESS)), None)


LABELS: Final = FieldLookup(LABEL_FIELDS, Dialect.DEFINITIONS)
"""What queries of labels know."""

EXTENDED_FIELDS: Final = FieldLookup(EXTENDED_FIELD_FIELDS, Dialect.DEFINITIONS)
"""What queries of extended fields know."""

FACETS: Final = FieldLookup(FACET_FIELDS)
"""What queries of facets know."""


def contact_lookup(types: Mapping[str, FieldType]) -> FieldLookup:
    """What queries of contacts know; `types` by key, of the custom fields that are named."""
    return FieldLookup(CONTACT_FIELDS, Dialect.CONTACTS, types)


def contact_field(path: str, types: Mapping[str, FieldType]) -> Field | None:
    """The field of a path of contacts, also of a custom field (CONTRACT D.3)."""
    return contact_lookup(types).find(path)


def rest_path(path: str) -> str:
    """A path in REST spelling: `_id` is `id`, and extended fields need no `items`."""
    rest = rest_key(path)
    if rest.startswith(_SPELLED_OUT):
        return f"{EXTENDED}{rest.removeprefix(_SPELLED_OUT)}"
    return rest


def custom_key(path: str) -> str | None:
    """The key of the custom field that a path names, None where it names another field."""
    rest = rest_path(path)
    return rest.removeprefix(EXTENDED) if rest.startswith(CUSTOM_PREFIX) else None


def _custom_field(rest: str, types: Mapping[str, FieldType]) -> Field | None:
    key = custom_key(rest)
    if key is None or key not in types:
        return None
    kind, operators = _CUSTOM_KINDS[types[key]]
    return Field(f"{EXTENDED}{key}", kind, operators, is_sortable=True)
