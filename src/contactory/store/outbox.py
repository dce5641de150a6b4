"""Events, stored in the transaction of the write that caused them."""

from __future__ import annotations

from contactory.domain.events import Event
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


async def insert_event(tx: Transaction, site: RowId, event: Event) -> None:
    """Store one event for delivery."""
    await tx.run(
        "insert_event",
        site_id=site,
        id=RowId(event.id),
        entity_fqdn=event.entity_fqdn,
        slug=event.slug,
        entity_id=event.entity_id,
        entity_sequence=event.entity_sequence,
        created_at=event.time.ms,
        identity=event.identity,
        body=event.body,
    )
