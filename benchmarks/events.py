"""What events cost: creates with and without webhooks, deliveries, their delay, and a backlog.

`python -m benchmarks.events [--postgres URL]`. Creates run in this process, deliveries in a worker
of their own, the receiver in a third process; all share the machine's processors. Two stores grow
alike, one without a webhook and one with; they are measured in turns, and compared round by round.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
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
from benchmarks.results import Events, Spread
from contactory import Settings
from contactory.ops.crm import Crm
from contactory.ops.settings import EventSettings

CALLERS = 32
_DELAYED = 50_000_000
"""The first number of those whose delay is measured."""
_PRIVATE = Settings(events=EventSettings(allows_private=True))
_PATIENCE_S = 1800


KINDS = ("SQLite", "PostgreSQL")


class Amounts(msgspec.Struct, frozen=True):
    """Rounds, the creates of each on each store, and how many events wait before they are sent."""

    rounds: int
    creates: int
    backlog: int


class Pair:
    """Two stores that have the same number of contacts, and whose creates were measured."""

    def __init__(self, plain: Crm, hooked: Crm, creates: int) -> None:
        self.alone: list[float] = []
        self.hooked = hooked
        self._plain = plain
        self.creates = creates
        self.created = 0

    async def ratio(self) -> float:
        """Creates a second with a webhook as a share of those without, one round of each.

        Every other round begins with the other store.
        """
        rates: dict[Crm, float] = {}
        turns = [self._plain, self.hooked]
        for crm in turns if self.created // self.creates % 2 else reversed(turns):
            rates[crm] = await create_rate(crm, self.created, self.creates)
        self.created += self.creates
        self.alone.append(rates[self._plain])
        return rates[self.hooked] / rates[self._plain]


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


async def events_costs(plain_url: str, hooked_url: str, port: int, amounts: Amounts) -> Events:
    """All measures on two new stores, with a receiver at this port."""
    async with (
        contactory.connect(plain_url, settings=_PRIVATE) as plain,
        contactory.connect(hooked_url, settings=_PRIVATE) as hooked,
    ):
        app = await hooked.apps.create_app("benchmark")
        await hooked.webhooks.create_webhook(app.app_id, f"http://127.0.0.1:{port}/")
        pair = Pair(plain, hooked, amounts.creates)
        await pair.ratio()  # The first creates of a store pay for what is made once.
        pair.alone.clear()
        registered = [await pair.ratio() for _ in range(amounts.rounds)]
        while pair.created < amounts.backlog:
            await pair.ratio()
        backlog = pair.created
        with working(hooked_url):
            started = time.perf_counter()
            await _until(port, backlog)
            drained = backlog / (time.perf_counter() - started)
            delays = await _delays(hooked, port)
            worked = [await _worked(pair, port) for _ in range(amounts.rounds)]
    return Events(
        alone_per_second=Spread.of(pair.alone),
        registered=Spread.of(registered),
        worked=Spread.of(worked),
        backlog=backlog,
        drained_per_second=drained,
        delay_p50_ms=_ms(delays, 0.5),
        delay_p99_ms=_ms(delays, 0.99),
    )


async def _worked(pair: Pair, port: int) -> float:
    """The ratio while a worker delivers; its rest is waited for, so that no round has another's."""
    expected = _told(port, "count") + pair.creates
    ratio = await pair.ratio()
    await _until(port, expected)
    return ratio


async def _delays(crm: Crm, port: int) -> list[float]:
    """Seconds from the answer of a create to its call, for creates with pauses between."""
    committed: dict[str, float] = {}
    seen = _told(port, "count")
    for number in range(_DELAYED, _DELAYED + 200):
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


def events_of(
    postgres: str, folder: Path, amounts: Amounts, kinds: Sequence[str] = KINDS
) -> Iterator[tuple[str, Events]]:
    """By kind of store what events cost there; PostgreSQL only where a server is named."""
    for kind in kinds:
        if kind == "PostgreSQL" and not postgres:
            continue
        plain, hooked = (_new_store(kind, name, postgres, folder) for name in ("plain", "hooked"))
        receiver = [sys.executable, "-m", "benchmarks.receiver"]
        with served(receiver, port_option=False) as (port, _):
            yield kind, uvloop.run(events_costs(plain, hooked, port, amounts))


def _new_store(kind: str, name: str, postgres: str, folder: Path) -> str:
    if kind == "PostgreSQL":
        return asyncio.run(make_database(postgres, f"contactory_events_{name}"))
    return f"sqlite:///{folder}/events-{name}.db"


def _report(measured: dict[str, Events]) -> Table:
    table = Table(title="Events (a create, its event, a signed call to a receiver on this machine)")
    for heading in ("", *measured):
        table.add_column(heading, justify="right" if heading else "left")
    for name, shown in ROWS.items():
        table.add_row(name, *(shown(one) for one in measured.values()))
    return table


def _share(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.low:.2f} to {spread.high:.2f})"


ROWS: dict[str, Callable[[Events], str]] = {
    "creates a second, no webhook": lambda one: f"{one.alone_per_second.median:,.0f}",
    "with one registered, its worker stopped": lambda one: _share(one.registered),
    "with a worker that delivers": lambda one: _share(one.worked),
    "backlog": lambda one: f"{one.backlog:,}",
    "drained, calls a second": lambda one: f"{one.drained_per_second:,.0f}",
    "delay p50, ms": lambda one: f"{one.delay_p50_ms:.0f}",
    "delay p99, ms": lambda one: f"{one.delay_p99_ms:.0f}",
}


def _ms(delays_s: list[float], share: float) -> float:
    return delays_s[min(int(len(delays_s) * share), len(delays_s) - 1)] * 1000


def main() -> None:
    """Measure everything and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=2_000, help="creates of each round")
    options.add_argument(
        "--rounds", type=int, default=6, help="rounds of each measure, an even number"
    )
    options.add_argument("--backlog", type=int, default=10_000, help="events that wait at first")
    options.add_argument("--postgres", default="", help="a server's URL, to measure it too")
    chosen = options.parse_args()
    amounts = Amounts(chosen.rounds, chosen.count, chosen.backlog)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        measured = dict(events_of(chosen.postgres, Path(folder), amounts))
    Console().print(_report(measured))


if __name__ == "__main__":
    main()
