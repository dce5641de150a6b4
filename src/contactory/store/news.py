"""Wakes those of this process who wait for events to be committed: a hint, no more."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class News(ABC):
    """Sets what is watched. What others commit is heard of while somebody watches."""

    def __init__(self) -> None:
        self._watching: set[asyncio.Event] = set()
        self._hearing: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Something was committed."""
        for alarm in self._watching:
            alarm.set()

    @contextmanager
    def watched(self) -> Iterator[asyncio.Event]:
        """An alarm that is set whenever something was committed, until the block ends."""
        alarm = asyncio.Event()
        self._watching.add(alarm)
        if self._hearing is None:
            self._hearing = asyncio.create_task(self.hear_others())
        try:
            yield alarm
        finally:
            self._watching.discard(alarm)
            if not self._watching:
                self._hearing.cancel()
                self._hearing = None

    @abstractmethod
    def hear_others(self) -> Coroutine[Any, Any, None]:
        """Tell of what other processes commit, until cancelled."""
