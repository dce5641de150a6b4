"""Extended fields: which keys exist, who may write them, which values fit (CONTRACT A.8, E.5)."""

from __future__ import annotations

import math
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
_PROTOCOL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

VAT_ID: Final = "invoices.vatId"
DISPLAY_BY_FIRST: Final = "contacts.displayByFirstName"
DISPLAY_BY_LAST: Final = "contacts.displayByLastName"
SUBSCRIPTION_STATUS: Final = "emailSubscriptions.subscriptionStatus"
DELIVERABILITY_STATUS: Final = "emailSubscriptions.deliverabilityStatus"
EFFECTIVE_EMAIL: Final = "emailSubscriptions.effectiveEmail"

READ_ONLY: Final = frozenset(
    {
        DISPLAY_BY_FIRST,
        DISPLAY_BY_LAST,
        SUBSCRIPTION_STATUS,
        DELIVERABILITY_STATUS,
        EFFECTIVE_EMAIL,
        "members.membershipStatus",
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
    Read-only keys are ignored. Raises InvalidExtendedFieldValue for the first value that does not
    fit and for keys that cannot be.
    """
    values: dict[str, FieldValue] = {}
    types: dict[str, FieldType] = {}
    new: set[str] = set()
    for sent_key, value in fields.items():
        key = rest_key(sent_key)
        if key in READ_ONLY or value is None or value == "":
            continue
        if key == VAT_ID:
            values[key] = field_value(key, FieldType.TEXT, value)
            continue
        _check_key(key)
        kind = known.get(key)
        if kind is None:
            if strict:
                raise InvalidExtendedFieldValue(key, "does not exist: create the field first")
            kind = FieldType.TEXT if isinstance(value, str) else FieldType.NUMBER
            new.add(key)
        types[key] = kind
        values[key] = field_value(key, kind, value)
    return CheckedFields(values, types, frozenset(new))


def field_value(key: str, kind: FieldType, value: Any) -> FieldValue:
    """The value in the form in which a field of this type keeps it.

    Raises InvalidExtendedFieldValue when it does not fit.
    """
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise InvalidExtendedFieldValue(key, "must not hold NUL or unpaired surrogates")
    match kind:
        case FieldType.NUMBER:
            return _number(key, value)
        case FieldType.DATE:
            return _date(key, value)
        case _ if not isinstance(value, str):
            raise InvalidExtendedFieldValue(key, "takes a string")
        case FieldType.URL if not _PROTOCOL.match(value):
            return f"https://{value}"
        case _:
            return str(value)


def new_field_name(key: str) -> str:
    """The display name of a field that was made on the fly: its slug as words."""
    return slug_as_words(key)


def slug_as_words(key: str) -> str:
    """`custom.at-risk` as "At Risk"."""
    words = key.split(".", 1)[1].replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or key


def _check_key(key: str) -> None:
    if len(key) > _LONGEST_KEY:
        raise InvalidExtendedFieldValue(key[:_LONGEST_KEY] + "…", "has a key over 80 characters")
    if not _KEY.fullmatch(key):
        raise InvalidExtendedFieldValue(
            key, "does not exist: use a key such as custom.nickname, or invoices.vatId"
        )


def _number(key: str, value: Any) -> int | float:
    if isinstance(value, str):
        try:
            value = int(value) if re.fullmatch(r"[+-]?\d{1,18}", value.strip()) else float(value)
        except ValueError:
            raise InvalidExtendedFieldValue(key, "takes a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidExtendedFieldValue(key, "takes a number")
    if not math.isfinite(value) or abs(value) > _LARGEST_NUMBER:
        raise InvalidExtendedFieldValue(key, "takes a finite number up to 10^300")
    return value if isinstance(value, float) or abs(value) < 2**63 else float(value)


def _date(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidExtendedFieldValue(key, "takes a date such as 2026-11-24")
    try:
        Timestamp.parse(value)
    except (ValueError, OverflowError):
        raise InvalidExtendedFieldValue(key, "takes a date such as 2026-11-24") from None
    return value


_LARGEST_NUMBER: Final = 10**300
