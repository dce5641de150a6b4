"""Who works at bulk jobs, in which steps, and what happens when somebody stops halfway."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

import pytest
import structlog

from contactory.domain.bulk_jobs import (
    BulkJob,
    BulkJobStatus,
)
from contactory.domain.errors import (
    NotFound,
)
from contactory.kit.ids import RowId
from contactory.ops.crm import Crm
from contactory.ops.job_running import CHUNK, JobRunner
from contactory.worker.bulk_jobs import JobWorker
from tests.ops.jobs_done import (
    ACME,
    MORE_THAN_A_CHUNK,
    current,
    errors,
    people,
    told,
    totals,
)
from tests.ops.surroundings import counted
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

WITHIN_S = 30


async def ended(crm: Crm, job_id: str) -> BulkJob:
    """The job once another one has finished it."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            job = await crm.contacts.get_bulk_job(job_id)
            if job.status is BulkJobStatus.COMPLETED:
                return job
            await asyncio.sleep(0.01)


async def begun(crm: Crm, job_id: str) -> None:
    """Wait until another one has worked on some contacts."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if (await crm.contacts.get_bulk_job(job_id)).success_total:
                return
            await asyncio.sleep(0)


async def test_a_job_tells_how_far_it_is(crm: Crm) -> None:
    await people(crm, MORE_THAN_A_CHUNK)
    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})
    new = await crm.contacts.get_bulk_job(started.job_id)
    seen: list[BulkJob] = []

    job = await crm.wait_for_bulk_job(started.job_id, seen.append)

    assert totals(new) == ("NEW", 0, 0, 0)
    assert new.finished_date is None
    assert (seen[0], seen[-1]) == (new, job)
    running = seen[1:-1]
    assert running
    assert {(one.status, one.total_items) for one in running} == {("RUNNING", job.total_items)}
    done = [one.success_total for one in seen]
    assert done == sorted(set(done))
    assert max(after - before for before, after in pairwise(done)) <= 50


async def test_jobs_stay_on_their_site(crm: Crm, elsewhere: Crm) -> None:
    here, there = await people(crm, 2), await people(elsewhere, 2)
    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})

    with pytest.raises(NotFound):
        await elsewhere.contacts.get_bulk_job(started.job_id)
    assert await elsewhere.contacts.list_bulk_jobs() == []
    assert totals(await crm.wait_for_bulk_job(started.job_id))[1:] == (len(here), len(here), 0)
    assert await current(elsewhere, there) == there


async def test_jobs_of_a_site_are_done_in_their_order(crm: Crm) -> None:
    await people(crm, 2)
    info = {"company": "Other"}
    first = await crm.contacts.bulk_update_contacts({"filter": ACME, "info": info})
    second = await crm.contacts.bulk_delete_contacts({"filter": {"info.company": "Other"}})

    assert totals(await crm.wait_for_bulk_job(second.job_id)) == ("COMPLETED", 2, 2, 0)
    assert (await crm.contacts.get_bulk_job(first.job_id)).status == "COMPLETED"


async def test_a_worker_is_woken_by_an_order_and_serves_every_site(
    crm: Crm, elsewhere: Crm
) -> None:
    for site in (crm, elsewhere):
        await people(site, MORE_THAN_A_CHUNK)
    worker = JobWorker(crm.store, crm.settings, pause_s=2 * WITHIN_S)
    running = asyncio.create_task(worker.run())
    try:
        for site in (crm, elsewhere):
            started = await site.contacts.bulk_delete_contacts({"filter": ACME})
            job = await ended(site, started.job_id)
            assert totals(job) == ("COMPLETED", MORE_THAN_A_CHUNK, MORE_THAN_A_CHUNK, 0)
    finally:
        worker.stop()
        await running


async def test_a_job_is_one_workers_until_it_is_released(crm: Crm) -> None:
    await people(crm, MORE_THAN_A_CHUNK)
    await crm.contacts.bulk_delete_contacts({"filter": ACME})
    site = crm.context.site_id
    first, second = (JobRunner(crm.store, crm.settings) for _ in range(2))

    assert await first.advance(site)
    before = (await crm.contacts.list_bulk_jobs())[0]
    assert not await second.advance(site)
    assert (await crm.contacts.list_bulk_jobs())[0] == before
    await first.release()
    assert await second.advance(site)
    assert not await first.advance(site)


async def test_contacts_are_changed_only_with_the_note_that_they_are(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, MORE_THAN_A_CHUNK)
    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})
    store.plant_fault("UPDATE OF success_total", "bulk_jobs")

    with structlog.testing.capture_logs(), pytest.raises(RuntimeError, match=store.fault):
        await JobRunner(crm.store, crm.settings).advance(crm.context.site_id)

    assert counted(store, "contacts") == len(made)
    assert told(store, "deleted") == []
    store.remove_fault("bulk_jobs")
    job = await crm.wait_for_bulk_job(started.job_id)
    assert totals(job) == ("COMPLETED", len(made), len(made), 0)


async def test_of_two_workers_that_find_a_job_at_once_one_has_it(crm: Crm) -> None:
    await people(crm, MORE_THAN_A_CHUNK)
    await crm.contacts.bulk_delete_contacts({"filter": ACME})
    runners = [JobRunner(crm.store, crm.settings) for _ in range(2)]

    had = await asyncio.gather(*[one.advance(crm.context.site_id) for one in runners])

    assert sorted(had) == [False, True]


async def test_the_job_of_a_worker_that_is_gone_goes_on_where_it_stood(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, MORE_THAN_A_CHUNK)
    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})
    gone = JobRunner(crm.store, crm.settings)
    await gone.advance(crm.context.site_id)
    store.change("UPDATE bulk_jobs SET claimed_until = 1")

    job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", len(made), len(made), 0)
    assert Counter(who for who, _ in told(store, "deleted")) == Counter(c.id for c in made)
    assert not await gone.advance(crm.context.site_id)


async def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, 6 * CHUNK)
    info = {"company": "New"}
    started = await crm.contacts.bulk_update_contacts({"filter": ACME, "info": info})
    worker = JobWorker(crm.store, crm.settings)
    running = asyncio.create_task(worker.run())
    await begun(crm, started.job_id)
    worker.stop()
    await running

    halfway = await crm.contacts.get_bulk_job(started.job_id)
    assert halfway.status == "RUNNING"
    assert 0 < halfway.success_total < len(made)
    assert await JobRunner(crm.store, crm.settings).advance(crm.context.site_id)
    store.change("UPDATE bulk_jobs SET claimed_until = 1")
    job = await crm.wait_for_bulk_job(started.job_id)
    assert totals(job) == ("COMPLETED", len(made), len(made), 0)
    assert {contact.revision for contact in await current(crm, made)} == {2}
    assert Counter(who for who, _ in told(store, "updated")) == Counter(c.id for c in made)


async def test_a_contact_that_cannot_even_be_read_is_passed_over(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, MORE_THAN_A_CHUNK)
    broken = made[CHUNK + 7]
    statement = "UPDATE contact_documents SET document = '{' WHERE contact_id = ?"
    store.change(statement, RowId(broken.id))

    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})
    with structlog.testing.capture_logs() as logged:
        job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", len(made), len(made) - 1, 1)
    assert errors(job) == {"INTERNAL": 1}
    assert "fault in a bulk job" in [entry["event"] for entry in logged]
    assert counted(store, "contacts") == 1
