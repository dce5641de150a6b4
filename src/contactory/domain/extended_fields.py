"""Extended fields: which keys exist, who may write them, which values fit (CONTRACT A.8, E.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TypeAlias

import msgspec

from contactory.domain.errors import InvalidExtendedFieldValue
from contactory.domain.seed_names import rest_key
from contactory.kit.clock import Timestamp

MOST_FIELDS: Final = 100
_KEY: Final = re.compile(r"custom\.[\w-]+(?:\.[\w-]+)*")
_LONGEST_KEY: Final = 80
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS: Final = 18
_LARGEST_NUMBER: Final = 1e300
# A name with a port, such as example.com:8080, is no protocol.
_PROTOCOL: Final = re.compile(r"(?i:[a-z][a-z0-9+.-]*://|(?:mailto|tel|sms|geo|urn):)")

VAT_ID: Final = "invoices.vatId"
DISPLAY_BY_FIRST: Final = "contacts.displayByFirstName"
DISPLAY_BY_LAST: Final = "contacts.displayByLastName"
SUBSCRIPTION_STATUS: Final = "emailSubscriptions.subscriptionStatus"
DELIVERABILITY_STATUS: Final = "emailSubscriptions.deliverabilityStatus"
EFFECTIVE_EMAIL: Final = "emailSubscriptions.effectiveEmail"
MEMBERSHIP_STATUS: Final = "members.membershipStatus"

READ_ONLY: Final = frozenset(
    {
        DISPLAY_BY_FIRST,
        DISPLAY_BY_LAST,
        SUBSCRIPTION_STATUS,
        DELIVERABILITY_STATUS,
        EFFECTIVE_EMAIL,
        MEMBERSHIP_STATUS,
        "members.mobile",
        "ecom.numOfPurchases",
        "ecom.totalSpentAmount",
        "ecom.totalSpentCurrency",
        "ecom.lastPurchaseDate",
    }
)


class FieldType(StrEnum):
    """The data types of custom fields."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    URL = "URL"


FieldValue: TypeAlias = str | int | float

_TAKES: Final = {
    FieldType.TEXT: "a string",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a date such as 2026-11-24",
    FieldType.URL: "a web address",
}


class CheckedFields(msgspec.Struct, frozen=True):
    """Values that fit, and the custom fields that they need to exist."""

    values: dict[str, FieldValue]
    types: dict[str, FieldType]
    new: frozenset[str]


def custom_keys(fields: Mapping[str, Any]) -> list[str]:
    """The custom keys among those given, in REST spelling."""
    return [key for key in map(rest_key, fields) if key.startswith("custom.")]


def check_fields(
    fields: Mapping[str, Any], known: Mapping[str, FieldType], *, strict: bool
) -> CheckedFields:
    """Check values against the site's fields; null and "" count as not given.

    An unknown custom key becomes a new field (NUMBER for a number, else TEXT) unless `strict`.
    Read-only keys are ignored. Raises InvalidExtendedFieldValue naming every key that cannot be
    and every value that does not fit.
    """
    values: dict[str, FieldValue] = {}
    types: dict[str, FieldType] = {}
    new: set[str] = set()
    reasons: dict[str, str] = {}
    for sent_key, value in fields.items():
        key = rest_key(sent_key)
        if key in READ_ONLY or value is None or value == "":
            continue
        try:
            kind = _type_of(key, value, known, strict=strict)
            if key in values:
                raise ValueError("is given twice")
            values[key] = field_value(kind, value)
        except ValueError as error:
            reasons[_shown(key)] = str(error)
            continue
        if key != VAT_ID:
            types[key] = kind
            if key not in known:
                new.add(key)
    if reasons:
        raise InvalidExtendedFieldValue(reasons)
    return CheckedFields(values, types, frozenset(new))


def _type_of(key: str, value: Any, known: Mapping[str, FieldType], *, strict: bool) -> FieldType:
    if key == VAT_ID:
        return FieldType.TEXT
    if len(key) > _LONGEST_KEY:
        raise ValueError("has a key over 80 characters")
    if not _KEY.fullmatch(key):
        raise ValueError("does not exist: use a key such as custom.nickname, or invoices.vatId")
    if key in known:
        return known[key]
    if strict:
        raise ValueError("does not exist: create the field first")
    return FieldType.TEXT if isinstance(value, str) else FieldType.NUMBER


def _shown(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"


def field_value(kind: FieldType, value: Any) -> FieldValue:
    """The value in the form in which a field of this type keeps it.

    Raises ValueError with the reason when it does not fit.
    """
    match kind:
        case FieldType.NUMBER:
            return _number(value)
        case _ if not isinstance(value, str):
            raise ValueError(f"takes {_TAKES[kind]}")
        case FieldType.DATE:
            return _date(value)
        case FieldType.URL:
            return _url(value)
        case _:
            return value


def _number(value: Any) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if set(value) & set(".eE") or len(value) > _DIGITS else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"takes {_TAKES[FieldType.NUMBER]}")
    if not -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER:
        raise ValueError("takes a finite number up to 10^300")
    return value if isinstance(value, float) or abs(value) < 2**63 else float(value)


def _date(value: str) -> str:
    try:
        if not _DATE.match(value):
            raise ValueError(value)
        Timestamp.parse(value)
    except ValueError:
        raise ValueError(f"takes {_TAKES[FieldType.DATE]}") from None
    return value


def _url(value: str) -> str:
    url = value.strip()
    if not url or any(sign.isspace() for sign in url):
        raise ValueError(f"takes {_TAKES[FieldType.URL]}")
    return url if _PROTOCOL.match(url) else f"https://{url}"
