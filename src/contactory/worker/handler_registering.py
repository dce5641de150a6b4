"""Registers the handlers of this process at all sites, until it is told to stop."""

from __future__ import annotations

import asyncio
from typing import Final

import anyio
import structlog

from contactory.domain.errors import ContactoryError
from contactory.ops.event_handlers import Handlers
from contactory.ops.handler_registering import HandlerRegister
from contactory.store.engine import Store

_PAUSE_S: Final = 3.0

_log = structlog.get_logger("contactory.events")


class HandlerRegistrar:
    """Looks for sites that others have made meanwhile."""

    def __init__(self, store: Store, handlers: Handlers, *, pause_s: float = _PAUSE_S) -> None:
        """`pause_s` is how often to look."""
        self._register = HandlerRegister(store, handlers)
        self._names = sorted(handlers)
        self._pause_s = pause_s
        self._stopped = asyncio.Event()

    async def begin(self) -> None:
        """Register at all sites that are there, so that from then on no event passes unheard.

        Raises Unavailable.
        """
        await self._register.change()
        await self._register.add()
        _log.info("handling events", handlers=self._names)

    async def run(self) -> None:
        """Work until `stop`. A store that cannot answer is tried again later."""
        while not self._stopped.is_set():
            with anyio.move_on_after(self._pause_s):
                await self._stopped.wait()
                return
            try:
                await self._register.add()
            except ContactoryError as error:
                _log.warning("handlers of new sites wait", code=error.code, reason=error.message)
            except Exception:
                _log.exception("fault in the handlers of new sites")

    def stop(self) -> None:
        """Let `run` end."""
        self._stopped.set()
