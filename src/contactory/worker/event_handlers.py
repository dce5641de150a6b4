"""Calls handlers: functions of a site's own code, with the identity of the site's own app."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import defaultdict
from contextlib import suppress
from typing import Any, Final

import structlog
from anyio import CapacityLimiter, to_thread

from contactory.domain.handled_events import HandledEvent, handled_event
from contactory.domain.identities import SITE_APP
from contactory.domain.subscriptions import Subscription
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.ops.context import Context, entered
from contactory.ops.event_delivering import Attempt, Item
from contactory.ops.event_handlers import Handler, Handlers
from contactory.ops.settings import Settings
from contactory.store.engine import Store

_LONGEST_REASON: Final = 500

_MOST_THREADS: Final = 8
"""How many threads one plain function may have, with those that it never gives back."""

_log = structlog.get_logger("contactory.events")


class HandlerCaller:
    """Delivers events to the functions that this process has."""

    most_at_once = 8

    def __init__(self, store: Store, settings: Settings, handlers: Handlers) -> None:
        self._store = store
        self._settings = settings
        self._handlers = handlers
        self._calls: set[asyncio.Task[str]] = set()
        self._threads: dict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_MOST_THREADS)
        )

    def serves(self, subscription: Subscription) -> bool:
        """Whether this process has the function, for just these types of events.

        While a new release starts beside the old one, a function may be told of others there.
        """
        handler = self._handlers.get(subscription.target)
        return handler is not None and handler.event_types == tuple(subscription.event_types)

    async def deliver(self, site: RowId, subscription: Subscription, item: Item) -> Attempt:
        """Call the function once, unless its code handles such events no more."""
        handler = self._handlers[subscription.target]
        tried, began, reason = Timestamp.current(), time.monotonic(), ""
        if item.event_type in handler.event_types:
            reason = await self._called(handler, site, item)
        spent = round((time.monotonic() - began) * 1000)
        return Attempt(reason=reason, duration_ms=spent, tried=tried)

    async def _called(self, handler: Handler, site: RowId, item: Item) -> str:
        """Why the call failed, "" where it did not.

        The function runs in a task of its own: whatever it does to that, this one goes on.
        """
        limit = self._settings.events.handler_timeout_s
        call = asyncio.create_task(self._outcome(handler, site, item))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        try:
            await asyncio.wait({call}, timeout=limit)
        finally:
            call.cancel()
        if not call.done():
            reason = f"TimeoutError: it did not end within {limit:g} s"
        elif call.cancelled():
            reason = "CancelledError: it was cancelled by its own doing"
        else:
            return call.result()
        _log.error("a handler failed", **_names(handler, site, item), reason=reason)
        return reason

    async def _outcome(self, handler: Handler, site: RowId, item: Item) -> str:
        context = Context(
            store=self._store, settings=self._settings, site_id=str(site), identity=SITE_APP
        )
        try:
            event = handled_event(item.placed.event, context.site_id)
            with entered(context):
                await self._run(handler, event)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            _log.error("a handler failed", **_names(handler, site, item), exc_info=error)
            return _told(error)
        return ""

    async def _run(self, handler: Handler, event: HandledEvent[Any]) -> None:
        if inspect.iscoroutinefunction(handler.function):
            await handler.function(event)
            return
        result = await self._run_on_thread(handler, event)
        if inspect.isawaitable(result):
            await result

    async def _run_on_thread(self, handler: Handler, event: HandledEvent[Any]) -> Any:
        """A thread cannot be ended: one that hangs is left behind, and counts among the most."""
        loop, turns, has_begun = asyncio.get_running_loop(), self._threads[handler.name], False

        def call() -> Any:
            nonlocal has_begun
            has_begun = True
            try:
                return handler.function(event)
            finally:
                with suppress(RuntimeError):  # The loop has ended meanwhile.
                    loop.call_soon_threadsafe(turns.release)

        await turns.acquire()
        try:
            # The thread gets a copy of this context: who acts here acts there.
            return await to_thread.run_sync(
                call, abandon_on_cancel=True, limiter=CapacityLimiter(1)
            )
        finally:
            if not has_begun:
                turns.release()


def _names(handler: Handler, site: RowId, item: Item) -> dict[str, str]:
    return {
        "handler": handler.name,
        "event_id": item.placed.event.id,
        "event_type": item.event_type,
        "site": str(site),
    }


def _told(error: BaseException) -> str:
    """The kind of error and the first line of its message, as every store can keep it."""
    try:
        message = str(error).strip().partition("\n")[0]
    except Exception:
        message = ""
    told = f"{type(error).__name__}: {message}"[:_LONGEST_REASON]
    return "".join(sign if sign.isprintable() else " " for sign in told)
