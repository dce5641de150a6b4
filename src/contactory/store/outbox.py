"""Events: stored in the transaction of the write that caused them, read in the order of commits."""

from __future__ import annotations

from typing import Any

from contactory.domain.contact_events import CONTACT_FQDN
from contactory.domain.event_feed import PlacedEvent
from contactory.domain.events import Event
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, least_id_at
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text

MOST_PLACED = 5_000
"""How many events get their places at one go: others of the site wait that long at most."""


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


def event_of(row: Row) -> Event:
    """An event from its columns, from the id on."""
    event_id, fqdn, slug, entity_id, sequence, created, identity, body = row
    return Event(
        id=as_text(event_id),
        entity_fqdn=fqdn,
        slug=slug,
        entity_id=entity_id,
        entity_sequence=sequence,
        time=Timestamp.from_ms(created),
        identity=identity,
        body=body,
    )


async def sites_with_unplaced(tx: Transaction) -> list[RowId]:
    """The sites with events that have no place yet."""
    return [RowId(as_text(row[0])) for row in await tx.rows("sites_with_unplaced_events")]


async def has_unplaced(tx: Transaction, site: RowId) -> bool:
    """Whether the site has committed events without a place."""
    return await tx.row("has_unplaced_events", site_id=site) is not None


async def place_events(tx: Transaction, site: RowId) -> int:
    """Give committed events their places, after all that have one; how many.

    One at a time does so for a site, until its commit: whoever sees a place sees all before it.
    """
    await tx.row("hold_site", site_id=site)
    return await tx.run("place_events", site_id=site, most=MOST_PLACED)


async def events_after(tx: Transaction, site: RowId, position: int, most: int) -> list[PlacedEvent]:
    """The next events after this place."""
    rows = await tx.rows("events_after", site_id=site, position=position, most=most)
    return [PlacedEvent(row[0], event_of(row[1:])) for row in rows]


async def find_event(tx: Transaction, site: RowId, event_id: RowId) -> PlacedEvent | None:
    """The event with this id, where it has a place."""
    row = await tx.row("get_event", site_id=site, id=event_id)
    return None if row is None or row[0] is None else PlacedEvent(row[0], event_of(row[1:]))


async def last_position(tx: Transaction, site: RowId) -> int:
    """The place of the newest event, 0 where there is none."""
    row = await tx.row("last_position", site_id=site)
    return row[0] if row else 0


async def first_position_since(tx: Transaction, site: RowId, since: Timestamp) -> int | None:
    """The place of the first event since that moment, or of one shortly before; None for none."""
    row = await tx.row("first_position_since", site_id=site, id=least_id_at(since.ms))
    return row[0] if row else None


async def forgotten_position(tx: Transaction, site: RowId) -> int:
    """Up to which place events may be gone because of their age."""
    row = await tx.row("get_forgotten", site_id=site)
    return row[0] if row else 0


async def forget_events(
    tx: Transaction, site: RowId, *, before: Timestamp, position: int, most: int
) -> int:
    """Delete events from before that moment and place that nobody waits for; how many.

    The newest event of the site stays, for the next one counts on from it.
    """
    rows = await tx.rows(
        "forgettable_events",
        site_id=site,
        id=least_id_at(before.ms),
        position=min(position, await last_position(tx, site)),
        contacts=CONTACT_FQDN,
        most=most,
    )
    if not rows:
        return 0
    last = max(place for _, place in rows)
    await tx.run("put_forgotten", site_id=site, position=last, before=before.ms)
    return await tx.run_all(
        [("delete_event", {"site_id": site, "id": RowId(as_text(row[0]))}) for row in rows]
    )
