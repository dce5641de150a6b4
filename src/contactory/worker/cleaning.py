"""Deletes what has expired, every hour."""

from __future__ import annotations

from typing import Final

import anyio
import structlog

from contactory.domain.errors import ContactoryError
from contactory.ops.event_forgetting import forget_old_events
from contactory.ops.settings import Settings
from contactory.ops.tokens import forget_expired
from contactory.store.engine import Store

_PAUSE_S: Final = 3600

_log = structlog.get_logger("contactory.worker")


async def clean_hourly(store: Store, settings: Settings) -> None:
    """Delete expired rows, and events that are too old, now and every hour, until cancelled.

    A store that cannot answer is tried again an hour later.
    """
    while True:
        try:
            forgotten = await forget_expired(store) + await forget_old_events(store, settings)
        except ContactoryError as error:
            _log.warning("cleaning failed", code=error.code, reason=error.message)
        else:
            _log.debug("cleaned", rows=forgotten)
        await anyio.sleep(_PAUSE_S)
