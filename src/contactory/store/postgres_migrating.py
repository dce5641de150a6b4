"""Makes the tables of a PostgreSQL store, and brings them up to date."""

from __future__ import annotations

from typing import Final

import asyncpg

from contactory.domain.errors import StoreDamaged
from contactory.store.engine import UNFINISHED
from contactory.store.queries import Migration, migrations

_LOCK: Final = 0x636F6E74616374  # "contact": one process at a time makes tables.
_APPLIED: Final = "SELECT number FROM schema_migrations ORDER BY number"
# A look into the catalogue, not `to_regclass`: that remembers what was missing before a wait.
_HAS_TABLE: Final = """
    SELECT EXISTS (
        SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY($1::text[])
    )
"""
_TABLE: Final = """
    CREATE TABLE schema_migrations (number integer NOT NULL PRIMARY KEY, name text NOT NULL)
"""


async def is_made(connection: asyncpg.Connection) -> bool:
    """Whether the database has our tables."""
    return bool(await connection.fetchval(_HAS_TABLE, ["schema_migrations"]))


async def migrate(connection: asyncpg.Connection) -> None:
    """Do the steps that were not done yet, all or none of them. Two may start at once.

    Raises StoreDamaged for tables of a newer version, of another program, or of an unfinished copy.
    """
    if await is_unfinished(connection):
        raise StoreDamaged(UNFINISHED)
    known = migrations("postgres")
    if await schema_number(connection) == known[-1].number:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        done = await schema_number(connection)
        if done == 0 and await connection.fetchval(_HAS_TABLE, ["contacts", "sites"]):
            raise StoreDamaged("this database belongs to another program: choose another one")
        if done > known[-1].number:
            raise StoreDamaged(
                f"this store is from a newer version (schema {done}): upgrade contactory"
            )
        if done == 0:
            await connection.execute(_TABLE)
        for migration in known:
            if migration.number > done:
                await _apply(connection, migration)


async def is_unfinished(connection: asyncpg.Connection) -> bool:
    """Whether a copy into this database was begun and not finished."""
    return bool(await connection.fetchval(_HAS_TABLE, ["unfinished_copy"]))


async def schema_number(connection: asyncpg.Connection) -> int:
    """How many migrations made the tables; 0 where there are none."""
    if not await is_made(connection):
        return 0
    return max((row[0] for row in await connection.fetch(_APPLIED)), default=0)


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    for statement in migration.statements:
        await connection.execute(statement)
    await connection.execute(
        "INSERT INTO schema_migrations (number, name) VALUES ($1, $2)",
        migration.number,
        migration.name,
    )
