"""Tells other processes on a PostgreSQL database of committed events, and hears of theirs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import asyncpg

from contactory.store.news import News
from contactory.store.postgres_errors import NO_ANSWER

_CHANNEL: Final = "contactory_events"
_NOTIFY: Final = f"NOTIFY {_CHANNEL}"
_GATHER_S: Final = 0.01
_PAUSE_S: Final = 1.0


class PostgresNews(News):
    """One notice stands for all that was committed within a moment.

    It is sent after the commit: in the transaction, notices would make all commits wait in a line.
    """

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        super().__init__()
        self._url = url
        self._pool = pool
        self._telling: asyncio.Task[None] | None = None

    def tell_all(self) -> None:
        """Something was committed here: tell this process, and soon the others."""
        self.tell()
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_others())

    async def close(self) -> None:
        """Let a notice go out that is under way."""
        if self._telling is not None:
            await self._telling

    async def hear_others(self) -> None:
        """Listen on a connection of its own, and on another one when that breaks."""
        while True:
            with suppress(asyncpg.PostgresError, *NO_ANSWER):
                await self._listen()
            await asyncio.sleep(_PAUSE_S)

    async def _tell_others(self) -> None:
        try:
            await asyncio.sleep(_GATHER_S)
        finally:
            self._telling = None
        with suppress(asyncpg.PostgresError, *NO_ANSWER):
            await self._pool.execute(_NOTIFY)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=_PAUSE_S)
        try:
            is_over = asyncio.Event()
            connection.add_termination_listener(lambda _: is_over.set())
            await connection.add_listener(_CHANNEL, self._heard)
            self.tell()  # What was committed before it listened.
            await is_over.wait()
        finally:
            connection.terminate()

    def _heard(self, *_: Any) -> None:
        self.tell()
