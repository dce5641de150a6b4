"""Takes events for a subscription and keeps what became of them, so that none is lost or overtaken.

How far a subscription is stands in its row, and what did not go well in rows of its own, written
together: whoever goes on after whatever end of the one before repeats at most what was under way.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import msgspec

from contactory.domain.event_feed import PlacedEvent
from contactory.domain.event_types import event_type
from contactory.domain.subscriptions import DeliveryState, Subscription, SubscriptionKind
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id
from contactory.ops.settings import Settings
from contactory.store.deliveries import (
    Outcome,
    attempted,
    behind,
    count_waiting,
    deferred,
    due_deliveries,
    entity_of,
    retry_waiting,
    waiting_entities,
)
from contactory.store.engine import Statement, Store, Transaction
from contactory.store.outbox import events_after, place_events, sites_with_unplaced
from contactory.store.subscriptions import (
    Lease,
    advance,
    end_lease,
    find_subscription,
    pause,
    position_of,
    subscriptions_with_work,
    take_lease,
)

MOST_TAKEN: Final = 100
"""How many events are delivered at one go."""

MOST_WAITING: Final = 500
"""With so many that wait for another attempt, a subscription takes no new ones."""

_OUTAGE: Final = timedelta(minutes=1)
"""After so long without any success, the first one lets all that waits be due."""


class Attempt(msgspec.Struct, frozen=True):
    """What one call of a receiver came to: `reason` is "" where it was received."""

    reason: str
    duration_ms: int
    tried: Timestamp
    status: int | None = None


class Item(msgspec.Struct, frozen=True):
    """An event to deliver, its type, and how often that was tried before."""

    placed: PlacedEvent
    event_type: str
    attempts: int

    @property
    def entity(self) -> str:
        """Events of one entity are delivered one after the other."""
        return entity_of(self.placed)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscription is to be told now.

    `behind` are new events whose entity waits already, with the moment it is due; after all of
    them, the subscription is at `position`.
    """

    subscription: Subscription
    items: Sequence[Item]
    behind: Sequence[tuple[Item, Timestamp]]
    read_position: int
    position: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do, not even to pass over what nobody wants."""
        return not self.items and not self.behind and self.position == self.read_position


class DeliveryQueue:
    """The work at the subscriptions of a store, for one worker."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._worker = RowId(new_id())

    async def place_all(self) -> bool:
        """Give events that were committed their places; whether there were any."""
        sites = await self._store.read(sites_with_unplaced)
        for site in sites:
            await self._store.write(partial(place_events, site=site))
        return bool(sites)

    async def waiting(self, kind: SubscriptionKind) -> list[tuple[Lease, Subscription]]:
        """The subscriptions with work, which another worker may take meanwhile."""
        now = Timestamp.current()
        found = await self._store.read(lambda tx: subscriptions_with_work(tx, kind, now))
        return [(Lease(site, one.id, self._worker), one) for site, one in found]

    async def lease(self, lease: Lease) -> bool:
        """Take or keep a subscription; False where another worker has it, or it is paused."""
        return await self._store.write(lambda tx: take_lease(tx, lease, Timestamp.current()))

    async def release(self, lease: Lease) -> None:
        """Let another worker have it."""
        await self._store.write(lambda tx: end_lease(tx, lease))

    async def take(self, lease: Lease) -> Taken | None:
        """What to deliver next; None where the subscription is gone, or paused."""
        return await self._store.read(lambda tx: _take(tx, lease))

    async def record(
        self, lease: Lease, taken: Taken, attempts: Sequence[tuple[Item, Attempt]]
    ) -> bool:
        """Keep what became of what was taken: of each entity, all up to the first failure.

        False where another worker has the subscription by now, or it was paused for failing.
        """
        now = Timestamp.current()
        return await self._store.write(
            lambda tx: _record(tx, lease, taken, attempts, self._settings, now)
        )


async def _take(tx: Transaction, lease: Lease) -> Taken | None:
    site, row, now = lease.site, RowId(lease.subscription_id), Timestamp.current()
    subscription = await find_subscription(tx, site, row)
    if subscription is None or subscription.paused_date is not None:
        return None
    read = position = await position_of(tx, site, lease.subscription_id)
    due = await due_deliveries(tx, site, row, now, MOST_TAKEN)
    items = [_item(one.placed, one.attempts) for one in due]
    waiting = await waiting_entities(tx, site, row)
    late: list[tuple[Item, Timestamp]] = []
    if len(items) < MOST_TAKEN and await count_waiting(tx, site, row) < MOST_WAITING:
        for placed in await events_after(tx, site, read, MOST_TAKEN - len(items)):
            position = placed.position
            item = _item(placed, 0)
            if not subscription.wants(item.event_type):
                continue
            if item.entity in waiting:
                late.append((item, waiting[item.entity]))
            else:
                items.append(item)
    return Taken(
        subscription=subscription, items=items, behind=late, read_position=read, position=position
    )


def _item(placed: PlacedEvent, attempts: int) -> Item:
    kind = event_type(placed.event.entity_fqdn, placed.event.slug)
    return Item(placed, kind, attempts)


async def _record(
    tx: Transaction,
    lease: Lease,
    taken: Taken,
    attempts: Sequence[tuple[Item, Attempt]],
    settings: Settings,
    now: Timestamp,
) -> bool:
    site, row = lease.site, RowId(lease.subscription_id)
    failing = _failing_since(taken.subscription, [attempt for _, attempt in attempts], now)
    is_ours = await advance(
        tx,
        lease,
        read_position=taken.read_position,
        position=taken.position,
        failing_since=failing,
        now=now,
    )
    if not is_ours:
        return False
    await tx.run_all(_outcomes(lease, taken, attempts, settings, now))
    before = taken.subscription.failing_since
    if before is not None and failing is None and now - before > _OUTAGE:
        await retry_waiting(tx, site, row, now)
    if failing is not None and now - failing > settings.events.pause_after:
        reason = f"nothing was received since {failing}: {attempts[-1][1].reason}"
        return not await pause(tx, site, row, reason, now)
    return True


def _outcomes(
    lease: Lease,
    taken: Taken,
    attempts: Sequence[tuple[Item, Attempt]],
    settings: Settings,
    now: Timestamp,
) -> list[Statement]:
    """First what waits behind others, then the attempts, last what an entity waits for."""
    site, row = lease.site, RowId(lease.subscription_id)
    delays = settings.events.delays(taken.subscription.kind)
    tried = {item.placed.position: _outcome(item, attempt, delays) for item, attempt in attempts}
    held = {
        item.entity: tried[item.placed.position].due or now
        for item, attempt in attempts
        if attempt.reason
    }
    late = [(item, held.get(item.entity, due)) for item, due in taken.behind]
    late += [
        (item, held.get(item.entity, now))
        for item in taken.items
        if item.placed.position not in tried
    ]
    return [
        *[behind(site, row, item.placed, item.event_type, due) for item, due in late],
        *[
            attempted(site, row, item.placed, item.event_type, tried[item.placed.position])
            for item, _ in attempts
        ],
        *[deferred(site, row, entity, due) for entity, due in held.items()],
    ]


def _outcome(item: Item, attempt: Attempt, delays: Sequence[float]) -> Outcome:
    state, due = DeliveryState.DELIVERED, None
    if attempt.reason:
        state = DeliveryState.DEAD
        if item.attempts < len(delays):
            # By chance a little later, so that receivers are not called by all at one moment.
            delay = delays[item.attempts] * random.uniform(1, 1.1)  # noqa: S311
            state, due = DeliveryState.WAITING, attempt.tried + timedelta(seconds=delay)
    return Outcome(
        state=state,
        attempts=item.attempts + 1,
        due=due,
        tried=attempt.tried,
        status=attempt.status,
        reason=attempt.reason,
        duration_ms=attempt.duration_ms,
    )


def _failing_since(
    subscription: Subscription, attempts: Sequence[Attempt], now: Timestamp
) -> Timestamp | None:
    """Since when nothing was received, as of now."""
    if any(not attempt.reason for attempt in attempts):
        return None
    return subscription.failing_since or (now if attempts else None)
