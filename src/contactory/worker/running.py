"""What runs beside a server, or alone: the cleaning, the bulk jobs, and the delivery of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

from contactory.domain.subscriptions import SubscriptionKind
from contactory.ops.crm import Crm
from contactory.ops.event_handlers import NO_HANDLERS, Handlers
from contactory.worker.bulk_jobs import JobWorker
from contactory.worker.cleaning import clean_hourly
from contactory.worker.event_dispatching import Deliverer, EventDispatcher
from contactory.worker.event_handlers import HandlerCaller
from contactory.worker.handler_registering import HandlerRegistrar
from contactory.worker.posting import Poster
from contactory.worker.webhooks import WebhookCaller


class _Worker(Protocol):
    async def run(self) -> None: ...

    def stop(self) -> None: ...


@asynccontextmanager
async def worked(
    crm: Crm, *, handlers: Handlers = NO_HANDLERS, has_jobs: bool = True
) -> AsyncIterator[None]:
    """Do the work of a store until the block ends; then finish what is at hand.

    `handlers` are the functions that this process can call. Without `has_jobs`, others run the
    bulk jobs and deliver the events.
    """
    async with AsyncExitStack() as work:
        await work.enter_async_context(_cleaned(crm))
        if has_jobs:
            await work.enter_async_context(_running(JobWorker(crm.store, crm.settings)))
            await work.enter_async_context(_delivered(crm, handlers))
        yield


@asynccontextmanager
async def _cleaned(crm: Crm) -> AsyncIterator[None]:
    cleaning = asyncio.create_task(clean_hourly(crm.store, crm.settings))
    try:
        yield
    finally:
        cleaning.cancel()
        with suppress(asyncio.CancelledError):
            await cleaning


@asynccontextmanager
async def _delivered(crm: Crm, handlers: Handlers) -> AsyncIterator[None]:
    chosen = crm.settings.events
    poster = Poster(timeout_s=chosen.timeout_s, allows_private=chosen.allows_private)
    deliverers: dict[SubscriptionKind, Deliverer] = {
        SubscriptionKind.WEBHOOK: WebhookCaller(crm.store, poster)
    }
    if handlers:
        deliverers[SubscriptionKind.HANDLER] = HandlerCaller(crm.store, crm.settings, handlers)
    dispatcher = EventDispatcher(crm.store, crm.settings, deliverers)
    try:
        async with _registered(crm, handlers), _running(dispatcher):
            yield
    finally:
        await poster.close()


@asynccontextmanager
async def _registered(crm: Crm, handlers: Handlers) -> AsyncIterator[None]:
    if not handlers:
        yield
        return
    registrar = HandlerRegistrar(crm.store, handlers)
    await registrar.begin()
    async with _running(registrar):
        yield


@asynccontextmanager
async def _running(worker: _Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task
