"""Labels that a site defined itself, and the events of their changes."""

from __future__ import annotations

from collections.abc import Iterable

from contactory.domain.definition_events import Author, EntityType, created, deleted, updated
from contactory.domain.definition_keys import keys_for_label, names_for_key
from contactory.domain.errors import AlreadyExists, LabelNotFound, LabelsQuotaReached
from contactory.domain.labels import Label, own_label, system_label_named
from contactory.domain.languages import Language
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.definition_events import tell
from contactory.store.engine import Row, Transaction


async def find_label(
    tx: Transaction, site: RowId, key: str, language: Language = Language.EN
) -> Label | None:
    """The label with this key, None if there is none."""
    row = await tx.row("get_label", site_id=site, key=key)
    return None if row is None else _label(row, language)


async def find_label_named(
    tx: Transaction, site: RowId, display_name: str, language: Language = Language.EN
) -> Label | None:
    """The label with exactly this name, None if there is none."""
    row = await tx.row("find_label_named", site_id=site, display_name=display_name)
    return None if row is None else _label(row, language)


async def list_labels(
    tx: Transaction, site: RowId, language: Language = Language.EN
) -> list[Label]:
    """All labels of the site itself, in no order."""
    return [_label(row, language) for row in await tx.rows("list_labels", site_id=site)]


async def insert_label(
    tx: Transaction,
    site: RowId,
    display_name: str,
    language: Language,
    author: Author,
    *,
    quota: int,
) -> Label | None:
    """Make a label with this name and a key made of it (CONTRACT E.3).

    None where somebody took the name meanwhile. Raises LabelsQuotaReached.
    """
    await _check_quota(tx, site, 1, quota)
    for key in keys_for_label(display_name):
        if await _insert(tx, site, key, display_name, author):
            return await find_label(tx, site, key, language)
        if await find_label_named(tx, site, display_name):
            return None
    return None


async def register_labels(
    tx: Transaction,
    site: RowId,
    keys: Iterable[str],
    author: Author,
    *,
    strict: bool,
    quota: int,
) -> None:
    """See that the keys exist: make those that do not, unless `strict` (CONTRACT E.5).

    They exist until the transaction ends. Raises LabelNotFound when strict, and LabelsQuotaReached.
    """
    wanted = list(keys)
    held = await tx.rows_of([("hold_label", {"site_id": site, "key": key}) for key in wanted])
    missing = [key for key, found in zip(wanted, held, strict=True) if not found]
    if not missing:
        return
    if strict:
        raise LabelNotFound(missing)
    await _check_quota(tx, site, len(missing), quota)
    for key in sorted(missing):
        for name in names_for_key(key):
            # The words may be in use as another label's name.
            if not system_label_named(name) and await _insert(tx, site, key, name, author):
                break
            if await tx.row("hold_label", site_id=site, key=key):
                break


async def rename_label(
    tx: Transaction,
    site: RowId,
    key: str,
    display_name: str,
    language: Language,
    author: Author,
) -> Label | None:
    """Give the label another name; None if there is no such label.

    Raises AlreadyExists where another label has the name.
    """
    label = await find_label(tx, site, key, language)
    if label is None or label.display_name == display_name:
        return label
    if not await tx.run(
        "rename_label", site_id=site, key=key, display_name=display_name, now=author.now.ms
    ):
        other = await find_label_named(tx, site, display_name)
        raise AlreadyExists(
            f"Another label has the name {display_name}: choose another name, or use that label",
            key=other.key if other else None,
        )
    renamed = await find_label(tx, site, key)
    if renamed is not None:
        await tell(tx, site, updated(EntityType.LABEL, renamed, before=label), author)
    return await find_label(tx, site, key, language)


async def delete_label(tx: Transaction, site: RowId, key: str, author: Author) -> None:
    """Delete the label, which no contact carries any more."""
    if await tx.run("delete_label", site_id=site, key=key):
        await tell(tx, site, deleted(EntityType.LABEL, key), author)


async def _insert(
    tx: Transaction, site: RowId, key: str, display_name: str, author: Author
) -> bool:
    """Whether the label was made: neither its key nor its name is another one's."""
    if not await tx.run(
        "insert_label", site_id=site, key=key, display_name=display_name, now=author.now.ms
    ):
        return False
    label = own_label(key, display_name, author.now, author.now, Language.EN)
    await tell(tx, site, created(EntityType.LABEL, label), author)
    return True


async def _check_quota(tx: Transaction, site: RowId, more: int, quota: int) -> None:
    await tx.row("hold_site", site_id=site)
    count = await tx.row("count_labels", site_id=site)
    total = count[0] if count else 0
    if total + more > quota:
        raise LabelsQuotaReached(quota, total)


def _label(row: Row, language: Language) -> Label:
    key, display_name, created, updated = row
    dates = Timestamp.from_ms(created), Timestamp.from_ms(updated)
    return own_label(key, display_name, *dates, language)
