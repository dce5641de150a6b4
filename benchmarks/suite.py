"""Everything that Contactory is compared in, in one run: `make bench`, or `make bench-full`.

Results are kept in FOLDER/results.json after each scenario, and shown at the end. Nothing that one
subject does, or lacks, ends the run: it is told in its place.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.databases import make_database, server_version
from benchmarks.events import KINDS, Amounts, events_of
from benchmarks.full_stores import FullStore, growth, mixed
from benchmarks.limits import Echo, Limit, RawPostgres, RawSqlite
from benchmarks.own import Contactory
from benchmarks.publish import publish
from benchmarks.report import tables
from benchmarks.results import About, Import, Kind, Machine, Missing, Results, today
from benchmarks.rivals.known import rivals
from benchmarks.rounds import CREATE, GET, PAGES, Plan, Seen, creates_and_gets, emptied, pages
from benchmarks.subjects import Subject
from tests.postgres import PostgresMissing, PostgresServer

_IMPORT, _EVENTS, _MIXED, _GROWTH = "import", "events", "mixed", "growth"
_SCENARIOS = (CREATE, GET, PAGES, _IMPORT, _EVENTS, _MIXED, _GROWTH)
_ON_SQLITE, _ON_POSTGRES = "Contactory, SQLite", "Contactory, PostgreSQL"
_HOUR_S = 3600


class Form(msgspec.Struct, frozen=True):
    """How much a run measures."""

    plan: Plan
    imported: int
    full_store: int
    mixed_seconds: float
    events: Amounts


_SHORT = Form(
    plan=Plan(rounds=3, seconds=2, fill=10_000, fill_seconds=20),
    imported=10_000,
    full_store=100_000,
    mixed_seconds=8,
    events=Amounts(rounds=4, creates=500, backlog=2_000),
)
_FULL = Form(
    plan=Plan(rounds=5, seconds=3, fill=100_000, fill_seconds=240),
    imported=100_000,
    full_store=1_000_000,
    mixed_seconds=30,
    events=Amounts(rounds=8, creates=2_000, backlog=100_000),
)


class Chosen:
    """Which scenarios and subjects are measured: those that have a part in their names.

    A part that is in the name of a scenario chooses scenarios, any other one subjects; where none
    is given for them, all are chosen.
    """

    def __init__(self, only: str) -> None:
        parts = [part.strip() for part in only.lower().split(",") if part.strip()]
        self._scenarios = [part for part in parts if any(part in one for one in _SCENARIOS)]
        self._subjects = [part for part in parts if part not in self._scenarios]

    def scenario(self, name: str) -> bool:
        """Whether this one is."""
        return not self._scenarios or any(part in name for part in self._scenarios)

    def subject(self, name: str) -> bool:
        """Whether this one is."""
        return not self._subjects or any(part in name.lower() for part in self._subjects)


class Suite:
    """One run: what is compared, where its files are, and what was seen so far."""

    def __init__(self, form: Form, folder: Path, chosen: Chosen, console: Console) -> None:
        self.results = Results(
            date=today(),
            form="full" if form is _FULL else "short",
            rounds=form.plan.rounds,
            seconds=form.plan.seconds,
            machine=Machine.this(),
            versions={"SQLite": apsw.sqlite_lib_version()},
        )
        self._form = form
        self._folder = folder
        self._chosen = chosen
        self._console = console
        self._subjects: list[Subject] = []
        self._limits: list[Limit] = []

    def run(self, postgres: str) -> None:
        """Measure all that was chosen; on PostgreSQL only where a server is named."""
        self._prepare(postgres)
        self._compare()
        for name, measure in (
            (_IMPORT, self._import),
            (_EVENTS, self._events),
            (_MIXED, self._mixed),
            (_GROWTH, self._growth),
        ):
            if self._chosen.scenario(name):
                with self._lacking("Contactory", name):
                    measure(postgres)
                self._keep()

    def lack_postgres(self, reason: str) -> None:
        """Tell that nothing can be measured on PostgreSQL."""
        self.results.missing.append(Missing("all on PostgreSQL", "", reason))

    def _prepare(self, postgres: str) -> None:
        if postgres:
            self.results.versions["PostgreSQL"] = asyncio.run(server_version(postgres))
        limits: list[Limit] = [RawSqlite(1), RawSqlite(32)]
        own: list[Subject] = [Contactory(), Contactory(processes=2)]
        if postgres:
            limits.append(RawPostgres(postgres))
            own.append(Contactory(postgres))
        for limit in limits:
            if self._chosen.subject(limit.name):
                self._limits.append(limit)
                self._note(limit, "limit")
        by_kind: dict[Kind, Sequence[Subject]] = {
            "own": own,
            "limit": [Echo()],
            "rival": [made() for made in rivals(postgres).values()],
        }
        for kind, subjects in by_kind.items():
            for subject in subjects:
                if self._chosen.subject(subject.name):
                    self._install(subject, kind)

    def _install(self, subject: Subject, kind: Kind) -> None:
        installed = self._folder / "installed" / re.sub(r"\W+", "-", subject.name.lower())
        installed.mkdir(parents=True, exist_ok=True)
        with self._lacking(subject.name, ""):
            subject.install(installed)
            self._subjects.append(subject)
        self._note(subject, kind)

    def _note(self, one: Subject | Limit, kind: Kind) -> None:
        self.results.abouts.append(About(one.name, one.version, kind, one.does))

    def _compare(self) -> None:
        plan, folder = self._form.plan, self._folder
        if self._chosen.scenario(CREATE) or self._chosen.scenario(GET):
            both = creates_and_gets(self._subjects, self._limits, plan, folder, self._say)
            self._keep(*both)
        if self._chosen.scenario(PAGES):
            self._keep(pages(self._subjects, plan, folder, self._say))

    def _keep(self, *seen: Seen) -> None:
        for one in seen:
            self.results.lines += one.lines()
            self.results.missing += one.missing
        self.results.write(self._folder / "results.json")

    def _import(self, postgres: str) -> None:
        with emptied(self._folder) as folder:
            urls = {_ON_SQLITE: f"sqlite:///{folder}/import.db"}
            if postgres:
                url = asyncio.run(make_database(postgres, "contactory_bench"))
                urls[_ON_POSTGRES] = url
            for name, url in urls.items():
                if self._chosen.subject(name):
                    self.results.imports.append(self._imported(name, url))

    def _imported(self, name: str, url: str) -> Import:
        command = [sys.executable, "-m", "benchmarks.importing", url, str(self._form.imported)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=_HOUR_S)
        made = msgspec.json.decode(done.stdout, type=Import)
        made.subject = name
        self._say(f"import: {name} {made.per_second:,.0f}/s, {made.end_mib:.0f} MiB")
        return made

    def _events(self, postgres: str) -> None:
        kinds = [kind for kind in KINDS if self._chosen.subject(f"Contactory, {kind}")]
        with emptied(self._folder) as folder:
            for kind, events in events_of(postgres, folder, self._form.events, kinds):
                self.results.events[kind] = events
                self._say(f"events: {kind} drained at {events.drained_per_second:,.0f}/s")

    def _mixed(self, _: str) -> None:
        if not self._chosen.subject(_ON_SQLITE):
            return
        self.results.mixed = mixed(self._full_store(), self._form.mixed_seconds, self._say)

    def _growth(self, _: str) -> None:
        if not self._chosen.subject(_ON_SQLITE):
            return
        plan, store = self._form.plan, self._full_store()
        self.results.growth = growth(store, plan.rounds, plan.seconds, self._folder, self._say)

    def _full_store(self) -> FullStore:
        store = FullStore(self._folder, self._form.full_store)
        store.make(self._say)
        return store

    @contextmanager
    def _lacking(self, subject: str, scenario: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            reason = " ".join(str(error).split())[:300] or type(error).__name__
            self.results.missing.append(Missing(subject, scenario, reason))
            self._say(f"{scenario or 'installation'}: {subject}: {reason}")

    def _say(self, text: str) -> None:
        self._console.print(text, style="dim", highlight=False, markup=False)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--full", action="store_true", help="all there is, in up to an hour")
    options.add_argument("--only", default="", help="parts of names of scenarios and subjects")
    options.add_argument("--json", default="", help="a file for the results, too")
    options.add_argument("--postgres", default="", help="a server's URL, instead of an own one")
    options.add_argument("--folder", default=".benchmarks", help="what is kept between runs")
    options.add_argument("--docs", default="", help="a folder for the page and its images")
    return options.parse_args()


def main() -> None:
    """Measure, and show the tables."""
    chosen, console = _options(), Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that all servers are ended, too.
    folder = Path(chosen.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    suite = Suite(_FULL if chosen.full else _SHORT, folder, Chosen(chosen.only), console)
    server = None
    try:
        if not chosen.postgres:
            server = PostgresServer(is_durable=True)
        suite.run(server.url if server else chosen.postgres)
    except PostgresMissing as error:
        suite.lack_postgres(str(error))
        suite.run("")
    finally:
        if server:
            server.stop()
    console.print(Markdown(tables(suite.results)))
    if chosen.json:
        suite.results.write(Path(chosen.json))
    if chosen.docs:
        publish(suite.results, Path(chosen.docs))


if __name__ == "__main__":
    main()
