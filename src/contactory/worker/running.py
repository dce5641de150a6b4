"""What runs beside a server, or alone: the cleaning, the bulk jobs, and the delivery of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

from contactory.domain.subscriptions import SubscriptionKind
from contactory.ops.crm import Crm
from contactory.worker.bulk_jobs import JobWorker
from contactory.worker.cleaning import clean_hourly
from contactory.worker.event_dispatching import EventDispatcher
from contactory.worker.posting import Poster
from contactory.worker.webhooks import WebhookCaller


class _Worker(Protocol):
    async def run(self) -> None: ...

    def stop(self) -> None: ...


@asynccontextmanager
async def worked(crm: Crm, *, has_jobs: bool = True) -> AsyncIterator[None]:
    """Do the work of a store until the block ends; then finish what is at hand.

    Without `has_jobs`, others run the bulk jobs and deliver the events.
    """
    async with AsyncExitStack() as work:
        await work.enter_async_context(_cleaned(crm))
        if has_jobs:
            await work.enter_async_context(_running(JobWorker(crm.store, crm.settings)))
            await work.enter_async_context(_delivered(crm))
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
async def _delivered(crm: Crm) -> AsyncIterator[None]:
    chosen = crm.settings.events
    poster = Poster(timeout_s=chosen.timeout_s, allows_private=chosen.allows_private)
    caller = WebhookCaller(crm.store, poster)
    dispatcher = EventDispatcher(crm.store, crm.settings, {SubscriptionKind.WEBHOOK: caller})
    try:
        async with _running(dispatcher):
            yield
    finally:
        await poster.close()


@asynccontextmanager
async def _running(worker: _Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task
