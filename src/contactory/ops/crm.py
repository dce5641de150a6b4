"""The embedded library: one store, opened, with all nouns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from contactory.domain.errors import NotFound
from contactory.domain.identities import DEFAULT_SITE_ID, OWNER, Identity
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context, entered
from contactory.ops.settings import Settings
from contactory.store.engine import Store
from contactory.store.sites import ensure_site, find_site
from contactory.store.sqlite import SqliteStore

SQLITE_SCHEME = "sqlite:///"


class Crm:
    """A store opened in this process. It acts as the owner until told otherwise."""

    def __init__(self, store: Store, settings: Settings, site_id: str = DEFAULT_SITE_ID) -> None:
        self.store = store
        self.settings = settings
        self.context = Context(store=store, settings=settings, site_id=site_id, identity=OWNER)
        self.contacts = Contacts(self.context)

    @classmethod
    async def open(
        cls, url: str, settings: Settings | None = None, *, site_id: str = DEFAULT_SITE_ID
    ) -> Crm:
        """Open the store at the URL, making it where there is none.

        Raises NotFound for a URL of another kind, StoreDamaged, Unavailable.
        """
        store = await open_store(url)
        return cls(store, settings or Settings(), site_id)

    @asynccontextmanager
    async def acting_as(self, identity: Identity) -> AsyncIterator[Self]:
        """Let this identity act, here and in module-level calls, until the block ends."""
        with entered(self.context.acting_as(identity)):
            yield self

    async def ping(self) -> None:
        """See that the store answers. Raises Unavailable, StoreDamaged."""
        await self.store.read(lambda tx: find_site(tx, self.context.site_id))

    async def close(self) -> None:
        """Finish what was accepted and close the store."""
        await self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def open_store(url: str) -> Store:
    """Open a store by its URL, with the default site in it."""
    if not url.startswith(SQLITE_SCHEME):
        raise NotFound(f"cannot open {url.split(':', maxsplit=1)[0]}: use {SQLITE_SCHEME}FILE")
    store = await SqliteStore.open(Path(unquote(url.removeprefix(SQLITE_SCHEME))))
    await store.write(lambda tx: ensure_site(tx, DEFAULT_SITE_ID, "default"))
    return store
