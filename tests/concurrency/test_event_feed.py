"""Followers of the feed while eight writers commit in any order: each event once, never back."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from contactory.domain.event_feed import FeedEvent
from contactory.ops.crm import Crm
from tests.stores import StoreUnderTest

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PROCESSES = 4
ROUNDS = 25
SEED = 20_261_125
REPOSITORY = Path(__file__).parents[2]
PATIENCE_S = 60


class Seen(msgspec.Struct):
    """What one follower saw, in its order."""

    events: list[FeedEvent] = []

    @property
    def places(self) -> list[int]:
        return [place_of(event) for event in self.events]

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.events]


def place_of(event: FeedEvent) -> int:
    return int(event.cursor.removeprefix("e"))


async def written(store: StoreUnderTest) -> None:
    """Let the processes write, all of them at once, to their end."""
    module = "tests.concurrency.event_writer"
    writers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, store.url, str(SEED + at), str(ROUNDS)), cwd=REPOSITORY
        )
        for at in range(PROCESSES)
    ]
    assert [await writer.wait() for writer in writers] == [0] * PROCESSES


async def follow(crm: Crm, seen: Seen) -> None:
    """Follow without a break."""
    async with aclosing(crm.events.follow("earliest")) as events:
        async for event in events:
            seen.events.append(event)


async def follow_in_parts(crm: Crm, seen: Seen) -> None:
    """Follow, and begin anew after the last event every now and then."""
    chance = random.Random(SEED)
    while True:
        after = seen.events[-1].cursor if seen.events else "earliest"
        end = len(seen.events) + chance.randint(1, 20)
        async with aclosing(crm.events.follow(after)) as events:
            while len(seen.events) < end:
                seen.events.append(await anext(events))


async def follow_page_by_page(crm: Crm, seen: Seen) -> None:
    """Ask for pages of any size, as those do who cannot wait for an answer."""
    chance, cursor = random.Random(SEED), "earliest"
    while True:
        page = await crm.events.list_events(cursor, chance.randint(1, 30))
        seen.events += page.events
        cursor = page.cursor
        await asyncio.sleep(chance.uniform(0, 0.02))


FOLLOWERS: list[Callable[[Crm, Seen], Awaitable[None]]] = [
    follow,
    follow_in_parts,
    follow_page_by_page,
]


async def test_each_follower_sees_every_event_once_and_in_an_order_that_never_goes_back(
    store: StoreUnderTest,
) -> None:
    print(f"seed {SEED}")
    seen = [Seen() for _ in FOLLOWERS]
    async with await Crm.open(store.url) as crm, await Crm.open(store.url) as other:
        following = [
            asyncio.ensure_future(follower(where, mine))
            for follower, where, mine in zip(FOLLOWERS, (crm, other, crm), seen, strict=True)
        ]
        await written(store)
        expected = {one for (one,) in store.rows("SELECT id FROM outbox")}
        assert len(expected) > PROCESSES * ROUNDS
        for _ in range(20 * PATIENCE_S):
            if all(len(mine.events) >= len(expected) for mine in seen):
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # For what comes although it must not.
        for one in following:
            assert not one.done(), one
            one.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        for mine in seen:
            check(mine, expected)
        assert seen[0].events == seen[1].events == seen[2].events
        await check_resuming(crm, seen[0])


def check(seen: Seen, expected: set[str]) -> None:
    """Each once, at places that grow, and of each entity in its own order."""
    assert len(seen.ids) == len(set(seen.ids))
    assert set(seen.ids) == expected
    assert seen.places == sorted(set(seen.places))
    sequences: dict[str, int] = {}
    for event in seen.events:
        assert event.sequence > sequences.get(event.entity_id, 0), event
        sequences[event.entity_id] = event.sequence


async def check_resuming(crm: Crm, seen: Seen) -> None:
    """From any cursor on, what comes is what came before."""
    chance = random.Random(SEED)
    for _ in range(20):
        at = chance.randrange(len(seen.events))
        page = await crm.events.list_events(seen.events[at].cursor, 1000)
        rest = seen.events[at + 1 :]
        assert page.events == rest[:1000]
