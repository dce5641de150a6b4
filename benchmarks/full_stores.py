"""Contactory with many contacts in store: a mixed load, and what creates cost there."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvloop

import contactory
from benchmarks.filling import fill_with_people
from benchmarks.load import Timing, Told, run_load, run_mixed_load
from benchmarks.own import Contactory, RunningContactory, serving
from benchmarks.processes import cpu_seconds, highest_mib
from benchmarks.query import sampled
from benchmarks.questions import Sample
from benchmarks.results import Growth, Mixed, MixedKind, Spread
from benchmarks.rounds import CONNECTIONS, Say, emptied, measured
from contactory.store.queries import migrations

_SAMPLES = 2_000
_WARM_UP_S = 1.0
_MOST_CREATED = 1_000_000
READ, CREATE, UPDATE, FIND, SEARCH = "read by id", "create", "update", "filtered page", "search"
SHARES = {READ: 70.0, CREATE: 12.5, UPDATE: 12.5, FIND: 2.5, SEARCH: 2.5}
"""Of a hundred requests."""


class Kept(msgspec.Struct):
    """What is known of a store that is used again: its size, its schema, and the last number that
    a contact created in it may have."""

    stored: int
    last: int
    migrations: int


class FullStore:
    """A file of people that stays in a folder; each run adds some."""

    def __init__(self, folder: Path, size: int) -> None:
        self._path = folder / f"people-{size}.db"
        self._note = folder / f"people-{size}.json"
        self._size = size
        self.kept = Kept(size, size, len(migrations("sqlite")))

    @property
    def url(self) -> str:
        """What opens it."""
        return f"sqlite:///{self._path}"

    def make(self, say: Say) -> None:
        """Fill it, unless it was before, with the tables of today."""
        found = self._noted()
        if found is not None and found.migrations == self.kept.migrations:
            self.kept = found
        else:
            self._note.unlink(missing_ok=True)
            for left in self._path.parent.glob(f"{self._path.name}*"):
                left.unlink()
            say(f"a store of {self._size:,} people is filled, which is kept for later runs")
            uvloop.run(fill_with_people(self.url, self._size))
            self._write()

    def numbers(self) -> Iterator[int]:
        """Those of contacts that it does not have, even if an earlier run was killed."""
        first = self.kept.last + 1
        self.kept.last += _MOST_CREATED
        self._write()
        return iter(range(first, self.kept.last))

    def _noted(self) -> Kept | None:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=Kept)
        except (OSError, msgspec.ValidationError):
            return None

    @contextmanager
    def served(self) -> Iterator[RunningContactory]:
        """A server on it; what was created is noted at the end."""
        try:
            with serving(self.url) as running:
                yield running
        finally:
            self.kept.stored = asyncio.run(_count(self.url))
            self._write()

    def samples(self) -> list[tuple[Sample, int]]:
        """People of the store, with their revisions."""
        return uvloop.run(_sampled(self.url, self._size))

    def _write(self) -> None:
        self._note.write_bytes(msgspec.json.encode(self.kept))


async def _count(url: str) -> int:
    async with contactory.connect(url) as crm:
        return (await crm.contacts.count_contacts()).count


async def _sampled(url: str, size: int) -> list[tuple[Sample, int]]:
    async with contactory.connect(url) as crm:
        samples = await sampled(crm, size, _SAMPLES)
        contacts = [await crm.contacts.get_contact(one.id) for one in samples]
    return [(one, made.revision) for one, made in zip(samples, contacts, strict=True)]


class _Mix:
    """Requests of all kinds by chance, and how long each took."""

    def __init__(
        self, running: RunningContactory, samples: list[tuple[Sample, int]], numbers: Iterator[int]
    ) -> None:
        self.seconds: dict[str, list[float]] = {kind: [] for kind in SHARES}
        self._running = running
        self._samples = [sample for sample, _ in samples]
        self._numbers = numbers
        self._random = random.Random(0)
        # One that is being updated is not among them, so that no update meets a newer revision.
        self._updatable = list({one.id: (one.id, revision) for one, revision in samples}.values())
        self._made: dict[str, Callable[[], tuple[bytes, Told]]] = {
            READ: self._read,
            CREATE: self._create,
            UPDATE: self._update,
            FIND: self._find,
            SEARCH: self._search,
        }

    def requests(self) -> Iterator[tuple[bytes, Told]]:
        """Without end."""
        while True:
            for kind in self._random.choices([*SHARES], [*SHARES.values()], k=1000):
                yield self._made[kind]()

    def _sample(self) -> Sample:
        return self._random.choice(self._samples)

    def _read(self) -> tuple[bytes, Told]:
        return self._running.get(self._sample().id), self._timed(READ)

    def _create(self) -> tuple[bytes, Told]:
        return self._running.create(next(self._numbers)), self._timed(CREATE)

    def _update(self) -> tuple[bytes, Told]:
        at = self._random.randrange(len(self._updatable))
        self._updatable[at], self._updatable[-1] = self._updatable[-1], self._updatable[at]
        contact_id, revision = self._updatable.pop()

        def told(took: float, answer: bytes) -> None:
            self.seconds[UPDATE].append(took)
            updated: dict[str, Any] = json.loads(answer)["contact"]
            self._updatable.append((contact_id, updated["revision"]))

        info = {"jobTitle": f"Analyst {self._random.randrange(1000)}"}
        return self._running.update(contact_id, revision, info), told

    def _find(self) -> tuple[bytes, Told]:
        company = self._sample().info.get("company", "Smith Analytics Ltd")
        return self._running.page_of(company), self._timed(FIND)

    def _search(self) -> tuple[bytes, Told]:
        name = self._sample().info["name"]
        words = f"{name.get('first', '')} {name.get('last', '')}"[:100]
        return self._running.search(words), self._timed(SEARCH)

    def _timed(self, kind: str) -> Told:
        times = self.seconds[kind]

        def told(took: float, answer: bytes) -> None:
            times.append(took)

        return told


def mixed(store: FullStore, seconds: float, say: Say) -> Mixed:
    """Reads, creates, updates, pages and searches of one server at once."""
    samples = store.samples()
    with store.served() as running:
        mix = _Mix(running, samples, store.numbers())
        load = run_mixed_load(running.port, mix.requests(), CONNECTIONS, seconds=_WARM_UP_S)
        uvloop.run(load)
        for times in mix.seconds.values():
            times.clear()
        cpu, started = cpu_seconds(running.pids), time.perf_counter()
        uvloop.run(run_mixed_load(running.port, mix.requests(), CONNECTIONS, seconds=seconds))
        elapsed, cpu = time.perf_counter() - started, cpu_seconds(running.pids) - cpu
        highest = highest_mib(running.pids[0])
    count = sum(map(len, mix.seconds.values()))
    say(f"mixed: {count / elapsed:,.0f}/s, {highest:.0f} MiB")
    return Mixed(
        stored=store.kept.stored,
        seconds=elapsed,
        per_second=count / elapsed,
        cpu_s=cpu / count * 1000,
        highest_mib=highest,
        kinds=[_kind(name, times) for name, times in mix.seconds.items() if times],
    )


def _kind(name: str, times: list[float]) -> MixedKind:
    timing = Timing(0, sorted(times))
    return MixedKind(name, len(times), timing.ms(0.5), timing.ms(0.99))


def growth(store: FullStore, rounds: int, seconds: float, folder: Path, say: Say) -> Growth:
    """Creates into the full store and into a new one, in turns."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, list[float]] = {True: [], False: []}

    def one_round(running: RunningContactory, numbers: Iterator[int], *, is_full: bool) -> None:
        ready = [running.create(next(numbers)) for _ in range(int(seconds * 5_000))]
        requests = itertools.chain(ready, map(running.create, numbers))
        uvloop.run(run_load(running.port, requests, CONNECTIONS, seconds=_WARM_UP_S))
        sample = measured(running, requests, seconds)
        rates[is_full].append(sample.timing.rate)
        cpu[is_full].append(sample.cpu_s or 0)
        say(f"growth: {'full' if is_full else 'empty'} store {sample.timing.rate:,.0f}/s")

    numbers = store.numbers()
    with store.served() as full:
        for _ in range(rounds):
            with emptied(folder) as new, Contactory().started(new) as empty:
                one_round(empty, itertools.count(), is_full=False)
            one_round(full, numbers, is_full=True)
    return Growth(
        stored=store.kept.stored,
        empty_per_second=Spread.of(rates[False]),
        full_per_second=Spread.of(rates[True]),
        empty_cpu_s=Spread.of(cpu[False]),
        full_cpu_s=Spread.of(cpu[True]),
    )
