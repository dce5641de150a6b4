"""Sudden and orderly ends of a loaded server: nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import random
import signal

import httpx2
import pytest

from tests.concurrency.load import PATH, Load, info_of, keys_of
from tests.concurrency.stored import half_written, read_stored
from tests.servers import Server, new_key, run_command, serve
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

SEED = 20_261_125
ROUNDS = 20
CLIENTS = 12


async def load_then(server: Server, load: Load, seconds: float, sign: signal.Signals) -> None:
    """Load the server and send it the signal after so many seconds."""
    running = asyncio.create_task(load.run(server, CLIENTS))
    await asyncio.sleep(seconds)
    server.process.send_signal(sign)
    await running


def assert_whole(store: StoreUnderTest, load: Load) -> None:
    """Every answered create is there whole, and no other one in part."""
    stored = read_stored(store)
    assert half_written(stored) == []
    holders = {value: contact for contact, value, _ in stored.emails}
    lost = {email for email, made in load.answered.items() if holders.get(email) != made}
    assert lost == set()


async def retry_unanswered(server: Server, load: Load) -> None:
    """Send again what can be sent again: what a client does after a crash of its server."""
    again = [email for email in load.unanswered if keys_of(email)]
    load.unanswered.clear()
    async with httpx2.AsyncClient(
        base_url=server.url, headers={"authorization": server.key}, timeout=60
    ) as client:
        for email in again:
            await load.send(client, email)
            first = load.answered[email]
            body = {"info": info_of(email)}
            second = await client.post(PATH, json=body, headers=keys_of(email))
            assert second.json()["contact"]["id"] == first


@pytest.mark.slow
async def test_a_server_killed_twenty_times_has_every_answered_create(
    store: StoreUnderTest,
) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    key = new_key(store)
    load = Load("killed")
    for _ in range(ROUNDS):
        with serve(store, key=key) as server:
            await retry_unanswered(server, load)
            await load_then(server, load, chance.uniform(0.02, 0.7), signal.SIGKILL)
            assert server.process.wait() == -signal.SIGKILL
        assert_whole(store, load)
    assert load.refusals == []
    assert len(load.answered) > ROUNDS * 10, "the server was loaded"
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
async def test_a_server_asked_to_stop_answers_what_it_accepted(store: StoreUnderTest) -> None:
    key = new_key(store)
    for at in range(4):
        load = Load(f"stopped{at}")
        with serve(store, key=key) as server:
            await load_then(server, load, 0.3 + at / 10, signal.SIGTERM)
            assert server.process.wait() == 0
        assert_whole(store, load)
        assert load.refusals == []
        assert load.answered
        # What got no answer was not accepted either.
        kept = {value for _, value, _ in read_stored(store).emails}
        assert kept.isdisjoint(load.unanswered)
