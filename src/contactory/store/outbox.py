"""Events, stored in the transaction of the write that caused them."""

from __future__ import annotations

from typing import Any

from contactory.domain.events import Event
from contactory.kit.ids import RowId


def event_row(site: RowId, event: Event) -> dict[str, Any]:
    """The parameters of `insert_event`, which goes with the statements that made it happen."""
    return {
        "site_id": site,
        "id": RowId(event.id),
        "entity_fqdn": event.entity_fqdn,
        "slug": event.slug,
        "entity_id": event.entity_id,
        "entity_sequence": event.entity_sequence,
        "created_at": event.time.ms,
        "identity": event.identity,
        "body": event.body,
    }
