"""Custom fields of a site, and the typed values of contacts."""

from __future__ import annotations

from collections.abc import Iterable

from contactory.domain.errors import FieldsQuotaExceeded
from contactory.domain.extended_fields import (
    CheckedFields,
    FieldType,
    FieldValue,
    new_field_name,
)
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


async def get_field_types(
    tx: Transaction, site: RowId, keys: Iterable[str]
) -> dict[str, FieldType]:
    """The data types of those keys that exist."""
    types = {}
    for key in keys:
        row = await tx.row("get_field_type", site_id=site, key=key)
        if row is not None:
            types[key] = FieldType(row[0])
    return types


async def register_fields(
    tx: Transaction, site: RowId, checked: CheckedFields, now: Timestamp, *, quota: int
) -> None:
    """Make the fields that the checked values need. Raises FieldsQuotaExceeded."""
    if not checked.new:
        return
    count = await tx.row("count_fields", site_id=site)
    if (count[0] if count else 0) + len(checked.new) > quota:
        raise FieldsQuotaExceeded(quota)
    for key in sorted(checked.new):
        # The words may be in use as another field's name; the key never is.
        for name in (new_field_name(key), key):
            if await tx.run(
                "insert_field",
                site_id=site,
                key=key,
                display_name=name,
                data_type=checked.types[key].value,
                now=now.ms,
            ):
                break


async def insert_field_values(
    tx: Transaction, site: RowId, contact_id: str, checked: CheckedFields
) -> None:
    """Keep each custom value under its type, for filters and sorting."""
    owner = RowId(contact_id)
    for key in checked.types:
        value: FieldValue = checked.values[key]
        is_text = isinstance(value, str)
        await tx.run(
            "insert_field_value",
            site_id=site,
            field_key=key,
            contact_id=owner,
            text_value=value if is_text else None,
            number_value=None if is_text else float(value),
        )
