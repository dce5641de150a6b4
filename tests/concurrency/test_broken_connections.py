"""Connections to the database that break at the worst moments: what was asked is done once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from contactory.domain.errors import Unavailable
from contactory.ops.crm import Crm
from tests import citus
from tests.concurrency.stored import half_written, read_stored
from tests.stores import StoreUnderTest, new_store

pytestmark = pytest.mark.anyio

INSERTS = b'"createdDate"'
"""Stands in the document that a create inserts, and in nothing else that it sends."""

COMMITS = b"COMMIT\0"


class Proxy:
    """Stands between a store and its database, and cuts a connection once where it is told to."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._marker = b""
        self._reaches = False
        self.cuts = 0
        self.requests = 0

    def cut(self, marker: bytes, *, reaches: bool) -> None:
        """Cut at the next request with this in it: before it reaches the database, or after."""
        self._marker, self._reaches = marker, reaches

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection(*self._there)
        is_mute = asyncio.Event()
        answering = asyncio.create_task(self._pass_answers(far, back, is_mute))
        try:
            while data := await near.read(2**20):
                self.requests += 1
                is_last = bool(self._marker) and self._marker in data
                if is_last:
                    self._marker, self.cuts = b"", self.cuts + 1
                    if not self._reaches:
                        break
                    is_mute.set()
                forth.write(data)
                await forth.drain()
                if is_last:
                    await answering
                    break
        finally:
            answering.cancel()
            for writer in (back, forth):
                writer.close()

    async def _pass_answers(
        self, far: asyncio.StreamReader, back: asyncio.StreamWriter, is_mute: asyncio.Event
    ) -> None:
        while data := await far.read(2**20):
            if is_mute.is_set():
                return  # The database has done it, and is heard by nobody.
            back.write(data)
        back.close()


@asynccontextmanager
async def behind_proxy(folder: Path) -> AsyncIterator[tuple[Crm, Proxy, StoreUnderTest]]:
    """A store behind a proxy; each kind of statement was sent before."""
    with new_store("postgres", folder) as store:
        parts = urlsplit(store.url)
        proxy = Proxy(parts.hostname or "", parts.port or 0)
        server = await proxy.serve()
        port = server.sockets[0].getsockname()[1]
        netloc = f"{parts.username}@127.0.0.1:{port}"
        # Where the server can encrypt, the proxy would not see what it carries.
        url = parts._replace(netloc=netloc, query="sslmode=disable").geturl()
        try:
            async with await Crm.open(url) as crm:
                for at in range(2):
                    await create(crm, f"warm{at}@example.com")
                    await create(crm, f"keyed{at}@example.com", idempotency_key=f"warm{at}")
                yield crm, proxy, store
        finally:
            server.close()


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[tuple[Crm, Proxy, StoreUnderTest]]:
    """A store whose connections can be cut, and are cut once."""
    async with behind_proxy(tmp_path) as (crm, proxy, store):
        yield crm, proxy, store
        assert proxy.cuts == 1


async def create(crm: Crm, email: str, **options: Any) -> str:
    info = {"name": {"first": "Ada"}, "emails": {"items": [{"email": email}]}}
    return (await crm.contacts.create_contact(info, **options)).id


@pytest.mark.skipif(citus.is_wanted(), reason="NOT TESTED: a cluster takes statements one by one")
async def test_a_create_is_one_round_trip(tmp_path: Path) -> None:
    async with behind_proxy(tmp_path) as (crm, proxy, _):
        before = proxy.requests
        for at in range(20):
            await create(crm, f"one{at}@example.com")
        asked = proxy.requests - before
    # Besides, others are told that there is news, mostly of each create by itself.
    assert 20 <= asked <= 40


@pytest.mark.parametrize("reaches", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("is_keyed", [False, True], ids=["alone", "in a transaction"])
async def test_a_create_whose_answer_is_lost_is_answered_and_done_once(
    proxied: tuple[Crm, Proxy, StoreUnderTest], *, reaches: bool, is_keyed: bool
) -> None:
    crm, proxy, store = proxied
    before = read_stored(store)
    proxy.cut(COMMITS if is_keyed else INSERTS, reaches=reaches)
    options = {"idempotency_key": "k"} if is_keyed else {}

    made = await create(crm, "once@example.com", **options)

    assert proxy.cuts == 1
    stored = read_stored(store)
    assert stored.holders("once@example.com") == [made]
    assert len(stored.contacts) == len(before.contacts) + 1
    assert half_written(stored) == []
    assert await crm.maintenance.check() == []
    if is_keyed:
        assert await create(crm, "once@example.com", **options) == made


@pytest.mark.parametrize("reaches", [True, False], ids=["done", "not done"])
async def test_an_update_whose_answer_is_lost_is_answered_and_done_once(
    proxied: tuple[Crm, Proxy, StoreUnderTest], *, reaches: bool
) -> None:
    crm, proxy, store = proxied
    contact = await create(crm, "changed@example.com")
    proxy.cut(COMMITS, reaches=reaches)

    updated = await crm.contacts.update_contact(contact, {"company": "Acme"}, 1)

    assert proxy.cuts == 1
    assert updated.revision == 2
    assert await crm.contacts.get_contact(contact) == updated
    slugs = store.rows("SELECT slug FROM outbox WHERE entity_id = ? ORDER BY id", contact)
    assert slugs == [("created",), ("updated",)]


async def test_where_no_event_tells_the_caller_is_told_that_nobody_knows(
    proxied: tuple[Crm, Proxy, StoreUnderTest],
) -> None:
    crm, proxy, store = proxied
    await crm.keys.create_key("first")
    proxy.cut(COMMITS, reaches=True)
    with pytest.raises(Unavailable, match="look whether it was written"):
        await crm.keys.create_key("second")
    names = store.rows("SELECT name FROM api_keys ORDER BY name")
    assert names == [("first",), ("second",)]


async def test_a_look_up_that_breaks_off_is_asked_again(
    proxied: tuple[Crm, Proxy, StoreUnderTest],
) -> None:
    crm, proxy, _ = proxied
    contact = await create(crm, "seen@example.com")
    await crm.contacts.get_contact(contact)
    proxy.cut(bytes.fromhex(contact.replace("-", "")), reaches=False)
    assert (await crm.contacts.get_contact(contact)).id == contact
    assert proxy.cuts == 1
