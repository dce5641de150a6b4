"""Subjects measured in turns: each once in every round, so that a slow minute meets all of them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import uvloop

from benchmarks.bodies import COMPANIES, LAST_NAME
from benchmarks.databases import postmaster
from benchmarks.limits import Limit
from benchmarks.load import Timing, run_load
from benchmarks.own import PAGE
from benchmarks.processes import cpu_seconds, peak_mib
from benchmarks.results import Line, Missing, Spread
from benchmarks.subjects import Running, Subject, Unavailable

CONNECTIONS = 16
_WARM_UP_S = 1.0
_PREPARED = 5_000
"""Requests for each second; what is sent beyond them is made while it is measured."""
_WARMING = 10_000_000
"""The first number of contacts that are created before anything is measured."""
_AT_ONCE = 1_000
CREATE, GET, PAGES = "create", "get", "pages"

Say = Callable[[str], None]
"""Tells who waits for the suite how far it is."""


class Plan(msgspec.Struct, frozen=True):
    """How much is measured; `seconds` are of one subject in one round."""

    rounds: int
    seconds: float
    fill: int
    fill_seconds: float


class Sample(msgspec.Struct):
    """One round of one subject; `cpu_s` of a thousand requests."""

    timing: Timing
    cpu_s: float | None
    peak_mib: float | None = None
    disk_bytes: float | None = None
    start_s: float | None = None


class Seen:
    """The rounds of one scenario so far, and who failed in it."""

    def __init__(self, scenario: str, say: Say) -> None:
        self.scenario = scenario
        self.missing: list[Missing] = []
        self.stored: dict[str, int] = {}
        """By subject, where it was filled before, how many contacts it has."""
        self._say = say
        self._samples: dict[str, list[Sample]] = {}

    def add(self, subject: str, sample: Sample) -> None:
        """One more round."""
        self._samples.setdefault(subject, []).append(sample)
        self._say(f"{self.scenario}: {subject} {sample.timing.rate:,.0f}/s")

    def lack(self, subject: str, reason: object) -> None:
        """The subject is not measured further."""
        told = " ".join(str(reason).split())[:300] or type(reason).__name__
        self.missing.append(Missing(subject, self.scenario, told))
        self._say(f"{self.scenario}: {subject}: {told}")

    @contextmanager
    def lacking(self, subject: str) -> Iterator[None]:
        """Whatever goes wrong in the block is told, and ends this subject's part alone."""
        try:
            yield
        except Exception as error:
            self.lack(subject, error)

    def lacks(self, subject: str) -> bool:
        """Whether it failed before."""
        return any(one.subject == subject for one in self.missing)

    def lines(self) -> list[Line]:
        """A line for each subject that was measured in any round."""
        return [
            _line(self.scenario, subject, samples, self.stored.get(subject))
            for subject, samples in self._samples.items()
        ]


def _line(scenario: str, subject: str, samples: Sequence[Sample], stored: int | None) -> Line:
    together = sorted(itertools.chain(*(one.timing.seconds for one in samples)))
    timing = Timing(0, together)
    return Line(
        scenario=scenario,
        subject=subject,
        per_second=Spread.of(one.timing.rate for one in samples),
        p50_ms=timing.ms(0.5),
        p99_ms=timing.ms(0.99),
        cpu_s=_spread(one.cpu_s for one in samples),
        peak_mib=max(_known(one.peak_mib for one in samples), default=None),
        disk_bytes=_median(one.disk_bytes for one in samples),
        start_s=_median(one.start_s for one in samples),
        stored=stored,
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _spread(values: Iterable[float | None]) -> Spread | None:
    known = _known(values)
    return Spread.of(known) if known else None


def _median(values: Iterable[float | None]) -> float | None:
    spread = _spread(values)
    return spread.median if spread else None


def creates_and_gets(
    subjects: Sequence[Subject], limits: Sequence[Limit], plan: Plan, folder: Path, say: Say
) -> tuple[Seen, Seen]:
    """Creates from an empty store in every round, then reads of those just created by their id."""
    creates, gets = Seen(CREATE, say), Seen(GET, say)
    for _ in range(plan.rounds):
        for limit in limits:
            _limit_round(limit, plan, folder, creates)
        for subject in subjects:
            if not creates.lacks(subject.name):
                _round(subject, plan, folder, creates, gets)
    return creates, gets


def _limit_round(limit: Limit, plan: Plan, folder: Path, creates: Seen) -> None:
    if creates.lacks(limit.name):
        return
    with creates.lacking(limit.name):
        with emptied(folder) as empty:
            timing = limit.creates(empty, plan.seconds)
        creates.add(limit.name, Sample(timing, timing.cpu_s / len(timing.seconds) * 1000))


def _round(subject: Subject, plan: Plan, folder: Path, creates: Seen, gets: Seen) -> None:
    with (
        creates.lacking(subject.name),
        emptied(folder) as empty,
        subject.started(empty) as running,
    ):
        sample, ids = _created(running, plan.seconds)
        creates.add(subject.name, sample)
        if not gets.lacks(subject.name):
            with gets.lacking(subject.name):
                gets.add(subject.name, _read(running, ids, plan.seconds))


def _created(running: Running, seconds: float) -> tuple[Sample, list[str]]:
    prepared = [running.create(number) for number in range(int(seconds * _PREPARED))]
    requests = itertools.chain(prepared, map(running.create, itertools.count(len(prepared))))
    warming = map(running.create, itertools.count(_WARMING))
    empty, bodies = running.disk_bytes(), dict[int, bytes]()
    warm = uvloop.run(run_load(running.port, warming, CONNECTIONS, seconds=_WARM_UP_S))
    sample = measured(running, requests, seconds, bodies)
    stored = len(bodies) + len(warm.seconds)
    sample.start_s = running.start_s
    sample.disk_bytes = (running.disk_bytes() - empty) / stored or None
    return sample, [running.id_in(number, body) for number, body in bodies.items()]


def _read(running: Running, ids: Sequence[str], seconds: float) -> Sample:
    requests = [running.get(contact_id) for contact_id in ids]
    random.Random(0).shuffle(requests)
    _expect(running, requests[0], 1)
    return warmed(running, itertools.cycle(requests), seconds)


def _expect(running: Running, request: bytes, contacts: int) -> None:
    """Raises RuntimeError if the answer has fewer contacts, for an empty one is quick to give."""
    bodies = dict[int, bytes]()
    uvloop.run(run_load(running.port, [request], 1, bodies=bodies))
    if bodies[0].count(LAST_NAME.encode()) < contacts:
        raise RuntimeError(f"instead of {contacts} contacts it answers {bodies[0][:200]!r}")


def warmed(running: Running, requests: Iterator[bytes], seconds: float) -> Sample:
    """A measure after a short load of the same that does not count."""
    uvloop.run(run_load(running.port, requests, CONNECTIONS, seconds=_WARM_UP_S))
    return measured(running, requests, seconds)


def measured(
    running: Running,
    requests: Iterable[bytes],
    seconds: float,
    bodies: dict[int, bytes] | None = None,
) -> Sample:
    """Send for so long; with the processor time and the memory of who answers."""
    gc.collect()
    gc.freeze()  # What was prepared is not to be visited while servers are measured.
    pids = [*running.pids, *database_pids(running)]
    cpu = cpu_seconds(pids)
    timing = uvloop.run(
        run_load(running.port, requests, CONNECTIONS, seconds=seconds, bodies=bodies)
    )
    cpu = cpu_seconds(pids) - cpu
    gc.unfreeze()
    return Sample(timing, cpu / len(timing.seconds) * 1000, peak_mib(pids))


def database_pids(running: Running) -> list[int]:
    """All processes of its PostgreSQL server, if it has one; while it is asked, no other has."""
    return asyncio.run(postmaster(running.database_url)) if running.database_url else []


def pages(subjects: Sequence[Subject], plan: Plan, folder: Path, say: Say) -> Seen:
    """Filtered and sorted pages of 50, of servers that run beside each other, each filled once."""
    seen = Seen(PAGES, say)
    with ExitStack() as stack:
        filled: dict[str, Running] = {}
        for subject in subjects:
            with seen.lacking(subject.name):
                filled[subject.name] = _filled(subject, plan, stack, folder, seen)
                say(f"{PAGES}: {subject.name} has {seen.stored.get(subject.name, 0):,} contacts")
        for _ in range(plan.rounds):
            for name, running in filled.items():
                if not seen.lacks(name):
                    _page_round(name, running, plan, seen)
    return seen


def _page_round(name: str, running: Running, plan: Plan, seen: Seen) -> None:
    asked = [request for number in range(100) if (request := running.page(number)) is not None]
    with seen.lacking(name):
        seen.add(name, warmed(running, itertools.cycle(asked), plan.seconds))


def _filled(subject: Subject, plan: Plan, stack: ExitStack, folder: Path, seen: Seen) -> Running:
    """The subject with contacts, as many as it takes in its time, until the stack ends.

    Raises Unavailable if it cannot be asked for pages.
    """
    with ExitStack() as own:
        running = own.enter_context(subject.started(own.enter_context(emptied(folder))))
        asked = running.page(0)
        if asked is None:
            raise Unavailable("it has no such question")
        stored, ends = 0, time.monotonic() + plan.fill_seconds
        while stored < plan.fill and time.monotonic() < ends:
            stop = min(stored + _AT_ONCE, plan.fill)
            running.fill(stored, stop)
            stored = seen.stored[subject.name] = stop
        _expect(running, asked, min(stored // COMPANIES, PAGE))
        stack.push(own.pop_all())
        return running


@contextmanager
def emptied(folder: Path) -> Iterator[Path]:
    """A new folder in this one, gone with the block."""
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        yield Path(name)
