"""Merges: what they removed, and which contact stands for another one now."""

from __future__ import annotations

from contactory.domain.errors import ContactNotFound
from contactory.kit.ids import RowId
from contactory.store.contacts import StoredContact, load_contact
from contactory.store.engine import Transaction
from contactory.store.rows import as_text


async def current_contact(tx: Transaction, site: RowId, contact_id: str) -> StoredContact:
    """The contact, or that into which it was merged, also over several merges.

    Raises ContactNotFound.
    """
    seen: set[str] = set()
    while (stored := await load_contact(tx, site, contact_id)) is None:
        row = await tx.row("get_merge_target", site_id=site, source_id=RowId(contact_id))
        if row is None or contact_id in seen:
            raise ContactNotFound
        seen.add(contact_id)
        contact_id = as_text(row[0])
    return stored
