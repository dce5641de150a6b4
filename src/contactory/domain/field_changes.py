"""What an update changes among the extended fields of a contact (CONTRACT E.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contactory.domain.errors import InvalidExtendedFieldValue
from contactory.domain.extended_fields import (
    READ_ONLY,
    CheckedFields,
    FieldType,
    FieldValue,
    check_fields,
)
from contactory.domain.seed_names import rest_key


class FieldChanges(msgspec.Struct, frozen=True):
    """Values to set, keys to remove, and whether all others that callers write go too."""

    checked: CheckedFields
    removed: frozenset[str]
    replaces_all: bool = False


NO_CHANGES = FieldChanges(CheckedFields({}, {}, frozenset()), frozenset())


def check_field_changes(
    fields: Mapping[str, Any],
    known: Mapping[str, FieldType],
    *,
    strict: bool,
    replaces_all: bool = False,
) -> FieldChanges:
    """Check values as `check_fields` does; null and "" remove a value.

    Read-only keys are ignored. Raises InvalidExtendedFieldValue.
    """
    checked = check_fields(fields, known, strict=strict)
    removed = {rest_key(key) for key, value in fields.items() if value is None or value == ""}
    if twice := removed & checked.values.keys():
        raise InvalidExtendedFieldValue(dict.fromkeys(sorted(twice), "is given twice"))
    return FieldChanges(checked, frozenset(removed - READ_ONLY), replaces_all)


def with_changes(old: Mapping[str, FieldValue], changes: FieldChanges) -> dict[str, FieldValue]:
    """The values after the changes."""
    kept = {
        key: value
        for key, value in old.items()
        if key not in changes.removed and not (changes.replaces_all and key not in READ_ONLY)
    }
    return kept | changes.checked.values
