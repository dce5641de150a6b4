"""A guard against lost speed by ratios within one run: of processor time, and of steps of SQLite.

Limits are far from what is usual, so that only a real loss fails them.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Final

import contactory
from benchmarks.bodies import body
from benchmarks.create_rows import raw_timing, recorded

_ROUNDS: Final = 3
_CREATES: Final = 1_500
_CALLERS: Final = 32
_LEAST: Final = 0.25
"""Of the processor time of a create, the bare inserts of its rows take half, in a usual run."""

_FILLED: Final = 2_000
_MEASURED: Final = 32
_MOST_GROWTH: Final = 1.5


async def cpu_of_creates(path: Path) -> float:
    """Seconds of processor time, of a store's first creates."""
    async with contactory.connect(f"sqlite:///{path}") as crm:
        began = time.process_time()
        await create(crm, range(_CREATES))
        return time.process_time() - began


async def steps_of_creates(path: Path) -> tuple[int, int]:
    """What SQLite does for the same number of creates in a store of few contacts, and of many."""
    async with contactory.connect(f"sqlite:///{path}") as crm:
        store: Any = crm.context.store
        steps = 0

        def count() -> bool:
            nonlocal steps
            steps += 1
            return False

        async def counted(first: int) -> int:
            nonlocal steps
            steps = 0
            store._writer.set_progress_handler(count, 1)
            await create(crm, range(first, first + _MEASURED))
            store._writer.set_progress_handler(None)
            return steps

        await create(crm, range(_MEASURED))
        few = await counted(1_000_000)
        await create(crm, range(_MEASURED, _FILLED))
        return few, await counted(2_000_000)


async def create(crm: Any, numbers: range) -> None:
    """Create these contacts, with many callers."""
    remaining = iter(numbers)

    async def caller() -> None:
        for number in remaining:
            await crm.contacts.create_contact(body(number))

    await asyncio.gather(*(caller() for _ in range(_CALLERS)))


def test_a_create_costs_no_more_than_a_few_times_its_inserts(tmp_path: Path) -> None:
    written = recorded("sqlite", _CREATES)
    ratios = []
    for at in range(_ROUNDS):
        raw = raw_timing(tmp_path / f"raw{at}.db", written, _CALLERS).cpu_s
        ratios.append(raw / asyncio.run(cpu_of_creates(tmp_path / f"creates{at}.db")))
    assert max(ratios) > _LEAST


def test_a_create_takes_no_more_steps_in_a_fuller_store(tmp_path: Path) -> None:
    few, many = asyncio.run(steps_of_creates(tmp_path / "contacts.db"))
    assert few > _MEASURED * 100, "the steps are counted"
    assert many < few * _MOST_GROWTH
