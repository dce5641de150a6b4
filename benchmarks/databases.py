"""Empty databases on a server of PostgreSQL, for benchmarks; and what they take of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def database_url(server: str, name: str) -> str:
    """The URL of this database on the server that a URL names."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


async def make_database(server: str, name: str) -> str:
    """Make it, empty, in place of an older one of this name; returns its URL.

    The name is one of ours: it goes into the statement as it is.
    """
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return database_url(server, name)


async def database_bytes(url: str) -> int:
    """What a database takes on the disk."""
    return int(await _value(url, "SELECT pg_database_size(current_database())"))


async def server_version(url: str) -> str:
    """The version of a server, and which promises of durability it does not keep."""
    number = str(await _value(url, "SHOW server_version")).split()[0]
    careless = [name for name in _DURABLE if await _value(url, f"SHOW {name}") != "on"]
    return f"{number} (off: {', '.join(careless)})" if careless else number


async def postmaster(url: str) -> list[int]:
    """The process above all of a server's, or nothing where it is on another machine."""
    connection = await asyncpg.connect(url)
    try:
        backend = Path(f"/proc/{await connection.fetchval('SELECT pg_backend_pid()')}")
        status = (backend / "status").read_text()
        is_ours = "postgres" in (backend / "comm").read_text()
        return [int(status.split("PPid:")[1].split()[0])] if is_ours else []
    except OSError:
        return []
    finally:
        await connection.close()


async def _value(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
