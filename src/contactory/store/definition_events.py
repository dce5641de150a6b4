"""Stores the events of labels and extended fields, numbered per key."""

from __future__ import annotations

from contactory.domain.definition_events import Author, Change
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction
from contactory.store.outbox import event_row


async def tell(tx: Transaction, site: RowId, change: Change, author: Author) -> None:
    """Store the event; numbers go on where a key is deleted and made again (CONTRACT H.2)."""
    last = await tx.row(
        "last_event_sequence",
        site_id=site,
        entity_id=change.key,
        entity_fqdn=change.entity_type.value,
    )
    event = change.event((last[0] if last else 0) + 1, author)
    await tx.run("insert_event", **event_row(site, event))
