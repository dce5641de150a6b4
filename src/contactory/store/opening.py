"""Opens stores by their URL."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from contactory.domain.errors import NotFound
from contactory.store.engine import Store
from contactory.store.postgres import PostgresStore
from contactory.store.sqlite import SqliteStore

SQLITE_SCHEME: Final = "sqlite:///"
POSTGRES_SCHEMES: Final = ("postgresql://", "postgres://")


async def open_store(url: str) -> Store:
    """Open the store at the URL, making it where there is none.

    Raises NotFound for a URL of another kind, StoreDamaged, Unavailable.
    """
    if is_postgres(url):
        return await PostgresStore.open(url)
    return await SqliteStore.open(sqlite_path(url))


async def store_exists(url: str) -> bool:
    """Whether there is a store at the URL. Raises NotFound as `open_store`, and Unavailable."""
    if is_postgres(url):
        return await PostgresStore.exists(url)
    return sqlite_path(url).exists()


def is_postgres(url: str) -> bool:
    """Whether the URL names a database on a server of PostgreSQL."""
    return url.startswith(POSTGRES_SCHEMES)


def sqlite_path(url: str) -> Path:
    """The file that the URL names; `sqlite:////` starts an absolute path.

    Raises NotFound for a URL of another kind.
    """
    path = url.removeprefix(SQLITE_SCHEME)
    if path == url or not path:
        kind = url.split(":", maxsplit=1)[0]
        raise NotFound(f"cannot open {kind}: use {SQLITE_SCHEME}FILE or postgresql://…")
    return Path(unquote(path))
