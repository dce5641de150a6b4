"""Databases of PostgreSQL with the tables of a store, lent to one test after another."""

from __future__ import annotations

import itertools
import os
from urllib.parse import urlsplit

import asyncpg

from contactory.store.postgres import PostgresStore
from tests.postgres import server_url
from tests.waiting import wait_for

_PREFIX = f"contactory_test_{os.getpid()}"
_NUMBERS = itertools.count()
_TABLES = """
    SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    ORDER BY tablename = 'sites'
"""
"""All that refer to sites come before them."""

_SIZE = """
    SELECT sum(pg_table_size(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
_SMALL = 4_000_000
"""Bytes up to which deleting all rows is many times faster than TRUNCATE."""

_SCHEMA = """
    SELECT md5(string_agg(one, ' ' ORDER BY one)) FROM (
        SELECT c.relname || '.' || a.attname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT conname::text FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) named (one)
"""
_APPLIED = "SELECT number, name FROM schema_migrations ORDER BY number"
_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""


class Databases:
    """Lends databases by their URLs; making one takes longer than emptying one."""

    def __init__(self) -> None:
        self._server = ""
        self._made: list[str] = []
        self._free: list[str] = []
        self._template = ""
        self._schema = ""
        self._applied: list[asyncpg.Record] = []
        self._tables: list[str] = []

    def lend(self, *, is_bare: bool = False) -> str:
        """The URL of an empty store, or of a database without any tables.

        Raises PostgresMissing.
        """
        self._server = self._server_url()
        if is_bare:
            return wait_for(self._make())
        return self._free.pop() if self._free else wait_for(self._make_store())

    def take_back(self, url: str) -> None:
        """Empty the store for the next test, or drop it where its tables are not as they were."""
        if wait_for(self._emptied(url)):
            self._free.append(url)
        else:
            wait_for(self._drop(url))

    def drop_all(self) -> None:
        """Leave nothing behind."""
        for url in [*self._made]:
            wait_for(self._drop(url))

    def _server_url(self) -> str:
        return server_url()

    async def _make_store(self) -> str:
        if not self._template:
            url = await self._make()
            await self._open(url)
            await self._remember(url)
            self._template = _name(url)
        return await self._make(f" TEMPLATE {self._template}")

    async def _open(self, url: str) -> None:
        await (await PostgresStore.open(url)).close()

    async def _remember(self, url: str) -> None:
        """What a store looks like that no test has changed."""
        connection = await asyncpg.connect(url)
        self._tables = [row[0] for row in await connection.fetch(_TABLES)]
        self._schema = await connection.fetchval(_SCHEMA)
        self._applied = await connection.fetch(_APPLIED)
        await connection.close()

    async def _make(self, template: str = "") -> str:
        name = f"{_PREFIX}_{next(_NUMBERS)}"
        await self._at_server(f"CREATE DATABASE {name}{template}")
        url = urlsplit(self._server)._replace(path=f"/{name}").geturl()
        self._made.append(url)
        return url

    async def _emptied(self, url: str) -> bool:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(_OTHERS)
            if await connection.fetchval(_SCHEMA) != self._schema:
                return False
            if await connection.fetch(_APPLIED) != self._applied:
                return False
            if await connection.fetchval(_SIZE) < _SMALL:
                await connection.execute(";".join(f"DELETE FROM {name}" for name in self._tables))
            else:
                await connection.execute(f"TRUNCATE {', '.join(self._tables)}")
            return True
        finally:
            await connection.close()

    async def _drop(self, url: str) -> None:
        self._made.remove(url)
        await self._at_server(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    async def _at_server(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
