"""How fast contacts are created: embedded against a raw SQLite loop, HTTP against an echo,
and creates on PostgreSQL against its own inserts.

Run with `python -m benchmarks.create`. All figures are of one run on one machine: compare the
ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

import contactory
from benchmarks.bodies import body
from benchmarks.create_rows import raw_timing as raw_sqlite_timing
from benchmarks.create_rows import recorded
from benchmarks.databases import make_database
from benchmarks.load import Timing, http_request, run_load
from benchmarks.own import COMMAND, CONTACTS, contactory_json
from benchmarks.processes import cpu_seconds, resident_mib, served
from benchmarks.raw_postgres import raw_timing

CALLERS = 32
POSTGRES_CONNECTIONS = 16


class Measured(msgspec.Struct):
    """One line of the report."""

    name: str
    timing: Timing
    cpu_ms: float | None = None
    limit: Timing | None = None


async def embedded(folder: Path, count: int, callers: int) -> Measured:
    """Creates through the library, so many callers at once."""
    bodies = [body(number) for number in range(count)]
    remaining = iter(bodies)
    times: list[float] = []

    async def caller() -> None:
        for info in remaining:
            started = time.perf_counter()
            await crm.contacts.create_contact(info)
            times.append(time.perf_counter() - started)

    async with contactory.connect(f"sqlite:///{folder}/embedded-{callers}.db") as crm:
        gc.collect()
        gc.freeze()  # The bodies are ours, not the library's: the collector need not visit them.
        cpu, started = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Measured(f"embedded, {callers} callers", Timing.of(elapsed, times), cpu / count * 1000)


def over_http(store: str, count: int, connections: int, processes: int = 1) -> Measured:
    """Creates through server processes of their own; with one process, its CPU too."""
    key = contactory_json("keys", "create", "--store", store)["key"]
    requests = [_create_request(number, key) for number in range(count)]
    command = [COMMAND, "serve", "--store", store, "--log-level", "warning"]
    with served([*command, "--processes", str(processes)]) as (port, pid):
        cpu = cpu_seconds([pid])
        timing = uvloop.run(run_load(port, requests, connections))
        cpu = cpu_seconds([pid]) - cpu
    name = f"HTTP, {connections} connections"
    if processes > 1:
        return Measured(f"{name}, {processes} processes", timing)
    return Measured(name, timing, cpu / count * 1000)


def on_postgres(server: str, count: int) -> list[Measured]:
    """The limit that a PostgreSQL sets, and creates through one and two server processes."""
    written = recorded("postgres", count)
    url = asyncio.run(make_database(server, "contactory_raw"))
    limit = uvloop.run(raw_timing(url, written, POSTGRES_CONNECTIONS))
    name = f"raw PostgreSQL, {POSTGRES_CONNECTIONS} connections"
    measured = [Measured(name, limit, limit=limit)]
    for processes in (1, 2):
        url = asyncio.run(make_database(server, f"contactory_http_{processes}"))
        line = over_http(url, count, POSTGRES_CONNECTIONS, processes)
        measured.append(Measured(f"{line.name}, PostgreSQL", line.timing, line.cpu_ms, limit))
    return measured


def echo(count: int, connections: int) -> Measured:
    """The echo server under the same load."""
    requests = [_create_request(number, "none") for number in range(count)]
    with served([sys.executable, "-m", "benchmarks.echo"], port_option=False) as (port, pid):
        cpu = cpu_seconds([pid])
        timing = uvloop.run(run_load(port, requests, connections))
        cpu = cpu_seconds([pid]) - cpu
    return Measured(f"echo, {connections} connections", timing, cpu / count * 1000)


def memory_after(folder: Path, count: int) -> float:
    """MiB that the server holds after so many creates."""
    store = f"sqlite:///{folder}/memory.db"
    key = contactory_json("keys", "create", "--store", store)["key"]
    with served([COMMAND, "serve", "--store", store, "--log-level", "warning"]) as (port, pid):
        for start in range(0, count, 10_000):
            numbers = range(start, min(start + 10_000, count))
            requests = [_create_request(number, key) for number in numbers]
            uvloop.run(run_load(port, requests, CALLERS))
        return resident_mib(pid)


def start_seconds(folder: Path) -> float:
    """From the command to the first answer, on a store that is there already."""
    store = f"sqlite:///{folder}/start.db"
    contactory_json("keys", "create", "--store", store)
    started = time.perf_counter()
    with served([COMMAND, "serve", "--store", store, "--log-level", "warning"]):
        return time.perf_counter() - started


def _create_request(number: int, key: str) -> bytes:
    sent = msgspec.json.encode({"info": body(number)})
    return http_request(CONTACTS, sent, {"authorization": key})


def _report(raw: float, measured: list[Measured]) -> Table:
    table = Table(title="Creating contacts (a name, two e-mails, a phone; durable)")
    for heading in ("", "per second", "p50 ms", "p99 ms", "CPU ms", "of its limit"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("raw SQLite loop, 32 a commit", f"{raw:,.0f}", "", "", f"{1000 / raw:.3f}", "")
    for line in measured:
        limit = raw if line.limit is None else line.limit.rate
        table.add_row(
            line.name,
            f"{line.timing.rate:,.0f}",
            f"{line.timing.ms(0.5):.2f}",
            f"{line.timing.ms(0.99):.2f}",
            "" if line.cpu_ms is None else f"{line.cpu_ms:.3f}",
            "" if line.limit is line.timing else f"{line.timing.rate / limit:.2f}",
        )
    return table


def main() -> None:
    """Measure everything and print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=10_000, help="creates of each measure")
    options.add_argument("--postgres", default="", help="a server's URL, to measure it too")
    options.add_argument("--memory", type=int, default=0, help="creates before memory is read")
    chosen = options.parse_args()
    count = chosen.count
    console = Console()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        raw = raw_sqlite_timing(folder / "raw.db", recorded("sqlite", count), CALLERS).rate
        measured = [
            uvloop.run(embedded(folder, count, CALLERS)),
            uvloop.run(embedded(folder, count // 5, 1)),
        ]
        for connections, share in ((CALLERS, 1), (1, 5)):
            limit = echo(count // share, connections)
            limit.limit = limit.timing
            store = f"sqlite:///{folder}/http-{connections}.db"
            creates = over_http(store, count // share, connections)
            creates.limit = limit.timing
            measured += [limit, creates]
        if chosen.postgres:
            measured += on_postgres(chosen.postgres, count)
        console.print(_report(raw, measured))
        console.print(f"start to first answer: {start_seconds(folder):.2f} s")
        if chosen.memory:
            mib = memory_after(folder, chosen.memory)
            console.print(f"server's memory after {chosen.memory:,} creates: {mib:.0f} MiB")


if __name__ == "__main__":
    main()
