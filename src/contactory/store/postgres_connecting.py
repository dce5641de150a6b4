"""Single connections to a database of PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from contactory.domain.errors import Unavailable
from contactory.store.shown_urls import shown_url

PATIENCE_S: Final = 20.0
"""How long to wait for a server."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection without time limits, for what takes long. Raises Unavailable."""
    try:
        connection = await asyncpg.connect(url, timeout=PATIENCE_S)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise Unavailable(f"cannot open {shown_url(url)}: {error}") from error
    try:
        yield connection
    finally:
        await connection.close()
