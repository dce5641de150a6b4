"""A store that is spread over the machines of a Citus cluster: one site is on one of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import contactory
from benchmarks.filling import fill_with_people
from benchmarks.query import sampled
from benchmarks.questions import QUESTIONS
from contactory.domain.errors import DuplicateContact
from contactory.ops.maintenance import distribute
from contactory.store.queries import load
from tests.citus import GIVEN, CitusDatabases
from tests.contract.test_queries import LOOKING_ACROSS_SITES
from tests.waiting import wait_for

SHARDS = 8
PEOPLE = 300
QUERIES = load("postgres")
VALUES = {
    "uuid": UUID(int=1),
    "text": "x",
    "int4": 1,
    "int8": 1,
    "bool": True,
    "float8": 1.0,
    "bytea": b"x",
}
_TASKS = re.compile(r"Task Count: (\d+)")

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(
        GIVEN not in os.environ,
        reason=f"NOT TESTED: there is no Citus here, name a database of one in {GIVEN}",
    ),
]


@pytest.fixture(scope="module")
def databases() -> Iterator[CitusDatabases]:
    made = CitusDatabases()
    yield made
    made.drop_all()


@pytest.fixture(scope="module")
def spread(databases: CitusDatabases) -> str:
    """The URL of a distributed store with some people."""
    url = databases.lend()
    wait_for(fill_with_people(url, PEOPLE))
    return url


@pytest.fixture
def connection(spread: str) -> Iterator[asyncpg.Connection]:
    made = wait_for(asyncpg.connect(spread))
    yield made
    wait_for(made.close())


async def test_a_second_time_nothing_is_left_to_distribute(spread: str) -> None:
    assert await distribute(spread, SHARDS) == []


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - LOOKING_ACROSS_SITES))
def test_every_query_of_a_site_is_one_task(name: str, connection: asyncpg.Connection) -> None:
    if name.startswith("check_"):
        wait_for(connection.fetch(QUERIES[name].sql))  # They look at all sites.
        return
    assert wait_for(_tasks(connection, name)) == 1


async def test_every_question_about_contacts_is_one_task(spread: str) -> None:
    await _change(spread, "SET citus.multi_task_query_log_level = 'error'")
    try:
        async with contactory.connect(spread) as crm:
            (sample,) = await sampled(crm, PEOPLE, 1)
            asked = [question for question in QUESTIONS if question.suits(sample)]
            assert len(asked) > len(QUESTIONS) / 2
            for question in asked:
                await question.ask(crm, sample)
            assert (await crm.contacts.query_contacts({})).paging_metadata.total == PEOPLE
    finally:
        await _without_limits(spread)


async def test_writes_and_checks_are_as_on_one_machine(spread: str) -> None:
    async with contactory.connect(spread) as crm:
        info: dict[str, Any] = {"emails": {"items": [{"email": "spread@example.com"}]}}
        made = await crm.contacts.create_contact(info, idempotency_key="spread")
        assert await crm.contacts.create_contact(info, idempotency_key="spread") == made
        with pytest.raises(DuplicateContact):
            await crm.contacts.create_contact(info)
        await crm.labels.find_or_create_label("Spread")
        await crm.contacts.label_contact(made.id, ["custom.spread"])
        assert await crm.maintenance.check() == []
        await crm.labels.delete_label("custom.spread")
        await crm.contacts.delete_contact(made.id)
        assert await crm.maintenance.check() == []


async def test_who_was_there_before_goes_on_when_the_store_is_spread(
    databases: CitusDatabases,
) -> None:
    url = databases.lend(is_bare=True)
    info = {"emails": {"items": [{"email": "one@example.com"}, {"email": "two@example.com"}]}}
    async with contactory.connect(url) as crm:
        made = await crm.contacts.create_contact(info)
        assert "contacts" in await distribute(url, SHARDS)
        with pytest.raises(DuplicateContact) as refused:
            await crm.contacts.create_contact(info)
        assert refused.value.contact_id == made.id
        await crm.contacts.create_contact({"emails": {"items": [{"email": "3@example.com"}]}})
        changed = await crm.contacts.update_contact(made.id, {"company": "Looms"}, made.revision)
        assert await crm.contacts.get_contact(made.id) == changed
        assert (await crm.contacts.query_contacts({})).paging_metadata.total == 2
        assert await crm.maintenance.check() == []


async def _without_limits(url: str) -> None:
    await _change(url, "RESET citus.multi_task_query_log_level")


async def _change(url: str, setting: str) -> None:
    connection = await asyncpg.connect(url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f'ALTER DATABASE "{name}" {setting}')
    await connection.close()


async def _tasks(connection: asyncpg.Connection, name: str) -> int:
    query = QUERIES[name]
    kinds = (await connection.prepare(query.sql)).get_parameters()
    transaction = connection.transaction()
    await transaction.start()
    try:
        values = [VALUES[kind.name] for kind in kinds]
        lines = await connection.fetch(f"EXPLAIN {query.sql}", *values)
    finally:
        await transaction.rollback()
    found = _TASKS.search(" ".join(line[0] for line in lines))
    assert found, lines
    return int(found[1])
