"""Labels of a site, and which contacts carry them."""

from __future__ import annotations

from collections.abc import Iterable

from contactory.domain.errors import LabelNotFound, LabelsQuotaReached
from contactory.domain.extended_fields import slug_as_words
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


async def register_labels(
    tx: Transaction, site: RowId, keys: Iterable[str], now: Timestamp, *, strict: bool, quota: int
) -> None:
    """See that the keys exist: make those that do not, unless `strict`.

    Raises LabelNotFound when strict, and LabelsQuotaReached.
    """
    missing = [key for key in keys if not await tx.row("get_label", site_id=site, key=key)]
    if not missing:
        return
    if strict:
        raise LabelNotFound(missing)
    count = await tx.row("count_labels", site_id=site)
    total = count[0] if count else 0
    if total + len(missing) > quota:
        raise LabelsQuotaReached(quota, total)
    for key in sorted(missing):
        # The words may be in use as another label's name; the key never is.
        for name in (slug_as_words(key), key):
            if await tx.run("insert_label", site_id=site, key=key, display_name=name, now=now.ms):
                break


async def insert_contact_labels(
    tx: Transaction, site: RowId, contact_id: str, keys: Iterable[str]
) -> None:
    """Note which labels a new contact carries."""
    owner = RowId(contact_id)
    for key in keys:
        await tx.run("insert_contact_label", site_id=site, label_key=key, contact_id=owner)
