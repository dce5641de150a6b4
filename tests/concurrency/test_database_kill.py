"""Sudden ends of the database under a loaded server: nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from tests.concurrency.load import Load
from tests.concurrency.stored import half_written, read_stored
from tests.concurrency.test_kill import assert_whole
from tests.postgres import PostgresServer
from tests.servers import run_command, serve
from tests.stores import PostgresDatabase, StoreUnderTest
from tests.waiting import wait_for

pytestmark = pytest.mark.anyio

SEED = 20_261_125
ROUNDS = 8
LEAST = 10
"""So many creates are answered before each end, however slow the machine."""

CLIENTS = 12


class OwnDatabase(PostgresDatabase):
    """The database of a server that the test kills."""

    def __init__(self, url: str, folder: Path) -> None:
        StoreUnderTest.__init__(self, url, folder)
        self._connection: asyncpg.Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            wait_for(self._connection.close())
            self._connection = None


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A server that keeps what it has committed."""
    started = PostgresServer(is_durable=True)
    try:
        yield started
    finally:
        started.stop()


@pytest.mark.slow
async def test_a_killed_database_has_every_answered_create_and_the_server_goes_on(
    database: PostgresServer, tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    store = OwnDatabase(database.url, tmp_path)
    load = Load("killed")
    with serve(store) as server:
        running = asyncio.create_task(load.run(server, CLIENTS))
        for _ in range(ROUNDS):
            before = len(load.answered)
            while len(load.answered) < before + LEAST:
                assert not running.done(), "the server goes on by itself"
                await asyncio.sleep(0.02)
            before = len(load.answered)
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            await asyncio.to_thread(database.kill)
            await asyncio.sleep(chance.uniform(0, 0.5))
            await asyncio.to_thread(database.start)
            while len(load.answered) == before:
                assert not running.done(), "the server goes on by itself"
                await asyncio.sleep(0.05)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert_whole(store, load)
    assert half_written(read_stored(store)) == []
    assert {refusal[:3] for refusal in load.refusals} <= {"503"}
    assert load.unanswered == []
    checked = run_command(store, "check")
    store.close()
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
async def test_a_database_that_stays_away_is_503_with_a_time_to_come_back(
    database: PostgresServer, tmp_path: Path
) -> None:
    store = OwnDatabase(database.url, tmp_path)
    with serve(store) as server, server.client() as client:
        await asyncio.to_thread(database.kill)
        answer = await asyncio.to_thread(client.get, "/readyz")
        assert answer.status_code == 503
        body = {"info": {"name": {"first": "Ada"}}}
        answer = await asyncio.to_thread(client.post, "/contacts/v4/contacts", json=body)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        await asyncio.to_thread(database.start)
        answer = await asyncio.to_thread(client.post, "/contacts/v4/contacts", json=body)
        assert answer.status_code == 200
