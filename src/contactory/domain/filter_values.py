"""Reads the values of filters as their fields have them (CONTRACT D.1, D.5, 1.5)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NoReturn

import msgspec

from contactory.domain.emails import LONGEST_EMAIL
from contactory.domain.errors import (
    MalformedFilter,
    UnsupportedFilterValue,
    UnsupportedFilterValueType,
)
from contactory.domain.filter_fields import Dialect
from contactory.domain.filter_forms import (
    LONGEST_COMPARED,
    MOST_COMPARED_BYTES,
    email_form,
    folded,
    instant_text,
    is_comparable,
    is_storable,
    shown,
)
from contactory.domain.filters import Field, Kind, Value
from contactory.kit.clock import Timestamp
from contactory.kit.ids import as_guid

_LARGEST_NUMBER: Final = 1e300
_LARGEST_WHOLE: Final = 2**63
_DAY_LENGTH: Final = len("2026-11-24")
_MOST: Final = f"{LONGEST_COMPARED} characters and {MOST_COMPARED_BYTES} bytes of UTF-8"
_EXPECTED: Final = {
    Kind.INSTANT: "an instant such as 2026-11-24T10:30:00.000Z",
    Kind.DAY: "a date such as 2026-11-24",
    Kind.NUMBER: "a number",
}


class Operand(msgspec.Struct, frozen=True):
    """What an operator was given, and where."""

    sent: Any
    path: str
    field: Field
    operator: str
    dialect: Dialect

    def items(self) -> Sequence[Operand]:
        """The items of a list. Raises MalformedFilter where there is none."""
        if not isinstance(self.sent, list | tuple):
            self._malformed("a list of values")
        return [
            Operand(item, f"{self.path}[{at}]", self.field, self.operator, self.dialect)
            for at, item in enumerate(self.sent)
        ]

    def flag(self) -> bool:
        """True or false, also as words (CONTRACT 1.5). Raises MalformedFilter for all else."""
        if isinstance(self.sent, bool):
            return self.sent
        if self.sent not in ("true", "false"):
            self._malformed("true or false")
        return bool(self.sent == "true")

    def text(self) -> str:
        """A text of at most 200 characters and 600 bytes."""
        text = self._storable()
        if not is_comparable(text):
            self.refuse(f"must have at most {_MOST}")
        return text

    def email(self) -> str:
        """A text of as many characters as an e-mail may have, in the form that is compared."""
        text = self._storable()
        if len(text) > LONGEST_EMAIL:
            self.refuse(f"must have at most {LONGEST_EMAIL} characters")
        return email_form(text)

    def _storable(self) -> str:
        if not isinstance(self.sent, str):
            self.wrong_kind("a string")
        text = str.__str__(self.sent)
        if not is_storable(text):
            self.refuse("must not hold NUL or unpaired surrogates")
        return text

    def wrong_kind(self, expected: str) -> NoReturn:
        """Refuse a value of another JSON kind (labels and fields have no code of its own)."""
        advice = ": use $in with a list" if isinstance(self.sent, list | tuple) else ""
        kind = (
            UnsupportedFilterValueType
            if self.dialect is Dialect.CONTACTS
            else UnsupportedFilterValue
        )
        raise kind(
            f"{self.path} must be {expected}{advice}",
            path=self.path,
            field=self.field.path,
            operator=self.operator,
        )

    def refuse(self, reason: str) -> NoReturn:
        """Refuse a value that the field cannot have."""
        raise UnsupportedFilterValue(
            f"{self.path} {reason}", path=self.path, field=self.field.path, operator=self.operator
        )

    def _malformed(self, expected: str) -> NoReturn:
        raise MalformedFilter(
            f"{self.path} must be {expected}",
            path=self.path,
            field=self.field.path,
            operator=self.operator,
        )


def read_value(operand: Operand) -> Value:
    """The value in the form of the tree.

    Raises UnsupportedFilterValueType for another JSON kind than the field's (of labels and fields
    UnsupportedFilterValue), UnsupportedFilterValue for a value that the field cannot have.
    """
    return _READERS[operand.field.kind](operand)


def read_prefix(operand: Operand) -> str:
    """A prefix, case-folded."""
    prefix = folded(operand.text())
    if not is_comparable(prefix):
        operand.refuse(f"must have at most {_MOST} without letter case")
    return prefix


def _guid(operand: Operand) -> str:
    guid = as_guid(operand.text())
    if guid is None:
        operand.refuse("is not a valid GUID")
    return guid


def _key(operand: Operand) -> str:
    # Locations and users are GUIDs; a label's key looks like none.
    text = operand.text()
    return as_guid(text) or text


def _word(operand: Operand) -> str:
    text = operand.text()
    if text not in operand.field.words:
        operand.refuse(f"is {shown(text)!r}: use one of {', '.join(operand.field.words)}")
    return text


def _instant(operand: Operand) -> int:
    try:
        return Timestamp.parse(_date_text(operand)).ms
    except ValueError:
        operand.refuse(f"must be {_EXPECTED[Kind.INSTANT]}")


def _day(operand: Operand) -> str:
    """A date; of an instant, the date that it has in UTC."""
    text = _date_text(operand)
    try:
        return Timestamp.parse(text).date().isoformat()
    except ValueError:
        operand.refuse(f"must be {_EXPECTED[Kind.DAY]}")


def _date_text(operand: Operand) -> str:
    sent = operand.sent
    if isinstance(sent, date):
        try:
            return instant_text(sent)
        except ValueError:
            operand.refuse("lies outside of the years 1 to 9999")
    if not isinstance(sent, str):
        operand.wrong_kind(_EXPECTED[operand.field.kind])
    return operand.text()


def _number(operand: Operand) -> int | float:
    value = operand.sent
    if isinstance(value, bool) or not isinstance(value, int | float):
        operand.wrong_kind(_EXPECTED[Kind.NUMBER])
    if (isinstance(value, float) and not math.isfinite(value)) or abs(value) > _LARGEST_NUMBER:
        operand.refuse("must be a finite number up to 10^300")
    if isinstance(value, int) and abs(value) < _LARGEST_WHOLE:
        return int(value)
    return float(value)


_READERS: Final[Mapping[Kind, Callable[[Operand], Value]]] = {
    Kind.TEXT: Operand.text,
    Kind.PHONE: Operand.text,
    Kind.EMAIL: Operand.email,
    Kind.GUID: _guid,
    Kind.KEYS: _key,
    Kind.WORD: _word,
    Kind.INSTANT: _instant,
    Kind.DAY: _day,
    Kind.NUMBER: _number,
}
