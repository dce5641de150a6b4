"""Delivers the events of all sites to their subscriptions, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

import anyio
import structlog

from contactory.domain.errors import ContactoryError
from contactory.domain.subscriptions import Subscription, SubscriptionKind
from contactory.kit.ids import RowId
from contactory.ops.event_delivering import Attempt, DeliveryQueue, Item, Taken
from contactory.ops.settings import Settings
from contactory.store.engine import Store
from contactory.store.subscriptions import LEASE_MS, Lease

_PAUSE_S: Final = 1.0
_GATHER_S: Final = 0.005
_HEARTBEAT_S: Final = LEASE_MS / 1000 / 4

GRACE_S: Final = 10
"""How long events at hand may take after the order to stop; those that take longer wait."""

_log = structlog.get_logger("contactory.events")


class Deliverer(Protocol):
    """Tells events to subscriptions of one kind. It raises nothing for what a receiver does."""

    @property
    def most_at_once(self) -> int:
        """How many events one subscription is told at the same time."""

    def serves(self, subscription: Subscription) -> bool:
        """Whether this process can tell it; another one may."""

    async def deliver(self, site: RowId, subscription: Subscription, item: Item) -> Attempt:
        """Tell it of the event."""


class EventDispatcher:
    """Serves each subscription by itself, so that none waits for another.

    Any number of dispatchers can share a store: each subscription is served by one of them at a
    time, and by another one when that is gone.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        deliverers: Mapping[SubscriptionKind, Deliverer],
        *,
        pause_s: float = _PAUSE_S,
    ) -> None:
        """`pause_s` is how often to look for what nobody woke it for."""
        self._store = store
        self._queue = DeliveryQueue(store, settings)
        self._deliverers = deliverers
        self._pause_s = pause_s
        self._serving: dict[Lease, asyncio.Task[None]] = {}
        self._is_stopping = False
        self._under_way: set[anyio.CancelScope] = set()
        self._stopped = asyncio.Event()
        self._is_free = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`. A store that cannot answer is tried again a second later."""
        with self._store.watched() as alarm:
            while not self._is_stopping:
                alarm.clear()
                self._is_free.clear()
                await self._round()
                with anyio.move_on_after(self._pause_s):
                    await _either(alarm, self._is_free, self._stopped)
                await anyio.sleep(_GATHER_S)
        await asyncio.gather(*self._serving.values())

    def stop(self) -> None:
        """Let `run` end after the events at hand, at most 10 s from now."""
        self._is_stopping = True
        self._stopped.set()
        ends = anyio.current_time() + GRACE_S
        for scope in self._under_way:
            scope.deadline = ends

    async def _round(self) -> None:
        """Serve whoever has work and is served by nobody."""
        try:
            await self._queue.place_all()
            for kind, deliverer in self._deliverers.items():
                for lease, subscription in await self._queue.waiting(kind):
                    if lease in self._serving or self._is_stopping:
                        continue
                    if deliverer.serves(subscription):
                        self._serve(lease, deliverer)
        except ContactoryError as error:
            _log.warning("events wait", code=error.code, reason=error.message)
        except Exception:
            _log.exception("fault in the delivery of events")

    def _serve(self, lease: Lease, deliverer: Deliverer) -> None:
        task = asyncio.create_task(self._served(lease, deliverer))
        self._serving[lease] = task
        task.add_done_callback(lambda _: self._end(lease))

    def _end(self, lease: Lease) -> None:
        del self._serving[lease]
        self._is_free.set()  # Something may have come since it was looked for.

    async def _served(self, lease: Lease, deliverer: Deliverer) -> None:
        try:
            if await self._queue.lease(lease):
                async with self._kept(lease):
                    if await self._deliver_all(lease, deliverer):
                        return
        except ContactoryError as error:
            _log.warning("events wait", code=error.code, reason=error.message)
        except Exception:
            _log.exception("fault in a delivery", subscription=lease.subscription_id)
        # Whoever has nothing to do but cannot go on is looked at again after a while.
        with anyio.move_on_after(self._pause_s):
            await self._stopped.wait()

    async def _deliver_all(self, lease: Lease, deliverer: Deliverer) -> bool:
        """Deliver until nothing is left; whether there was anything, and it could be kept."""
        is_useful = False
        while not self._is_stopping:
            taken = await self._queue.take(lease)
            if taken is None or taken.is_empty or not deliverer.serves(taken.subscription):
                break
            attempts = await self._attempts(lease, taken, deliverer)
            if not await self._queue.record(lease, taken, attempts):
                _log.warning(
                    "a subscription is paused, or served by another worker",
                    subscription=lease.subscription_id,
                    site=str(lease.site),
                )
                return False
            is_useful = True
        return is_useful

    async def _attempts(
        self, lease: Lease, taken: Taken, deliverer: Deliverer
    ) -> list[tuple[Item, Attempt]]:
        """Tell the events of each entity in their order, up to the first that fails."""
        done: list[tuple[Item, Attempt]] = []
        turns = asyncio.Semaphore(deliverer.most_at_once)

        async def tell(items: Sequence[Item]) -> None:
            for item in items:
                async with turns:
                    if self._is_stopping:
                        return
                    attempt = await self._told(lease, taken, item, deliverer)
                if attempt is None:
                    return
                done.append((item, attempt))
                if attempt.reason:
                    return

        groups: dict[str, list[Item]] = defaultdict(list)
        for item in taken.items:
            groups[item.entity].append(item)
        async with asyncio.TaskGroup() as tasks:
            for items in groups.values():
                tasks.create_task(tell(items))
        return done

    async def _told(
        self, lease: Lease, taken: Taken, item: Item, deliverer: Deliverer
    ) -> Attempt | None:
        """What came of it; None where it did not end before this worker has to."""
        with anyio.CancelScope() as scope:
            self._under_way.add(scope)
            try:
                return await deliverer.deliver(lease.site, taken.subscription, item)
            finally:
                self._under_way.discard(scope)
        return None

    @asynccontextmanager
    async def _kept(self, lease: Lease) -> AsyncIterator[None]:
        """Keep the lease until the block ends; then let another worker have it."""
        keeping = asyncio.create_task(self._keep(lease))
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(ContactoryError):
                await self._queue.release(lease)

    async def _keep(self, lease: Lease) -> None:
        while True:
            await anyio.sleep(_HEARTBEAT_S)
            with suppress(ContactoryError):
                await self._queue.lease(lease)


async def _either(*alarms: asyncio.Event) -> None:
    """Wait until one of them is set."""
    waiting = [asyncio.ensure_future(alarm.wait()) for alarm in alarms]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
