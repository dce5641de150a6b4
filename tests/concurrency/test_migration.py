"""Servers of this version go on while the next one changes the tables of their database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from contactory.store.queries import migrations
from tests.concurrency.load import Load
from tests.concurrency.test_kill import assert_whole
from tests.servers import new_key, serve
from tests.stores import new_store

pytestmark = pytest.mark.anyio

CLIENTS = 6
NEXT_STEP = (
    "ALTER TABLE contacts ADD COLUMN nickname text",
    "ALTER TABLE contact_terms ADD COLUMN nickname text NOT NULL DEFAULT ''",
    "ALTER TABLE outbox ADD COLUMN delivered_at bigint",
    "CREATE TABLE nicknames (site_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (site_id, id))",
    "CREATE INDEX outbox_next ON outbox (site_id, created_at)",
)


async def migrate_as_the_next_version(url: str) -> None:
    connection = await asyncpg.connect(url)
    number = migrations("postgres")[-1].number + 1
    async with connection.transaction():
        for statement in NEXT_STEP:
            await connection.execute(statement)
            await asyncio.sleep(0.05)
        await connection.execute("INSERT INTO schema_migrations VALUES ($1, 'next')", number)
    await connection.close()


@pytest.mark.slow
async def test_two_servers_work_through_a_migration(tmp_path: Path) -> None:
    with new_store("postgres", tmp_path) as store:
        key = new_key(store)
        loads = [Load("one"), Load("two")]
        with serve(store, key=key) as one, serve(store, key=key) as two:
            running = [
                asyncio.create_task(load.run(server, CLIENTS))
                for load, server in zip(loads, (one, two), strict=True)
            ]
            await asyncio.sleep(1)
            before = [len(load.answered) for load in loads]
            await migrate_as_the_next_version(store.url)
            after = [len(load.answered) for load in loads]
            while any(len(load.answered) <= was for load, was in zip(loads, after, strict=True)):
                assert not any(task.done() for task in running)
                await asyncio.sleep(0.05)
            for task in running:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        assert all(before)
        for load in loads:
            assert load.refusals == []
            assert_whole(store, load)
