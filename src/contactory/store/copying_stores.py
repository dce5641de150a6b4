"""Copies between stores that are named by their URLs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from contactory.domain.errors import FailedPrecondition, NotFound
from contactory.store.copying import OnProgress, Source, Target, copy_rows
from contactory.store.opening import is_postgres, sqlite_path
from contactory.store.postgres_connecting import connected
from contactory.store.postgres_copying import database_name, postgres_source, postgres_target
from contactory.store.sqlite_copying import file_name, sqlite_source, sqlite_target
from contactory.store.sqlite_tables import copied_tables


async def copy_store(
    source_url: str, target_url: str, on_progress: OnProgress | None = None
) -> dict[str, int]:
    """Copy all data of a store into one that is empty or holds a part of this copy.

    Returns how many rows each table has. Raises NotFound where there is no source, AlreadyExists
    where the target holds anything else, FailedPrecondition where the stores differ in the end,
    StoreDamaged, Unavailable.
    """
    if _name(source_url) == _name(target_url):
        raise FailedPrecondition(f"{_name(source_url)} cannot be copied into itself")
    async with _source(source_url) as source, _target(target_url) as target:
        return await copy_rows(copied_tables(), source, target, on_progress)


async def fill_store(
    backup: Path, target_url: str, on_progress: OnProgress | None = None
) -> dict[str, int]:
    """Copy all data of a backup into a store, as `copy_store` does."""
    if not await asyncio.to_thread(backup.is_file):
        raise NotFound(f"there is no backup {backup}")
    async with sqlite_source(backup) as source, _target(target_url) as target:
        return await copy_rows(copied_tables(), source, target, on_progress)


def _name(url: str) -> str:
    return database_name(url) if is_postgres(url) else file_name(sqlite_path(url))


@asynccontextmanager
async def _source(url: str) -> AsyncIterator[Source]:
    if is_postgres(url):
        async with connected(url) as connection, postgres_source(url, connection) as source:
            yield source
    else:
        async with sqlite_source(sqlite_path(url)) as file:
            yield file


@asynccontextmanager
async def _target(url: str) -> AsyncIterator[Target]:
    if is_postgres(url):
        async with connected(url) as connection, postgres_target(url, connection) as target:
            yield target
    else:
        async with sqlite_target(sqlite_path(url)) as file:
            yield file
