"""Hears of what other processes commit to a SQLite file."""

from __future__ import annotations

import asyncio
from typing import Final

import apsw

from contactory.store.news import News

_PAUSE_S: Final = 0.03


class SqliteNews(News):
    """Asks the file for its version, which is a look into shared memory."""

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__()
        self._connection = connection

    async def hear_others(self) -> None:
        """Tell when the version is another than before."""
        known = None
        while True:
            version = self._connection.pragma("data_version")
            if version != known:
                known = version
                self.tell()
            await asyncio.sleep(_PAUSE_S)
