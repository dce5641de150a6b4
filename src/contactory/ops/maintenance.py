"""The store as a whole: backup, restore, check."""

from __future__ import annotations

import asyncio
from pathlib import Path

from contactory.domain.permissions import Permission
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.opening import sqlite_path
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


async def restore(url: str, backup: Path) -> int:
    """Make the store at the URL, where there is none, from a backup; returns its bytes.

    Raises NotFound, AlreadyExists, StoreDamaged, Unavailable.
    """
    return await asyncio.to_thread(restore_file, backup, sqlite_path(url))
