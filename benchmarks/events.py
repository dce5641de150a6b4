"""What events cost: creates with and without webhooks, deliveries, their delay, and a backlog.

`python -m benchmarks.events [--postgres URL]`. Creates run in this process, deliveries in a worker
of their own, the receiver in a third process; all share the machine's processors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

import contactory
from benchmarks.bodies import body
from benchmarks.databases import make_database
from benchmarks.own import COMMAND
from benchmarks.processes import served
from contactory import Settings
from contactory.ops.crm import Crm
from contactory.ops.settings import EventSettings

CALLERS = 32
ROUNDS = 3
_PRIVATE = Settings(events=EventSettings(allows_private=True))
_PATIENCE_S = 1800


class Costs(msgspec.Struct):
    """What was measured on one store; rates are per second."""

    alone: float
    registered: float
    worked: float
    drained: float
    backlog: int
    delays_s: list[float]


@contextmanager
def working(url: str) -> Iterator[None]:
    """A worker beside this process until the block ends."""
    command = [COMMAND, "worker", "--store", url, "--private-receivers", "--log-level", "warning"]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


async def create_rate(crm: Crm, first: int, count: int) -> float:
    """Creates a second with many callers."""
    numbers = iter(range(first, first + count))

    async def caller() -> None:
        for number in numbers:
            await crm.contacts.create_contact(body(number))

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return count / (time.perf_counter() - started)


async def costs(url: str, port: int, count: int, backlog: int) -> Costs:
    """All measures on one new store, with a receiver at this port."""
    async with contactory.connect(url, settings=_PRIVATE) as crm:
        numbers = iter(range(0, 10**9, count))
        alone = [await create_rate(crm, next(numbers), count) for _ in range(ROUNDS)]
        app = await crm.apps.create_app("benchmark")
        await crm.webhooks.create_webhook(app.app_id, f"http://127.0.0.1:{port}/")
        registered = [await create_rate(crm, next(numbers), count) for _ in range(ROUNDS)]
        waiting = ROUNDS * count
        while waiting < backlog:
            await create_rate(crm, next(numbers), count)
            waiting += count
        with working(url):
            started = time.perf_counter()
            await _until(port, waiting)
            drained = waiting / (time.perf_counter() - started)
            delays = await _delays(crm, port, next(numbers))
            seen = _told(port, "count")
            worked = [await create_rate(crm, next(numbers), count) for _ in range(ROUNDS)]
            await _until(port, seen + ROUNDS * count)
    return Costs(median(alone), median(registered), median(worked), drained, waiting, delays)


async def _delays(crm: Crm, port: int, first: int) -> list[float]:
    """Seconds from the answer of a create to its call, for creates with pauses between."""
    committed: dict[str, float] = {}
    seen = _told(port, "count")
    for number in range(first, first + 200):
        contact = await crm.contacts.create_contact(body(number))
        committed[contact.id] = time.time()
        await asyncio.sleep(0.02)
    await _until(port, seen + len(committed))
    came = _told(port, "times")
    return sorted(came[contact] - at for contact, at in committed.items())


async def _until(port: int, calls: int) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while _told(port, "count") < calls:
        if time.monotonic() > ends:
            raise RuntimeError(f"of {calls} calls, {_told(port, 'count')} came")
        await asyncio.sleep(0.02)


def _told(port: int, what: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=60) as answer:
        return json.load(answer)


def _report(measured: dict[str, Costs]) -> Table:
    table = Table(title="Events (a create, its event, a signed call to a receiver on this machine)")
    for heading in ("", *measured):
        table.add_column(heading, justify="right" if heading else "left")
    rows: dict[str, Callable[[Costs], str]] = {
        "creates a second, no webhook": lambda one: f"{one.alone:,.0f}",
        "with one registered, its worker stopped": lambda one: f"{one.registered / one.alone:.2f}",
        "with a worker that delivers": lambda one: f"{one.worked / one.alone:.2f}",
        "backlog": lambda one: f"{one.backlog:,}",
        "drained, calls a second": lambda one: f"{one.drained:,.0f}",
        "delay p50, ms": lambda one: f"{_ms(one.delays_s, 0.5):.0f}",
        "delay p99, ms": lambda one: f"{_ms(one.delays_s, 0.99):.0f}",
    }
    for name, shown in rows.items():
        table.add_row(name, *(shown(one) for one in measured.values()))
    return table


def _ms(delays_s: list[float], share: float) -> float:
    return delays_s[min(int(len(delays_s) * share), len(delays_s) - 1)] * 1000


def main() -> None:
    """Measure everything and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=2_000, help="creates of each round")
    options.add_argument("--backlog", type=int, default=10_000, help="events that wait at first")
    options.add_argument("--postgres", default="", help="a server's URL, to measure it too")
    chosen = options.parse_args()
    measured: dict[str, Costs] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        urls = {"SQLite": f"sqlite:///{folder}/events.db"}
        if chosen.postgres:
            urls["PostgreSQL"] = asyncio.run(make_database(chosen.postgres, "contactory_events"))
        for name, url in urls.items():
            receiver = [sys.executable, "-m", "benchmarks.receiver"]
            with served(receiver, port_option=False) as (port, _):
                measured[name] = uvloop.run(costs(url, port, chosen.count, chosen.backlog))
    Console().print(_report(measured))


if __name__ == "__main__":
    main()
