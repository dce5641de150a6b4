"""The store as a whole: backup, restore, check."""

from __future__ import annotations

import asyncio
from pathlib import Path

from contactory.domain.errors import NotFound
from contactory.domain.permissions import Permission
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.copying import OnProgress
from contactory.store.copying_stores import copy_store, fill_store
from contactory.store.opening import is_postgres, sqlite_path
from contactory.store.postgres import PostgresStore
from contactory.store.sqlite_files import restore_file


class Maintenance(Bound):
    """What the operator of a store does with it."""

    @operation(Permission.SITES_MANAGE)
    async def backup(self, context: Context, target: Path) -> int:
        """Copy the whole store into a new file while others write; returns its bytes.

        Raises PermissionDenied, AlreadyExists, Unavailable.
        """
        return await context.store.backup(target)

    @operation(Permission.SITES_MANAGE)
    async def check(self, context: Context) -> list[str]:
        """Damage found in the store: a sentence each, none when all is well.

        Raises PermissionDenied.
        """
        return await context.store.check()


async def restore(url: str, backup: Path, on_progress: OnProgress | None = None) -> int:
    """Make the store at the URL, where there is none, from a backup; returns the backup's bytes.

    Raises NotFound, AlreadyExists, FailedPrecondition, StoreDamaged, Unavailable.
    """
    if not is_postgres(url):
        return await asyncio.to_thread(restore_file, backup, sqlite_path(url))
    await fill_store(backup, url, on_progress)
    return (await asyncio.to_thread(backup.stat)).st_size


async def copy(source: str, target: str, on_progress: OnProgress | None = None) -> dict[str, int]:
    """Copy all data of one store into another, which is empty or holds a part of this copy.

    All rows are read back and compared. Returns how many each table has. Raises NotFound,
    AlreadyExists, FailedPrecondition, StoreDamaged, Unavailable.
    """
    return await copy_store(source, target, on_progress)


async def distribute(url: str, shards: int) -> list[str]:
    """Spread the tables of a store over the machines of a Citus cluster, by site.

    Returns the names of those that were not spread before. Raises NotFound for a store of another
    kind, FailedPrecondition where the database has no Citus, Unavailable.
    """
    if not is_postgres(url):
        raise NotFound("only a PostgreSQL store can be distributed: use postgresql://…")
    store = await PostgresStore.open(url)
    try:
        return await store.distribute(shards)
    finally:
        await store.close()
