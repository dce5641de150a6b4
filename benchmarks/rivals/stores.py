"""Databases of rivals: made empty and durable, and measured."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.databases import make_database
from benchmarks.subjects import Unavailable


def durable_postgres(server: str, name: str) -> str:
    """The URL of a new database; raises Unavailable where commits would not wait for the disk."""
    return asyncio.run(_durable_postgres(server, name))


def postgres_bytes(url: str) -> int:
    """What a database takes on the disk, without the log that is written ahead."""
    return int(asyncio.run(_value(url, "SELECT pg_database_size(current_database())")))


def durable_sqlite(path: Path) -> None:
    """Make an empty database that writes ahead, which is quicker than SQLite's older way."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def sqlite_bytes(path: Path) -> int:
    """What a database takes on the disk, once all is in it that was written ahead."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


async def _durable_postgres(server: str, name: str) -> str:
    url = await make_database(server, name)
    for setting in ("fsync", "synchronous_commit"):
        if await _value(url, f"SHOW {setting}") != "on":
            raise Unavailable(f"{setting} of the PostgreSQL server is not on")
    return url


async def _value(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()
