"""Subscriptions: what became of the events that webhooks and handlers are told of."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.event_feed import PlacedEvent
from contactory.domain.paging import single
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.subscription_reading import (
    read_delivery_cursor,
    read_instant,
    read_limit,
    read_pause_reason,
    read_state,
)
from contactory.domain.subscriptions import (
    DeliveryPage,
    DeliveryState,
    Subscription,
    SubscriptionKind,
)
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.ops.arguments import check_found, required, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.deliveries import (
    BEYOND,
    drop_delivery,
    find_delivery,
    list_deliveries,
    retry_delivery,
    retry_state,
    retry_waiting,
)
from contactory.store.engine import Transaction
from contactory.store.outbox import find_event, first_position_since, has_unplaced, place_events
from contactory.store.subscriptions import (
    delete_subscription,
    find_subscription,
    list_subscriptions,
    pause,
    resume,
    set_back,
)

_KIND: Final = "webhook or handler"
_BY_HAND: Final = "paused by hand"


class Subscriptions(Bound):
    """Who is told of a site's events: webhooks, and handlers in its own code."""

    @operation(Permission.EVENTS_MANAGE)
    async def list_handlers(self, context: Context) -> list[Subscription]:
        """All handlers that the site's code has or had, the oldest first.

        Raises PermissionDenied.
        """
        return await context.store.read(
            lambda tx: list_subscriptions(tx, context.site, SubscriptionKind.HANDLER)
        )

    @operation(Permission.EVENTS_MANAGE)
    async def delete_handler(self, context: Context, handler_id: str) -> None:
        """Forget a handler that the code has no more; where it has, it begins anew from now on.

        Raises PermissionDenied, NotFound.
        """
        row = row_id(handler_id, "handler")
        found = await context.store.write(
            lambda tx: delete_subscription(tx, context.site, row, SubscriptionKind.HANDLER)
        )
        check_found("handler", found)

    @operation(Permission.EVENTS_MANAGE)
    async def pause_subscription(
        self, context: Context, subscription_id: str, reason: str | None = None
    ) -> Subscription:
        """Tell a webhook or handler nothing for now; what happens meanwhile waits for it.

        Raises PermissionDenied, NotFound, InvalidArgument.
        """
        row, problems = row_id(subscription_id, _KIND), Problems()
        why = _BY_HAND if reason is None else read_pause_reason(problems, reason)
        problems.check()

        async def work(tx: Transaction) -> Subscription:
            await pause(tx, context.site, row, why, Timestamp.current())
            return await _required(tx, context, row)

        return await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def resume_subscription(self, context: Context, subscription_id: str) -> Subscription:
        """Tell it again, at once also what waits for another attempt.

        Raises PermissionDenied, NotFound.
        """
        row = row_id(subscription_id, _KIND)

        async def work(tx: Transaction) -> Subscription:
            await _required(tx, context, row)
            await resume(tx, context.site, row)
            await retry_waiting(tx, context.site, row, Timestamp.current())
            return await _required(tx, context, row)

        return await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def list_deliveries(
        self,
        context: Context,
        subscription_id: str,
        state: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> DeliveryPage:
        """What became of events at a webhook or handler, those of the newest events first.

        `state` asks for those WAITING, DELIVERED, DEAD or DROPPED alone; a page has 100, or
        `limit`, which is 1 to 1000. Raises PermissionDenied, NotFound, InvalidArgument.
        """
        row, problems = row_id(subscription_id, _KIND), Problems()
        wanted = read_state(problems, single(state))
        before = read_delivery_cursor(problems, single(cursor))
        most = read_limit(problems, single(limit))
        problems.check()

        async def work(tx: Transaction) -> DeliveryPage:
            await _required(tx, context, row)
            found = await list_deliveries(
                tx,
                context.site,
                row,
                wanted,
                before=BEYOND if before is None else before,
                most=most + 1,
            )
            has_more = len(found) > most
            page = found[:most]
            return DeliveryPage([one for _, one in page], f"d{page[-1][0]}" if has_more else None)

        return await context.store.read(work)

    @operation(Permission.EVENTS_MANAGE)
    async def redeliver(
        self,
        context: Context,
        subscription_id: str,
        event_id: str | None = None,
        since: str | None = None,
        state: str | None = None,
    ) -> None:
        """Tell a webhook or handler again: of one event, of all since a moment, or of all DEAD.

        Events are told with the ids they had, so that receivers can drop repeats. `since` is an
        instant (ISO 8601); events that are kept no more are not told. Raises PermissionDenied,
        NotFound, InvalidArgument.
        """
        row, problems = row_id(subscription_id, _KIND), Problems()
        moment = read_instant(problems, since, "since")
        wanted = read_state(problems, state)
        if sum(one is not None for one in (event_id, since, state)) != 1:
            problems.add_other("", "ONE_OF", "say one of eventId, since and state")
        if wanted not in (None, DeliveryState.DEAD, DeliveryState.WAITING):
            problems.add_other("state", "ONE_OF", "must be DEAD or WAITING: name others by eventId")
        problems.check()

        async def work(tx: Transaction) -> None:
            await _required(tx, context, row)
            if event_id is not None:
                await _redeliver(tx, context, row, await _event(tx, context, event_id))
            elif moment is not None:
                await _go_back(tx, context, row, moment)
            elif wanted is not None:
                await retry_state(tx, context.site, row, wanted, Timestamp.current())

        await context.store.write(work)

    @operation(Permission.EVENTS_MANAGE)
    async def drop_delivery(self, context: Context, subscription_id: str, event_id: str) -> None:
        """Tell a webhook or handler no more of an event that it did not receive.

        Raises PermissionDenied, NotFound.
        """
        row = row_id(subscription_id, _KIND)

        async def work(tx: Transaction) -> bool:
            placed = await _event(tx, context, event_id)
            return await drop_delivery(tx, context.site, row, placed.position)

        check_found("delivery that is open", await context.store.write(work))


async def _required(tx: Transaction, context: Context, row: RowId) -> Subscription:
    return required(_KIND, await find_subscription(tx, context.site, row))


async def _event(tx: Transaction, context: Context, event_id: Any) -> PlacedEvent:
    return required("event", await find_event(tx, context.site, row_id(event_id, "event")))


async def _redeliver(tx: Transaction, context: Context, row: RowId, placed: PlacedEvent) -> None:
    """Raises NotFound for an event that the subscription was never told of."""
    known = await find_delivery(tx, context.site, row, placed.position)
    check_found("delivery", known)
    await retry_delivery(tx, context.site, row, placed.position, Timestamp.current())


async def _go_back(tx: Transaction, context: Context, row: RowId, since: Timestamp) -> None:
    if await has_unplaced(tx, context.site):
        await place_events(tx, context.site)
    first = await first_position_since(tx, context.site, since)
    if first is not None:
        await set_back(tx, context.site, row, first - 1)
