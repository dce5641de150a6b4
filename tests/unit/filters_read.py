"""Shortcuts for tests of filters."""

from __future__ import annotations

from typing import Any

from contactory.domain.errors import ContactoryError
from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import LABELS, contact_lookup
from contactory.domain.filter_reading import read_filter
from contactory.domain.filters import Filter

TYPES = {
    "custom.nickname": FieldType.TEXT,
    "custom.site": FieldType.URL,
    "custom.age": FieldType.NUMBER,
    "custom.met": FieldType.DATE,
    "custom.id": FieldType.TEXT,
}
CONTACTS = contact_lookup(TYPES)


def read(sent: Any) -> Filter:
    """The filter of contacts."""
    return read_filter(sent, CONTACTS)


def refusal(sent: Any, *, labels: bool = False) -> tuple[str, dict[str, Any], str]:
    """Code, data and message with which the filter is refused."""
    try:
        read_filter(sent, LABELS if labels else CONTACTS)
    except ContactoryError as error:
        return error.code, error.data, error.message
    raise AssertionError(f"not refused: {sent!r}")
