"""Makes each handler a subscription of each site, so that events wait when nobody runs it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from contactory.domain.subscriptions import Subscription, SubscriptionKind
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.ops.event_handlers import Handler, Handlers
from contactory.store.engine import Store, Transaction
from contactory.store.outbox import MOST_PLACED, last_position, place_events
from contactory.store.subscriptions import (
    change_subscription,
    handlers_known,
    handlers_of_other_types,
    insert_subscription,
    sites_without_handler,
)

_CLOCKS_DIFFER: Final = timedelta(minutes=1)


class HandlerRegister:
    """The handlers of this process in the store, which other processes write too."""

    def __init__(self, store: Store, handlers: Handlers) -> None:
        self._store = store
        self._handlers = handlers

    async def change(self) -> None:
        """Tell handlers that were there before of the types that the code names now."""
        for handler in self._handlers.values():
            name, types = handler.name, handler.event_types
            others = partial(handlers_of_other_types, name=name, event_types=types)
            for site, row in await self._store.read(others):
                change = partial(
                    change_subscription,
                    site=site,
                    subscription_id=row,
                    target=name,
                    event_types=types,
                )
                await self._store.write(change)

    async def add(self) -> None:
        """Add the handlers that sites do not have.

        One that is new to the store begins with what happens from now on; at a site that was made
        since then, with that site.
        """
        known = await self._store.read(handlers_known)
        for handler in self._handlers.values():
            since = known.get(handler.name)
            lacking = partial(sites_without_handler, name=handler.name)
            for site, created in await self._store.read(lacking):
                begins_now = since is None or created < since - _CLOCKS_DIFFER
                add = partial(_add, site=site, handler=handler, begins_now=begins_now)
                await self._store.write(add)


async def _add(tx: Transaction, site: RowId, handler: Handler, *, begins_now: bool) -> None:
    position = await _present_position(tx, site) if begins_now else 0
    subscription = Subscription(
        id=str(uuid5(UUID(str(site)), handler.name)),
        kind=SubscriptionKind.HANDLER,
        name=handler.name,
        event_types=handler.event_types,
        created_date=Timestamp.current(),
    )
    await insert_subscription(tx, site, subscription, position)


async def _present_position(tx: Transaction, site: RowId) -> int:
    while await place_events(tx, site) == MOST_PLACED:
        pass
    return await last_position(tx, site)
