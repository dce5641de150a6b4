"""Calls a minute for each caller; off unless the operator sets a limit (CONTRACT 1.7)."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from contactory.domain.errors import RateLimited


class RateLimit:
    """Counts the calls of this process; `calls_per_minute` 0 lets everything through."""

    def __init__(self, calls_per_minute: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage()) if calls_per_minute else None
        self._item = RateLimitItemPerMinute(max(calls_per_minute, 1))

    def check(self, *caller: str) -> None:
        """Count one call. Raises RateLimited when the caller's minute is used up."""
        if self._limiter is None or self._limiter.hit(self._item, *caller):
            return
        ends_at, _ = self._limiter.get_window_stats(self._item, *caller)
        wait_s = max(1, math.ceil(ends_at - time.time()))
        raise RateLimited(
            f"More than {self._item.amount} calls a minute: wait {wait_s} s",
            retry_after_s=wait_s,
            limit=self._item.amount,
        )
