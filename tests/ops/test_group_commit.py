"""Writers that share a commit on SQLite: nobody waits for ever, and the store goes on."""

from __future__ import annotations

import asyncio

import pytest

from contactory.domain.errors import Unavailable
from contactory.ops.crm import Crm
from contactory.store.engine import Transaction
from contactory.store.sites import find_site
from tests.ops.surroundings import counted
from tests.stores import StoreUnderTest, sqlite_only

pytestmark = [pytest.mark.anyio, sqlite_only]


async def test_writers_are_told_when_the_committing_is_stopped(
    crm: Crm, store: StoreUnderTest
) -> None:
    async def stopped(_tx: Transaction) -> None:
        raise asyncio.CancelledError

    people = [{"name": {"first": f"Person {number}"}} for number in range(200)]
    writers = [crm.contacts.create_contact(info) for info in people]
    done = await asyncio.wait_for(
        asyncio.gather(*writers, crm.store.write(stopped), return_exceptions=True), 30
    )
    told = [one for one in done if isinstance(one, BaseException)]
    assert told
    assert {type(one) for one in told} == {Unavailable}
    assert counted(store, "contacts") == len(done) - len(told)

    await crm.contacts.create_contact({"name": {"first": "After"}})
    assert counted(store, "contacts") == len(done) - len(told) + 1


async def test_work_that_waits_for_anything_but_its_queries_is_refused(crm: Crm) -> None:
    async def waits(tx: Transaction) -> None:
        await find_site(tx, crm.context.site_id)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="its queries only"):
        await crm.store.write(waits)
