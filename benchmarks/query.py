"""How fast contacts are found in lists of growing size: p50 and p99 of each call, and its growth.

Run with `python -m benchmarks.query --folder FOLDER`; stores stay in the folder, or on the server
of `--postgres`, and are used again.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

import contactory
from benchmarks.databases import database_url, make_database
from benchmarks.filling import fill_with_people
from benchmarks.load import Timing
from benchmarks.people import person
from benchmarks.questions import QUESTIONS, Question, Sample

_WARM_UP = 5
_FEWEST_CALLS = 5
_WALK = "cursor walk, contacts/s"


class Measured(msgspec.Struct, rename="camel"):
    """One call at one size: milliseconds, and how many items its first answer found."""

    name: str
    size: int
    calls: int
    p50_ms: float
    p99_ms: float
    found: int | None


class Report(msgspec.Struct, rename="camel"):
    """All that one run saw; rates are contacts a second by the size of the list."""

    load_rates: dict[int, float]
    walk_rates: dict[int, float]
    measured: list[Measured]


def filled_store(chosen: argparse.Namespace, size: int, console: Console) -> tuple[str, float]:
    """The store of this size, made unless it was before, and its load rate."""
    folder = Path(chosen.folder)
    kind = "postgres-" if chosen.postgres else ""
    done = folder / f"{kind}people-{size}.json"
    url = f"sqlite:///{folder}/people-{size}.db"
    if chosen.postgres:
        url = database_url(chosen.postgres, f"people_{size}")
    if not done.exists():
        if chosen.postgres:
            asyncio.run(make_database(chosen.postgres, f"people_{size}"))
        for left in folder.glob(f"people-{size}.db*") if not chosen.postgres else ():
            left.unlink()
        rate = uvloop.run(fill_with_people(url, size))
        done.write_bytes(msgspec.json.encode({"rate": rate}))
        console.print(f"{size:,} contacts loaded, {rate:,.0f} a second")
    return url, float(msgspec.json.decode(done.read_bytes())["rate"])


async def sampled(crm: Any, size: int, count: int) -> list[Sample]:
    """People of the list, with their ids."""
    random, found = Random(size), list[Sample]()
    while len(found) < count:
        info = person(random.randrange(size))
        if "emails" not in info:
            continue
        email = info["emails"]["items"][0]["email"]
        page = await crm.contacts.find_contacts({"filter": {"info.emails.email": email}})
        found.append(Sample(id=page.contacts[0].id, info=info, size=size))
    return found


async def measure(
    crm: Any, question: Question, samples: Sequence[Sample], seconds: float
) -> Measured | None:
    """Ask of each sample that the question suits, until so many seconds have passed."""
    asked = [sample for sample in samples if question.suits(sample)]
    if not asked:
        return None
    for sample in asked[:_WARM_UP]:
        answer = await question.ask(crm, sample)
    times: list[float] = []
    begun = time.perf_counter()
    for sample in asked:
        started = time.perf_counter()
        await question.ask(crm, sample)
        times.append(time.perf_counter() - started)
        if times[-1] + started - begun > seconds and len(times) >= _FEWEST_CALLS:
            break
    timing = Timing.of(sum(times), times)
    return Measured(
        question.name,
        samples[0].size,
        len(times),
        timing.ms(0.5),
        timing.ms(0.99),
        _total(answer),
    )


def _total(answer: Any) -> int | None:
    metadata = getattr(answer, "paging_metadata", None)
    total = getattr(metadata, "total", None)
    return None if total is None else int(total)


async def walk(crm: Any, size: int) -> float:
    """Read the whole list page by page; contacts a second."""
    started, seen, paging = time.perf_counter(), 0, {"limit": 1000}
    while True:
        page = await crm.contacts.find_contacts({"cursorPaging": paging})
        seen += len(page.contacts)
        cursors = page.paging_metadata.cursors
        if cursors is None or cursors.next is None:
            break
        paging = {"limit": 1000, "cursor": cursors.next}
    if seen != size:
        raise RuntimeError(f"the walk saw {seen:,} of {size:,} contacts")
    return seen / (time.perf_counter() - started)


async def measure_size(
    url: str, size: int, chosen: argparse.Namespace, report: Report, console: Console
) -> None:
    """All questions that were chosen, on one store."""
    async with contactory.connect(url) as crm:
        samples = await sampled(crm, size, chosen.calls)
        gc.collect()
        gc.freeze()
        for question in QUESTIONS:
            if _is_chosen(question.name, chosen.only):
                found = await measure(crm, question, samples, chosen.seconds)
                if found is not None:
                    report.measured.append(found)
                    console.print(f"{size:,}: {found.name} {found.p50_ms:.2f} ms", style="dim")
        if _is_chosen(_WALK, chosen.only):
            report.walk_rates[size] = await walk(crm, size)


def _is_chosen(name: str, parts: str) -> bool:
    return any(part in name for part in parts.split(","))


def table_of(report: Report) -> Table:
    """A line for each call, a column for each size; growth is of p50, from size to size."""
    sizes = list(report.load_rates)
    table = Table(title="Finding contacts, p50 / p99 in ms")
    table.add_column("")
    for heading in (*(f"{size:,}" for size in sizes), "growth", "found"):
        table.add_column(heading, justify="right")
    by_name: dict[str, dict[int, Measured]] = {}
    for line in report.measured:
        by_name.setdefault(line.name, {})[line.size] = line
    for name, lines in by_name.items():
        cells = [_times(lines.get(size)) for size in sizes]
        medians = [lines[size].p50_ms for size in sizes if size in lines]
        last = lines[max(lines)].found
        table.add_row(name, *cells, _growth(medians), "" if last is None else f"{last:,}")
    for name, rates in (("create, contacts/s", report.load_rates), (_WALK, report.walk_rates)):
        if rates:
            table.add_row(name, *(f"{rates[size]:,.0f}" for size in sizes), "", "")
    return table


def _times(line: Measured | None) -> str:
    return "" if line is None else f"{line.p50_ms:.2f} / {line.p99_ms:.2f}"


def _growth(medians: list[float]) -> str:
    return " ".join(f"x{later / earlier:.1f}" for earlier, later in pairwise(medians))


def main() -> None:
    """Fill what is missing, measure everything, print one table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", required=True, help="where stores are kept")
    options.add_argument("--postgres", default="", help="a server's URL: stores are made there")
    options.add_argument("--sizes", default="10000,100000,1000000", help="contacts of each store")
    options.add_argument("--calls", type=int, default=300, help="most calls of each question")
    options.add_argument("--seconds", type=float, default=10, help="most seconds of each question")
    options.add_argument("--only", default="", help="parts of names of questions, with commas")
    options.add_argument("--json", help="a file for the figures")
    chosen = options.parse_args()
    console = Console()
    Path(chosen.folder).mkdir(parents=True, exist_ok=True)
    report = Report({}, {}, [])
    for size in map(int, chosen.sizes.split(",")):
        url, report.load_rates[size] = filled_store(chosen, size, console)
        uvloop.run(measure_size(url, size, chosen, report, console))
    console.print(table_of(report))
    if chosen.json:
        Path(chosen.json).write_bytes(msgspec.json.format(msgspec.json.encode(report)))


if __name__ == "__main__":
    main()
