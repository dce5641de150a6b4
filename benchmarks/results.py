"""What one run of the suite saw, as it is kept in a file and shown in the report."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Literal

import msgspec

Kind = Literal["own", "limit", "rival"]


class Spread(msgspec.Struct, frozen=True):
    """A measure of several rounds: its median, and the least and the most that was seen."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of one round at least."""
        seen = list(values)
        return cls(median(seen), min(seen), max(seen))


class About(msgspec.Struct, rename="camel"):
    """Who was measured; `does` says what it does less or more than a create of Contactory."""

    name: str
    version: str
    kind: Kind
    does: str


class Line(msgspec.Struct, rename="camel"):
    """One subject in one scenario; what could not be measured is None.

    `cpu_s` is processor time of a thousand requests, of the server and its database.
    """

    scenario: str
    subject: str
    per_second: Spread
    p50_ms: float
    p99_ms: float
    cpu_s: Spread | None = None
    peak_mib: float | None = None
    disk_bytes: float | None = None
    """For each contact, without what an empty store takes."""
    start_s: float | None = None
    """From the command to the first answer."""
    stored: int | None = None
    """How many contacts were in store when it was asked."""


class Missing(msgspec.Struct, rename="camel"):
    """A subject that was not measured, and why; in all scenarios if none is named."""

    subject: str
    scenario: str
    reason: str


class MixedKind(msgspec.Struct, rename="camel"):
    """The requests of one kind under mixed load."""

    name: str
    count: int
    p50_ms: float
    p99_ms: float


class Mixed(msgspec.Struct, rename="camel"):
    """A server under mixed load; memory is the most it ever had resident."""

    stored: int
    seconds: float
    per_second: float
    cpu_s: float
    highest_mib: float
    kinds: list[MixedKind]


class Growth(msgspec.Struct, rename="camel"):
    """Creates into an empty store and into a full one, in rounds that take turns."""

    stored: int
    empty_per_second: Spread
    full_per_second: Spread
    empty_cpu_s: Spread
    full_cpu_s: Spread


class Import(msgspec.Struct, rename="camel"):
    """Creates through the library from a stream; memory is the most until then."""

    subject: str
    contacts: int
    per_second: float
    cpu_s: float
    tenth_mib: float
    end_mib: float


class Events(msgspec.Struct, rename="camel"):
    """What events cost on one kind of store; `registered` and `worked` are shares of the creates
    a second without a webhook, of the same round.
    """

    alone_per_second: Spread
    registered: Spread
    worked: Spread
    backlog: int
    drained_per_second: float
    delay_p50_ms: float
    delay_p99_ms: float


class Machine(msgspec.Struct, rename="camel"):
    """On what the figures were seen."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str

    @classmethod
    def this(cls) -> Machine:
        """This one."""
        return cls(
            processor=_first_field("/proc/cpuinfo", "model name") or platform.machine(),
            cores=len(os.sched_getaffinity(0)),
            memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
        )


class Results(msgspec.Struct, rename="camel"):
    """All of one run."""

    date: str
    form: Literal["short", "full"]
    rounds: int
    seconds: float
    machine: Machine
    versions: dict[str, str]
    """Of databases, by their name."""
    abouts: list[About] = []
    lines: list[Line] = []
    missing: list[Missing] = []
    mixed: Mixed | None = None
    growth: Growth | None = None
    imports: list[Import] = []
    events: dict[str, Events] = {}

    def about(self, subject: str) -> About:
        """The subject of this name."""
        return next(one for one in self.abouts if one.name == subject)

    def of(self, scenario: str) -> list[Line]:
        """The lines of a scenario, the fastest first."""
        chosen = [line for line in self.lines if line.scenario == scenario]
        return sorted(chosen, key=lambda line: -line.per_second.median)

    def write(self, path: Path) -> None:
        """Keep it as JSON."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    @classmethod
    def read(cls, path: Path) -> Results:
        """One that was kept."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def today() -> str:
    """The date, as it stands in results."""
    return datetime.now(UTC).date().isoformat()


def _first_field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "")
