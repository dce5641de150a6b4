"""Custom values as stores sort and compare them: by the type of their field (CONTRACT D.3)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import FieldType, FieldValue
from contactory.domain.filter_forms import compared, sort_form
from contactory.kit.clock import Timestamp


class TypedValue(msgspec.Struct, frozen=True):
    """A text, folded and as it is, or a number; instants are milliseconds since 1970."""

    text_key: str | None = None
    text: str | None = None
    number: float | None = None


def typed_value(kind: FieldType, value: FieldValue) -> TypedValue:
    """The value of a field of this type, for which it was checked."""
    match kind:
        case FieldType.NUMBER:
            return TypedValue(number=float(value))
        case FieldType.DATE:
            return TypedValue(number=float(Timestamp.parse(str(value)).ms))
        case _:
            return TypedValue(sort_form(str(value)), compared(str(value)))


def custom_values(contact: Contact) -> Mapping[str, FieldValue]:
    """The values of the contact's custom fields, by key."""
    items = contact.info.extended_fields.items
    return {key: value for key, value in items.items() if key.startswith("custom.")}
