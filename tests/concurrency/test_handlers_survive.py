"""Handlers of events in real processes: which race, are killed, and have functions that hang."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import NamedTuple

import pytest

from contactory.ops.crm import Crm
from tests.servers import COMMAND, environment, new_key, serve
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

SEED = 20_261_125
PEOPLE = 300
KILLS = 2
WITHIN_S = 60

NOTING = """
    import asyncio
    import os
    from pathlib import Path
    from contactory import on_contact_created, on_contact_updated

    HEARD = Path("heard.txt")

    @on_contact_created
    @on_contact_updated
    async def note(event):
        line = f"{event.entity.id} {event.entity.revision} {event.metadata.id} {os.getpid()}"
        with HEARD.open("a") as heard:
            heard.write(line + "\\n")
        await asyncio.sleep(0.02)
"""
COPYING = """
    from pathlib import Path
    from contactory import contacts, on_contact_created

    @on_contact_created
    async def copy_once(event):
        if event.entity.info.company is None:
            info = {"name": {"first": event.entity.id}, "company": "Copy"}
            await contacts.create_contact(info)

    @on_contact_created
    def write_down(event):
        Path(event.entity.id).write_text(event.metadata.identity["identityType"])
"""
HANGING = """
    import time
    from pathlib import Path
    from contactory import on_contact_created

    @on_contact_created
    def hang(event):
        Path("heard.txt").write_text("hangs")
        time.sleep(1000)
"""


class Heard(NamedTuple):
    """One call of the handler."""

    contact: str
    revision: int
    event: str
    process: str


def write_module(store: StoreUnderTest, text: str) -> None:
    (store.folder / "noting.py").write_text(dedent(text))


def heard(store: StoreUnderTest) -> list[Heard]:
    """What the handler was told, in the order of the calls; a killed one may leave half a line."""
    file = store.folder / "heard.txt"
    lines = [one.split() for one in file.read_text().splitlines()] if file.exists() else []
    return [Heard(one[0], int(one[1]), one[2], one[3]) for one in lines if len(one) == 4]


def is_all(store: StoreUnderTest, expected: list[tuple[str, int]]) -> bool:
    return {one[:2] for one in heard(store)} >= set(expected)


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < ends, "the events are not handled"
        time.sleep(0.01)


@contextmanager
def working(store: StoreUnderTest, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `contactory worker` with the handlers of the store's folder."""
    command = [str(COMMAND), "worker", "--web", "noting", "--log-level", "error", *options]
    command += ["--store", store.url]
    with subprocess.Popen(command, env=environment(), cwd=store.folder) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(WITHIN_S)


async def make_known(store: StoreUnderTest) -> None:
    """From now on the handler's events wait for it."""
    async with await Crm.open(store.url):
        pass
    with working(store):
        wait_until(lambda: store.rows("SELECT 1 FROM subscriptions") != [])


async def written(store: StoreUnderTest, number: int = PEOPLE) -> list[tuple[str, int]]:
    """So many contacts, made and changed: each with its revisions."""
    async with await Crm.open(store.url) as crm:
        infos = [{"name": {"first": f"P{at}"}} for at in range(number)]
        made = await asyncio.gather(*map(crm.contacts.create_contact, infos))
        changed = [crm.contacts.update_contact(one.id, {"company": "Acme"}, 1) for one in made]
        await asyncio.gather(*changed)
    return [(one.id, revision) for one in made for revision in (1, 2)]


@pytest.mark.slow
async def test_each_event_is_handled_in_order_though_workers_are_killed(
    store: StoreUnderTest,
) -> None:
    write_module(store, NOTING)
    await make_known(store)
    expected = await written(store)
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    kills = 0
    for _ in range(KILLS):
        stood = len(heard(store))
        with working(store) as worker:
            wait_until(lambda stood=stood: len(heard(store)) > stood)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 0.03))
            worker.kill()
        if is_all(store, expected):
            break  # On a busy machine the order to kill comes late.
        kills += 1
    assert kills
    with working(store):
        wait_until(lambda: is_all(store, expected))

    calls = heard(store)
    assert {one[:2] for one in calls} == set(expected)
    assert len({one.event for one in calls}) == len(expected), "repetitions have the same id"
    firsts = list(dict.fromkeys(one[:2] for one in calls))
    last: dict[str, int] = {}
    for contact, revision in firsts:
        assert revision > last.get(contact, 0)
        last[contact] = revision
    by_process = Counter((one.event, one.process) for one in calls)
    assert set(by_process.values()) == {1}


@pytest.mark.slow
async def test_workers_that_race_handle_no_event_twice(store: StoreUnderTest) -> None:
    write_module(store, NOTING)
    await make_known(store)
    with working(store), working(store):
        expected = await written(store)
        wait_until(lambda: len(heard(store)) >= len(expected))
    assert Counter(one[:2] for one in heard(store)) == Counter(expected)


async def test_servers_of_several_processes_run_handlers(store: StoreUnderTest) -> None:
    write_module(store, COPYING)
    options = ("--web", "noting", "--processes", "2")
    with serve(store, *options) as server, server.client() as client:
        body = {"info": {"name": {"first": "John"}}}
        made = client.post("/contacts/v4/contacts", json=body).json()["contact"]["id"]
        counted = "SELECT count(*) FROM contacts"
        wait_until(lambda: store.value(counted) == 2)
        wait_until((store.folder / made).exists)
        copied = client.post("/contacts/v4/contacts/query", json={}).json()["contacts"]
        assert sorted(one["info"].get("company", made) for one in copied) == sorted(["Copy", made])
        await asyncio.sleep(0.5)
        assert store.value(counted) == 2
    assert (store.folder / made).read_text() == "WIX_USER"


async def test_a_server_without_a_worker_leaves_events_to_one(store: StoreUnderTest) -> None:
    write_module(store, NOTING)
    await make_known(store)
    with serve(store, "--web", "noting", "--no-worker", key=new_key(store)):
        expected = await written(store, 5)
        await asyncio.sleep(1.5)
        assert heard(store) == []
    with working(store):
        wait_until(lambda: len(heard(store)) == len(expected))


async def test_a_function_that_hangs_does_not_keep_a_worker_from_ending(
    store: StoreUnderTest,
) -> None:
    write_module(store, HANGING)
    await make_known(store)
    await written(store, 1)
    with working(store, "--handler-timeout", "0.1") as worker:
        wait_until((store.folder / "heard.txt").exists)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(WITHIN_S) == 0
    state = "SELECT state, reason FROM deliveries"
    assert store.rows(state) == [("WAITING", "TimeoutError: it did not end within 0.1 s")]
