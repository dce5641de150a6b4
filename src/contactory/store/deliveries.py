"""Deliveries: what became of each event that a subscription wants."""

from __future__ import annotations

from typing import Final

import msgspec

from contactory.domain.event_feed import PlacedEvent
from contactory.domain.subscriptions import Delivery, DeliveryState
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Statement, Transaction
from contactory.store.outbox import event_of
from contactory.store.rows import as_instant_or_none, as_text

BEYOND: Final = 2**63 - 1
"""A place after all."""


class Due(msgspec.Struct, frozen=True):
    """An event to try again, and how often it was tried."""

    placed: PlacedEvent
    attempts: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt came to; `due` tells when to try again, None where that is not to be."""

    state: DeliveryState
    attempts: int
    due: Timestamp | None
    tried: Timestamp
    status: int | None
    reason: str
    duration_ms: int


def entity_of(placed: PlacedEvent) -> str:
    """What an event is about: its events are told one after the other."""
    return f"{placed.event.entity_fqdn}/{placed.event.entity_id}"


def attempted(
    site: RowId, subscription: RowId, placed: PlacedEvent, event_type: str, outcome: Outcome
) -> Statement:
    """What keeps the outcome of an attempt."""
    return "put_delivery", {
        **_row(site, subscription, placed, event_type),
        "state": outcome.state.value,
        "attempts": outcome.attempts,
        "due_at": None if outcome.due is None else outcome.due.ms,
        "tried_at": outcome.tried.ms,
        "status": outcome.status,
        "reason": outcome.reason,
        "duration_ms": outcome.duration_ms,
    }


def behind(
    site: RowId, subscription: RowId, placed: PlacedEvent, event_type: str, due: Timestamp
) -> Statement:
    """What keeps an event that waits for an earlier one of its entity."""
    return "put_behind", {**_row(site, subscription, placed, event_type), "due_at": due.ms}


def deferred(site: RowId, subscription: RowId, entity: str, due: Timestamp) -> Statement:
    """What lets all wait that waits of an entity."""
    key = {"site_id": site, "subscription_id": subscription}
    return "defer_entity", {**key, "entity": entity, "due_at": due.ms}


async def waiting_entities(
    tx: Transaction, site: RowId, subscription: RowId
) -> dict[str, Timestamp]:
    """Entities with events that wait, and when they are due."""
    rows = await tx.rows("waiting_entities", site_id=site, subscription_id=subscription)
    return {entity: Timestamp.from_ms(due) for entity, due in rows}


async def due_deliveries(
    tx: Transaction, site: RowId, subscription: RowId, now: Timestamp, most: int
) -> list[Due]:
    """What is due now, in the order of the events."""
    key = {"site_id": site, "subscription_id": subscription}
    rows = await tx.rows("due_deliveries", **key, now=now.ms, most=most)
    return [Due(PlacedEvent(row[0], event_of(row[2:])), row[1]) for row in rows]


async def count_waiting(tx: Transaction, site: RowId, subscription: RowId) -> int:
    """How many events wait for another attempt."""
    row = await tx.row("count_waiting", site_id=site, subscription_id=subscription)
    return row[0] if row else 0


async def list_deliveries(
    tx: Transaction,
    site: RowId,
    subscription: RowId,
    state: DeliveryState | None,
    *,
    before: int,
    most: int,
) -> list[tuple[int, Delivery]]:
    """The deliveries of events before that place, the newest first, each with its place."""
    key = {"site_id": site, "subscription_id": subscription, "position": before, "most": most}
    if state is None:
        rows = await tx.rows("list_deliveries", **key)
    else:
        rows = await tx.rows("list_deliveries_in_state", **key, state=state.value)
    return [(row[0], _delivery(row)) for row in rows]


async def find_delivery(
    tx: Transaction, site: RowId, subscription: RowId, position: int
) -> Delivery | None:
    """What became of the event at this place."""
    key = {"site_id": site, "subscription_id": subscription}
    row = await tx.row("get_delivery", **key, position=position)
    return None if row is None else _delivery(row)


async def retry_delivery(
    tx: Transaction, site: RowId, subscription: RowId, position: int, now: Timestamp
) -> bool:
    """Try the event at this place again, as if for the first time."""
    key = {"site_id": site, "subscription_id": subscription}
    return bool(await tx.run("retry_delivery", **key, position=position, now=now.ms))


async def retry_state(
    tx: Transaction, site: RowId, subscription: RowId, state: DeliveryState, now: Timestamp
) -> int:
    """Try all again that are in this state; how many."""
    key = {"site_id": site, "subscription_id": subscription}
    return await tx.run("retry_state", **key, state=state.value, now=now.ms)


async def retry_waiting(tx: Transaction, site: RowId, subscription: RowId, now: Timestamp) -> int:
    """Let all that waits be due now; how many."""
    return await tx.run("retry_waiting", site_id=site, subscription_id=subscription, now=now.ms)


async def drop_delivery(tx: Transaction, site: RowId, subscription: RowId, position: int) -> bool:
    """Try the event at this place no more; False where it was delivered, or is none."""
    key = {"site_id": site, "subscription_id": subscription}
    return bool(await tx.run("drop_delivery", **key, position=position))


async def forget_deliveries(
    tx: Transaction, site: RowId, subscription: RowId, *, before: Timestamp, most: int
) -> int:
    """Delete some of what was done with before that moment; how many."""
    key = {"site_id": site, "subscription_id": subscription}
    return await tx.run("forget_deliveries", **key, before=before.ms, most=most)


def _row(
    site: RowId, subscription: RowId, placed: PlacedEvent, event_type: str
) -> dict[str, object]:
    return {
        "site_id": site,
        "subscription_id": subscription,
        "position": placed.position,
        "event_id": RowId(placed.event.id),
        "entity": entity_of(placed),
        "event_type": event_type,
    }


def _delivery(row: Row) -> Delivery:
    _, event, entity, kind, state, attempts, due, tried, status, reason, duration = row
    return Delivery(
        event_id=as_text(event),
        event_type=kind,
        entity_id=entity.partition("/")[2],
        state=DeliveryState(state),
        attempts=attempts,
        next_attempt_date=as_instant_or_none(due),
        last_attempt_date=as_instant_or_none(tried),
        status=status,
        reason=reason,
        duration_ms=duration,
    )
