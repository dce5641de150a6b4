"""Streams of events over servers that are killed: each event once, never back, none missing."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

import contactory
from tests.concurrency.load import Load
from tests.servers import Server, free_port, new_key, serve
from tests.stores import StoreUnderTest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SEED = 20_261_125
ROUNDS = 8
CLIENTS = 4
PATIENCE_S = 60

Event = tuple[int, str]
"""A place and an id."""


async def follow_as_the_library_does(server: Server, seen: list[Event]) -> None:
    async with contactory.connect(server.url, key=server.key) as crm:
        async for event in crm.events.follow("earliest"):
            place = int(event.cursor[1:])
            seen.append((place, event.id))


async def follow_as_browsers_do(server: Server, seen: list[Event]) -> None:
    """Come back after a second with the last id, as EventSource does."""
    headers = {"authorization": server.key, "accept": "text/event-stream", "last-event-id": "e0"}
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as client:
        while True:
            try:
                async with client.stream("GET", "/events", headers=headers) as answer:
                    async for block in blocks(answer):
                        headers["last-event-id"] = block["id"]
                        if "data" in block:
                            seen.append((int(block["id"][1:]), json.loads(block["data"])["id"]))
            except httpx2.TransportError:
                await asyncio.sleep(1)


async def blocks(answer: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
    rest = b""
    async for part in answer.aiter_raw():
        *whole, rest = (rest + part).split(b"\n\n")
        for block in whole:
            yield dict(line.split(": ", 1) for line in block.decode().split("\n"))


async def test_followers_come_back_to_a_server_that_was_killed(store: StoreUnderTest) -> None:
    print(f"seed {SEED}")
    chance, key, port = random.Random(SEED), new_key(store), free_port()
    ways = (follow_as_the_library_does, follow_as_browsers_do)
    seen: list[list[Event]] = [[] for _ in ways]
    following: list[asyncio.Future[None]] = []
    for at in range(ROUNDS):
        with serve(store, key=key, port=port) as server:
            following = following or [
                asyncio.ensure_future(way(server, mine))
                for way, mine in zip(ways, seen, strict=True)
            ]
            loading = asyncio.ensure_future(Load(f"round{at}").run(server, CLIENTS))
            await asyncio.sleep(chance.uniform(0.2, 1.5))
            server.process.send_signal(signal.SIGKILL)
            await loading
            server.process.wait()
    with serve(store, key=key, port=port):
        stored = {one for (one,) in store.rows("SELECT id FROM outbox")}
        for _ in range(20 * PATIENCE_S):
            if all(len(mine) >= len(stored) for mine in seen):
                break
            await asyncio.sleep(0.05)
        for one in following:
            assert not one.done(), one
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)
    assert len(stored) > ROUNDS * CLIENTS
    for mine in seen:
        places = [place for place, _ in mine]
        assert places == sorted(set(places))
        assert len(mine) == len(stored)
        assert {one for _, one in mine} == stored


async def test_a_server_that_stops_ends_its_streams_at_once(store: StoreUnderTest) -> None:
    with serve(store) as server:
        headers = {"authorization": server.key, "accept": "text/event-stream"}
        async with (
            httpx2.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client,
            client.stream("GET", "/events") as answer,
        ):
            parts = answer.aiter_raw()
            assert b"retry: 1000" in await anext(parts)
            server.process.send_signal(signal.SIGTERM)
            assert [part async for part in parts] == []
        assert server.process.wait(10) == 0
        assert "stream ended" in server.written()
        assert "Traceback" not in server.written()
