"""Sudden ends of servers and workers, and a receiver of moods: every event arrives, in order."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from contactory.ops.crm import Crm
from contactory.ops.settings import EventSettings, Settings
from tests.concurrency.load import PATH
from tests.receivers import OK, Received, Receiver, receiving
from tests.servers import COMMAND, Server, environment, new_key, run_command, serve, store_url
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

SEED = 20_261_125
IS_FULL = bool(os.environ.get("CONTACTORY_TEST_FULL"))
"""Asks for as many changes and ends as the promise is made for: that takes minutes."""

CHANGES, KILLS = (10_000, 20) if IS_FULL else (800, 2)
CLIENTS = 8
PATIENCE_S = 240
PATIENT = ("--private-receivers", "--webhook-timeout", "0.4", "--pause-after", "1")
RETRIES = [part for _ in range(60) for part in ("--webhook-retry", "0.05")]


class Moods:
    """Answers of a receiver that is not well; what it accepted stands in its order."""

    def __init__(self, chance: random.Random) -> None:
        self.accepted: list[Received] = []
        self.chance = chance

    async def answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        mood = self.chance.random()
        if mood < 0.04:
            writer.write(b"HTTP/1.1 500 Unwell\r\ncontent-length: 0\r\n\r\n")
        elif mood < 0.06:
            writer.write(b"neither one nor the other\r\n\r\n")
            writer.close()
        elif mood < 0.09:
            writer.close()
        elif mood < 0.095:
            await asyncio.sleep(1)
        else:
            if mood > 0.97:
                await asyncio.sleep(0.05)
            self.accepted.append(received)
            writer.write(OK)


class Changes:
    """Clients that make, change, and delete contacts, on whichever server there is."""

    def __init__(self) -> None:
        self.url = ""
        self.done = 0
        self._numbers = itertools.count()

    async def run(self, key: str) -> None:
        """Make changes until there were enough."""
        async with httpx2.AsyncClient(headers={"authorization": key}, timeout=10) as client:
            await asyncio.gather(*(self._one_after_another(client) for _ in range(CLIENTS)))

    async def _one_after_another(self, client: httpx2.AsyncClient) -> None:
        while self.done < CHANGES:
            contact = await self._call(
                client, "POST", "", {"info": {"name": {"first": f"A{next(self._numbers)}"}}}
            )
            for title in ("one", "two"):
                if contact:
                    sent = {"info": {"jobTitle": title}, "revision": contact["revision"]}
                    contact = await self._call(client, "PATCH", f"/{contact['id']}", sent)
            if contact:
                await self._call(client, "DELETE", f"/{contact['id']}", None)

    async def _call(
        self, client: httpx2.AsyncClient, verb: str, path: str, sent: Any
    ) -> dict[str, Any]:
        """The contact of the answer; nothing where none came."""
        try:
            answer = await client.request(verb, f"{self.url}{PATH}{path}", json=sent)
        except httpx2.TransportError:
            await asyncio.sleep(0.05)
            return {}
        assert answer.status_code == 200, answer.text
        self.done += 1
        return dict(answer.json().get("contact") or {})


@contextmanager
def working(store: StoreUnderTest) -> Iterator[subprocess.Popen[bytes]]:
    """A worker without a server, until the block ends."""
    command = [str(COMMAND), "worker", "--store", store_url(store), *PATIENT, *RETRIES]
    with (store.folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=environment(), cwd=store.folder
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


async def killed_at_random(
    store: StoreUnderTest, key: str, changes: Changes, receiver: Receiver, moods: Moods
) -> None:
    """Servers and workers, which die in turn, each while it is at work, until all has arrived."""
    chance = moods.chance
    with ExitStack() as server_stack, ExitStack() as worker_stack:
        server: Server = server_stack.enter_context(serve(store, "--no-worker", key=key))
        worker = worker_stack.enter_context(working(store))
        changes.url = server.url
        for _ in range(KILLS // 2):
            before = changes.done
            while changes.done < min(before + 20, CHANGES):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, 0.3))
            server.kill()
            server = server_stack.enter_context(serve(store, "--no-worker", key=key))
            changes.url = server.url
            await receiver.until(len(receiver.calls) + 20, PATIENCE_S)
            await asyncio.sleep(chance.uniform(0, 0.1))
            worker.send_signal(signal.SIGKILL)
            worker.wait(20)
            worker = worker_stack.enter_context(working(store))
        async with asyncio.timeout(PATIENCE_S):
            while changes.done < CHANGES or len(told(moods.accepted)) < stored_events(store):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


def told(calls: list[Received]) -> set[str]:
    return {call.event["id"] for call in calls}


def stored_events(store: StoreUnderTest) -> int:
    return int(store.value("SELECT count(*) FROM outbox"))


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_event_arrives_in_order_whatever_dies(store: StoreUnderTest) -> None:
    print(f"seed {SEED}")
    moods, changes = Moods(random.Random(SEED)), Changes()
    async with receiving() as receiver:
        receiver.answering = moods.answer
        settings = Settings(events=EventSettings(allows_private=True))
        async with await Crm.open(store.url, settings) as crm:
            app = await crm.apps.create_app("app")
            await crm.webhooks.create_webhook(app.app_id, receiver.url)
        key = new_key(store)
        changing = asyncio.create_task(changes.run(key))
        await killed_at_random(store, key, changes, receiver, moods)
        await changing
    assert changes.done >= CHANGES
    rows = store.rows("SELECT id, entity_id, entity_sequence, body FROM outbox")
    happened = {str(event): (entity, sequence) for event, entity, sequence, _ in rows}
    assert told(moods.accepted) == happened.keys()
    for call in receiver.calls:
        assert happened[call.event["id"]] == (call.entity, call.sequence)
    first: dict[str, list[int]] = defaultdict(list)
    for call in moods.accepted:
        if call.sequence not in first[call.entity]:
            first[call.entity].append(call.sequence)
    assert [entity for entity, found in first.items() if found != sorted(found)] == []
    repeats = len(moods.accepted) - len(happened)
    print(f"{len(happened)} events, {len(receiver.calls)} calls, {repeats} repeats")
    states = store.rows("SELECT state, count(*) FROM deliveries GROUP BY state")
    assert states == [("DELIVERED", len(happened))]
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout
