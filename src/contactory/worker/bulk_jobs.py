"""Works on the bulk jobs of all sites of a store, until it is told to stop."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import anyio
import structlog
from anyio.lowlevel import checkpoint

from contactory.domain.errors import ContactoryError
from contactory.ops.job_running import JobRunner, alarm_of
from contactory.ops.settings import Settings
from contactory.store.engine import Store

_PAUSE_S: Final = 1.0

_log = structlog.get_logger("contactory.worker")


class JobWorker:
    """Takes a few contacts of each site with open jobs in turn, so that no site waits for another.

    Any number of workers can share a store: each job is worked on by one of them at a time, and by
    another one when that is gone.
    """

    def __init__(self, store: Store, settings: Settings, *, pause_s: float = _PAUSE_S) -> None:
        """`pause_s` is how often to look for orders of other processes; this one's own wake it."""
        self._pause_s = pause_s
        self._runner = JobRunner(store, settings)
        self._alarm = alarm_of(store)
        self._is_stopping = False

    async def run(self) -> None:
        """Work until `stop`. A store that cannot answer is tried again a second later."""
        while not self._is_stopping:
            self._alarm.clear()
            if not await self._round():
                with anyio.move_on_after(self._pause_s):
                    await self._alarm.wait()
        with suppress(ContactoryError):
            await self._runner.release()

    def stop(self) -> None:
        """Let `run` end after the contacts at hand."""
        self._is_stopping = True
        self._alarm.set()

    async def _round(self) -> bool:
        """Work a little for every site; whether there was anything to do."""
        is_busy = False
        try:
            for site_id in await self._runner.sites():
                if self._is_stopping:
                    break
                is_busy |= await self._runner.advance(site_id)
                # Whoever waits for the loop comes first.
                await checkpoint()
        except ContactoryError as error:
            _log.warning("bulk jobs wait", code=error.code, reason=error.message)
            return False
        except Exception:
            _log.exception("fault in the bulk jobs")
            return False
        return is_busy
