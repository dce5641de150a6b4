"""Bulk jobs while servers and workers are killed, race, and others write."""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from contactory.domain.bulk_jobs import BulkJobStatus
from contactory.domain.contacts import Contact
from contactory.ops.crm import Crm
from tests.servers import COMMAND, Server, environment, new_key, run_command, serve
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

SEED = 20_261_125
PEOPLE = 3_000
KILLS = 3
WITHIN_S = 60
ACME = {"info.company": "Acme"}
BULK = "/contacts/v4/bulk"


async def people(store: StoreUnderTest, number: int = PEOPLE) -> list[str]:
    """The ids of so many contacts of one company, made without a server."""
    infos = [{"name": {"first": f"P{at}"}, "company": "Acme"} for at in range(number)]
    async with await Crm.open(store.url) as crm:
        made: list[Contact] = list(await asyncio.gather(*map(crm.contacts.create_contact, infos)))
    return [contact.id for contact in made]


def ordered(server: Server, title: str = "Pilot") -> str:
    body = {"filter": ACME, "info": {"jobTitle": title}}
    with server.client() as client:
        answer = client.post(f"{BULK}/contacts/update", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["jobId"])


def done_items(store: StoreUnderTest) -> int:
    """How many contacts all jobs have worked on, read without our own code."""
    return int(store.value("SELECT sum(success_total + failed_total) FROM bulk_jobs"))


def wait_until(store: StoreUnderTest, number: int) -> None:
    ends = time.monotonic() + WITHIN_S
    while done_items(store) < number:
        assert time.monotonic() < ends, "the jobs do not go on"
        time.sleep(0.002)


def updates(store: StoreUnderTest) -> Counter[str]:
    """How many updated events each contact has."""
    events = store.rows("SELECT entity_id FROM outbox WHERE slug = 'updated'")
    return Counter(contact for (contact,) in events)


def assert_done_once(store: StoreUnderTest, ids: list[str], jobs: int = 1) -> None:
    """Each job has counted every contact, and written and told of each exactly once."""
    totals = "SELECT total_items, success_total, failed_total FROM bulk_jobs"
    assert store.rows(totals) == [(len(ids), len(ids), 0)] * jobs
    revisions = dict(store.rows("SELECT id, revision FROM contacts"))
    assert {revisions[one] for one in ids} == {1 + jobs}
    assert updates(store) == Counter(dict.fromkeys(ids, jobs))
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@contextmanager
def working(store: StoreUnderTest) -> Iterator[subprocess.Popen[bytes]]:
    """A `contactory worker` on the store."""
    command = [str(COMMAND), "worker", "--store", store.url, "--log-level", "error"]
    with subprocess.Popen(command, env=environment(), cwd=store.folder) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(WITHIN_S)


@pytest.mark.slow
async def test_a_job_goes_on_where_it_stood_when_its_server_was_killed(
    store: StoreUnderTest,
) -> None:
    ids, key = await people(store), new_key(store)
    print(f"seed {SEED}")
    chance, stood = random.Random(SEED), [0]
    for at in range(KILLS):
        with serve(store, key=key) as server:
            if at == 0:
                ordered(server)
            wait_until(store, stood[-1] + 1)
            await asyncio.sleep(chance.uniform(0, 0.05))
            server.kill()
        stood.append(done_items(store))
    assert stood == sorted(set(stood))
    assert stood[-1] < len(ids), "killed in the middle"
    with serve(store, key=key):
        wait_until(store, len(ids))
    assert_done_once(store, ids)


@pytest.mark.slow
async def test_others_write_while_a_job_runs(store: StoreUnderTest) -> None:
    ids = await people(store)
    with serve(store) as server:
        job_id = ordered(server)
        written = 0
        async with httpx2.AsyncClient(
            base_url=server.url, headers={"authorization": server.key}, timeout=60
        ) as client:
            while True:
                job = (await client.get(f"{BULK}/jobs/{job_id}")).json()["job"]
                if job["status"] == BulkJobStatus.COMPLETED:
                    break
                info = {"name": {"first": f"Other {written}"}}
                answer = await client.post("/contacts/v4/contacts", json={"info": info})
                assert answer.status_code == 200
                written += 1
    assert written >= 10
    assert_done_once(store, ids)


@pytest.mark.slow
async def test_workers_that_race_for_jobs_do_nothing_twice(store: StoreUnderTest) -> None:
    ids, key = await people(store, 1_000), new_key(store)
    with serve(store, "--no-worker", key=key) as server:
        for at in range(3):
            ordered(server, f"Title {at}")
        assert done_items(store) == 0
        with working(store) as first, working(store) as second, working(store):
            wait_until(store, 100)
            first.kill()
            wait_until(store, 1_500)
            second.kill()
            wait_until(store, 3 * len(ids))
    assert_done_once(store, ids, jobs=3)
