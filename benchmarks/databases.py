"""Empty databases on a server of PostgreSQL, for benchmarks."""

from __future__ import annotations

from urllib.parse import urlsplit

import asyncpg


def database_url(server: str, name: str) -> str:
    """The URL of this database on the server that a URL names."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


async def make_database(server: str, name: str) -> str:
    """Make it, empty, in place of an older one of this name; returns its URL.

    The name is one of ours: it goes into the statement as it is.
    """
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name}")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return database_url(server, name)
