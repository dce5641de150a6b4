"""Extended fields that a site defined itself, and the events of their changes."""

from __future__ import annotations

from collections.abc import Iterable

from contactory.domain.definition_events import Author, EntityType, created, deleted, updated
from contactory.domain.definition_keys import keys_for_field, names_for_key
from contactory.domain.errors import AlreadyExists, FieldsQuotaExceeded
from contactory.domain.extended_fields import CheckedFields, FieldType
from contactory.domain.field_definitions import ExtendedField, own_field, system_field_named
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.contacts import Changed
from contactory.store.definition_events import tell
from contactory.store.engine import Row, Transaction


async def get_field_types(
    tx: Transaction, site: RowId, keys: Iterable[str]
) -> dict[str, FieldType]:
    """The data types of those keys that exist."""
    return await _types(tx, site, "get_field_type", keys)


async def hold_field_types(
    tx: Transaction, site: RowId, keys: Iterable[str]
) -> dict[str, FieldType]:
    """The same; the fields exist until the transaction ends."""
    return await _types(tx, site, "hold_field_type", sorted(keys))


async def find_field(tx: Transaction, site: RowId, key: str) -> ExtendedField | None:
    """The field with this key, None if there is none."""
    row = await tx.row("get_field", site_id=site, key=key)
    return None if row is None else _field(row)


async def find_field_named(tx: Transaction, site: RowId, display_name: str) -> ExtendedField | None:
    """The field with exactly this name, None if there is none."""
    row = await tx.row("find_field_named", site_id=site, display_name=display_name)
    return None if row is None else _field(row)


async def list_fields(tx: Transaction, site: RowId) -> list[ExtendedField]:
    """All fields of the site itself, in no order."""
    return [_field(row) for row in await tx.rows("list_fields", site_id=site)]


async def insert_field(
    tx: Transaction,
    site: RowId,
    display_name: str,
    data_type: FieldType,
    author: Author,
    *,
    quota: int,
) -> ExtendedField | None:
    """Make a field with this name and a key made of it (CONTRACT E.4).

    None where somebody took the name meanwhile. Raises FieldsQuotaExceeded.
    """
    await _check_quota(tx, site, 1, quota)
    for key in keys_for_field(display_name):
        field = own_field(key, display_name, data_type, author.now, author.now)
        if await _insert(tx, site, field, author):
            return field
        if await find_field_named(tx, site, display_name):
            return None
    return None


async def register_fields(
    tx: Transaction,
    site: RowId,
    checked: CheckedFields,
    author: Author,
    *,
    quota: int,
) -> None:
    """Make the fields that the checked values need. Raises FieldsQuotaExceeded, and Changed."""
    if not checked.new:
        return
    await _check_quota(tx, site, len(checked.new), quota)
    for key in sorted(checked.new):
        for name in names_for_key(key):
            # The words may be in use as another field's name.
            field = own_field(key, name, checked.types[key], author.now, author.now)
            if not system_field_named(name) and await _insert(tx, site, field, author):
                break
            if made := (await hold_field_types(tx, site, [key])).get(key):
                if made is not checked.types[key]:
                    raise Changed  # Somebody else was faster, with a value of another type.
                break


async def rename_field(
    tx: Transaction, site: RowId, key: str, display_name: str, author: Author
) -> ExtendedField | None:
    """Give the field another name; None if there is no such field.

    Raises AlreadyExists where another field has the name.
    """
    field = await find_field(tx, site, key)
    if field is None or field.display_name == display_name:
        return field
    if not await tx.run(
        "rename_field", site_id=site, key=key, display_name=display_name, now=author.now.ms
    ):
        other = await find_field_named(tx, site, display_name)
        raise AlreadyExists(
            f"Another field has the name {display_name}: choose another name, or use that field",
            key=other.key if other else None,
        )
    renamed = await find_field(tx, site, key)
    if renamed is not None:
        await tell(tx, site, updated(EntityType.EXTENDED_FIELD, renamed, before=field), author)
    return renamed


async def delete_field(tx: Transaction, site: RowId, key: str, author: Author) -> None:
    """Delete the field, in which no contact has a value any more."""
    if await tx.run("delete_field", site_id=site, key=key):
        await tell(tx, site, deleted(EntityType.EXTENDED_FIELD, key), author)


async def _types(
    tx: Transaction, site: RowId, query: str, keys: Iterable[str]
) -> dict[str, FieldType]:
    wanted = list(keys)
    found = await tx.rows_of([(query, {"site_id": site, "key": key}) for key in wanted])
    return {key: FieldType(rows[0][0]) for key, rows in zip(wanted, found, strict=True) if rows}


async def _insert(tx: Transaction, site: RowId, field: ExtendedField, author: Author) -> bool:
    """Whether the field was made: neither its key nor its name is another one's."""
    if not await tx.run(
        "insert_field",
        site_id=site,
        key=field.key,
        display_name=field.display_name,
        data_type=field.data_type.value,
        now=author.now.ms,
    ):
        return False
    await tell(tx, site, created(EntityType.EXTENDED_FIELD, field), author)
    return True


async def _check_quota(tx: Transaction, site: RowId, more: int, quota: int) -> None:
    await tx.row("hold_site", site_id=site)
    count = await tx.row("count_fields", site_id=site)
    if (count[0] if count else 0) + more > quota:
        raise FieldsQuotaExceeded(quota)


def _field(row: Row) -> ExtendedField:
    key, display_name, data_type, created, updated = row
    dates = Timestamp.from_ms(created), Timestamp.from_ms(updated)
    return own_field(key, display_name, FieldType(data_type), *dates)
