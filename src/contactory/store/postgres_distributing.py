"""Citus: spreads the tables of a store over machines, by site."""

from __future__ import annotations

from typing import Final

import asyncpg

from contactory.domain.errors import FailedPrecondition

_HAS_CITUS: Final = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"
_IS_DISTRIBUTED: Final = "SELECT 1 FROM pg_dist_partition WHERE logicalrelid = 'sites'::regclass"
# In the order in which they were made, those that others refer to come first.
_OPEN: Final = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    AND c.relname <> 'schema_migrations'
    AND NOT EXISTS (SELECT 1 FROM pg_dist_partition d WHERE d.logicalrelid = c.oid)
    ORDER BY c.oid
"""
_FIRST: Final = "SELECT create_distributed_table($1, 'site_id', shard_count := $2)"
_OTHERS: Final = "SELECT create_distributed_table($1, 'site_id', colocate_with := 'sites')"


async def is_distributed(connection: asyncpg.Connection) -> bool:
    """Whether the tables are spread over machines."""
    if not await connection.fetchval(_HAS_CITUS):
        return False
    return bool(await connection.fetchval(_IS_DISTRIBUTED))


async def distribute(connection: asyncpg.Connection, shards: int) -> list[str]:
    """Distribute all tables that are not yet, colocated by site; which ones those were.

    Raises FailedPrecondition where the database has no Citus.
    """
    if not await connection.fetchval(_HAS_CITUS):
        raise FailedPrecondition(
            "this database has no Citus: as its superuser, run CREATE EXTENSION citus on the "
            "coordinator and the workers, then try again"
        )
    tables = [row[0] for row in await connection.fetch(_OPEN)]
    for table in tables:
        if table == "sites":
            await connection.execute(_FIRST, table, shards)
        else:
            await connection.execute(_OTHERS, table)
    return tables
