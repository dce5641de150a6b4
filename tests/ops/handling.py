"""Functions that are told of the events of a store while a test runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from contactory.domain.subscriptions import Delivery, SubscriptionKind
from contactory.ops.crm import Crm
from contactory.ops.event_handlers import Handler, handled_types
from contactory.ops.settings import EventSettings
from contactory.worker.event_dispatching import EventDispatcher
from contactory.worker.event_handlers import HandlerCaller
from contactory.worker.handler_registering import HandlerRegistrar

WITHIN_S = 30
_PAUSE_S = 0.05


@asynccontextmanager
async def handling(
    crm: Crm, *functions: Callable[..., Any], **chosen: Any
) -> AsyncIterator[EventDispatcher]:
    """A worker that has these functions, under their bare names, until the block ends."""
    settings = msgspec.structs.replace(crm.settings, events=EventSettings(**chosen))
    handlers = {one.__name__: Handler(one.__name__, handled_types(one), one) for one in functions}
    caller = HandlerCaller(crm.store, settings, handlers)
    dispatcher = EventDispatcher(
        crm.store, settings, {SubscriptionKind.HANDLER: caller}, pause_s=_PAUSE_S
    )
    registrar = HandlerRegistrar(crm.store, handlers, pause_s=_PAUSE_S)
    await registrar.begin()
    async with asyncio.TaskGroup() as tasks:
        for one in (dispatcher, registrar):
            tasks.create_task(one.run())
        try:
            yield dispatcher
        finally:
            registrar.stop()
            dispatcher.stop()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what others do."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.01)


async def deliveries(crm: Crm, name: str) -> list[Delivery]:
    """What became of the events at a handler, the oldest first."""
    (found,) = [one for one in await crm.subscriptions.list_handlers() if one.target == name]
    page = await crm.subscriptions.list_deliveries(found.id)
    return list(reversed(page.deliveries))


async def delivered(crm: Crm, name: str, state: str, number: int = 1) -> list[Delivery]:
    """The deliveries of a handler once so many are in the state."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await deliveries(crm, name)
            if sum(one.state == state for one in found) >= number:
                return found
            await asyncio.sleep(0.01)
