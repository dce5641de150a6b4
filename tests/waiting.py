"""Waits for coroutines where no event loop runs, and where one runs that must not be left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

Result = TypeVar("Result")

_PATIENCE_S = 120


def wait_for(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What the coroutine returns; it runs in a thread for all that waits so."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop()).result(_PATIENCE_S)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop
