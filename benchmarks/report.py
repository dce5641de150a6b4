"""Results as a page of Markdown: a table for each scenario, who was measured, and on what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from benchmarks.charts import charts, figure
from benchmarks.events import ROWS
from benchmarks.results import About, Line, Results, Spread
from benchmarks.rounds import CONNECTIONS, CREATE, GET, PAGES

_INTRODUCTION: Final = (
    "# Benchmarks\n\n"
    "What Contactory costs, against limits that nothing can pass and against servers that one "
    "might choose instead. The program that measured wrote this page "
    "([how it works, and how to read it](../benchmarks/README.md#the-suite)); the raw figures are "
    "in [benchmarks.json](benchmarks.json). They are of one run on one machine, which client, "
    "server and database share. On other machines the figures differ, the ratios much less.\n\n"
    f"Servers are asked over {CONNECTIONS} connections that stay open. Subjects take turns: each "
    "is measured once in every round, and shown with its median and, in brackets and as a thin "
    "line in the plots, its lowest and highest round. Processor time is of the server and its "
    "database together. Servers run as one process each, but where a row names two; others would "
    "gain by a second one, too."
)

_TEXTS: Final = {
    CREATE: (
        "Creating contacts",
        "A name, two e-mails, a phone and a company, into an empty store, each answered when it is "
        "on the disk. Contactory checks, normalises, refuses duplicates and stores an event with "
        "each; what others do less or more stands beside them.",
    ),
    GET: ("Reading by id", "One contact of those just created, whole."),
    PAGES: (
        "Filtered and sorted pages",
        "The first 50 contacts of one company of a hundred, by last name.",
    ),
}
_KINDS: Final = {"own": "this", "limit": "a limit", "rival": "a rival"}
_ECHO: Final = "bare echo"
_STORES: Final = {
    "Contactory, SQLite": "raw SQLite, 32",
    "Contactory, SQLite, 2 processes": "raw SQLite, 32",
    "Contactory, PostgreSQL": "raw Postgre",
}
"""By subject, how the name of the limit of its store begins."""

_REPEAT: Final = """\
## Repeat it

With Python 3.11 or later and make, in a clone of the repository:

<!-- not run: it takes an hour -->
```sh
make bench        # minutes: fewer contacts, shorter rounds
make bench-full   # up to an hour; writes this page
```"""


def page(results: Results, images: str = "images") -> str:
    """The whole page; images are in a folder beside it."""
    parts = [
        _INTRODUCTION,
        *_glance(results),
        *(_picture(chart.name, chart.description, images) for chart in charts(results)),
        tables(results, tells=True),
        _REPEAT,
    ]
    return "\n\n".join(parts) + "\n"


def tables(results: Results, *, tells: bool = False) -> str:
    """All that was measured, without pictures and introduction.

    `tells` has the rows of creates tell what each subject does, which takes a wide page.
    """
    parts = [
        *(part for name in _TEXTS for part in _scenario(results, name, tells=tells)),
        *_events(results),
        *_imports(results),
        *_mixed(results),
        *_growth(results),
        *_missing(results),
        *_abouts(results),
        *_machine(results),
    ]
    return "\n\n".join(parts)


def _glance(results: Results) -> Iterator[str]:
    rows = [
        row
        for scenario in _TEXTS
        for row in (_against_best(results, scenario), _against_best_cpu(results, scenario))
        if row
    ]
    if rows:
        yield "## At a glance"
        yield table(["", "Contactory, SQLite", "best rival", "ratio"], rows)


def _against_best(results: Results, scenario: str) -> list[str] | None:
    own, rivals = _own_and_rivals(results, scenario)
    if own is None or not rivals:
        return None
    best = max(rivals, key=lambda line: line.per_second.median)
    ratio = own.per_second.median / best.per_second.median
    return [
        f"{_TEXTS[scenario][0]}, a second",
        figure(own.per_second.median),
        f"{figure(best.per_second.median)} ({best.subject})",
        f"{figure(ratio)} times as many",
    ]


def _against_best_cpu(results: Results, scenario: str) -> list[str] | None:
    own, rivals = _own_and_rivals(results, scenario)
    costs = [(line.cpu_s.median, line.subject) for line in rivals if line.cpu_s]
    if own is None or own.cpu_s is None or not costs:
        return None
    cost, name = min(costs)
    return [
        f"{_TEXTS[scenario][0]}, ms of processor time",
        figure(own.cpu_s.median),
        f"{figure(cost)} ({name})",
        f"{own.cpu_s.median / cost:.2f} of it",
    ]


def _own_and_rivals(results: Results, scenario: str) -> tuple[Line | None, list[Line]]:
    lines = results.of(scenario)
    own = next((line for line in lines if line.subject == "Contactory, SQLite"), None)
    return own, [line for line in lines if results.about(line.subject).kind == "rival"]


def _picture(name: str, description: str, images: str) -> str:
    return (
        "<picture>\n"
        f'  <source media="(prefers-color-scheme: dark)" srcset="{images}/{name}-dark.svg">\n'
        f'  <img alt="{description}" src="{images}/{name}-light.svg">\n'
        "</picture>"
    )


def _scenario(results: Results, name: str, *, tells: bool) -> Iterator[str]:
    lines = results.of(name)
    if not lines:
        return
    title, text = _TEXTS[name]
    yield f"## {title}"
    yield text
    columns = [*_COLUMNS, *_MORE_COLUMNS[name]]
    if tells and name == CREATE:
        columns.append(("it does", lambda about, _: about.does))
    yield table(
        ["", "a second", "of its limit", *(heading for heading, _ in columns)],
        (
            [
                _name(results.about(line.subject)),
                _spread(line.per_second),
                _of_limits(results, line),
                *(shown(results.about(line.subject), line) for _, shown in columns),
            ]
            for line in lines
        ),
    )


def _name(about: About) -> str:
    return f"**{about.name}**" if about.kind == "own" else about.name


def _stored(about: About, line: Line) -> str:
    return "" if about.kind == "limit" or line.stored is None else f"{line.stored:,}"


_Column = tuple[str, Callable[[About, Line], str]]
_COLUMNS: Final[list[_Column]] = [
    ("CPU s per 1,000", lambda _, line: _spread(line.cpu_s)),
    ("p50, p99 ms", lambda _, line: f"{figure(line.p50_ms)}, {figure(line.p99_ms)}"),
]
_PEAK: Final[_Column] = ("peak MiB", lambda _, line: _whole(line.peak_mib))
_MORE_COLUMNS: Final[dict[str, list[_Column]]] = {
    CREATE: [
        _PEAK,
        ("disk bytes a contact", lambda _, line: _whole(line.disk_bytes)),
        ("start s", lambda _, line: "" if line.start_s is None else f"{line.start_s:.1f}"),
    ],
    GET: [_PEAK],
    PAGES: [("contacts in store", _stored)],
}


def _of_limits(results: Results, line: Line) -> str:
    """The share of the echo's rate, and of the bare inserts' into the same kind of store."""
    if results.about(line.subject).kind == "limit":
        return ""
    named = {"the echo": _ECHO, "raw": _STORES.get(line.subject, "-")}
    shares = [
        f"{_share(line.per_second.median / limit.per_second.median)} of {name}"
        for name, beginning in named.items()
        for limit in results.of(line.scenario)
        if limit.subject.startswith(beginning)
    ]
    return ", ".join(shares)


def _share(share: float) -> str:
    return f"{share:.2f}" if share >= 0.1 else f"{share:.3f}"


def _events(results: Results) -> Iterator[str]:
    if results.events:
        yield "## Events"
        yield (
            "Creates through the library with 32 callers, in a store without a webhook and, in "
            "turns, in one that has one: the second as a share of the first, round by round. "
            "Calls are signed and go to a receiver on this machine that answers at once."
        )
        rows = ([name, *map(shown, results.events.values())] for name, shown in ROWS.items())
        yield table(["", *results.events], rows)


def _imports(results: Results) -> Iterator[str]:
    if results.imports:
        yield "## Import"
        yield "Contacts from a stream, created through the library by 32 callers in one process."
        headings = ["", "contacts", "a second", "CPU s per 1,000"]
        headings += ["peak MiB after a tenth", "peak MiB at the end"]
        yield table(
            headings,
            (
                [
                    one.subject,
                    f"{one.contacts:,}",
                    figure(one.per_second),
                    figure(one.cpu_s),
                    f"{one.tenth_mib:.0f}",
                    f"{one.end_mib:.0f}",
                ]
                for one in results.imports
            ),
        )


def _mixed(results: Results) -> Iterator[str]:
    mixed = results.mixed
    if mixed:
        yield "## Mixed load"
        yield (
            f"Contactory on SQLite with {mixed.stored:,} contacts in store, for "
            f"{mixed.seconds:.0f} s over {CONNECTIONS} connections: {figure(mixed.per_second)} "
            f"requests a second, {figure(mixed.cpu_s)} s of processor time for a thousand. The "
            f"server never had more than **{mixed.highest_mib:.0f} MiB** in memory."
        )
        rows = (
            [one.name, f"{one.count:,}", figure(one.p50_ms), figure(one.p99_ms)]
            for one in mixed.kinds
        )
        yield table(["", "requests", "p50 ms", "p99 ms"], rows)


def _growth(results: Results) -> Iterator[str]:
    growth = results.growth
    if growth:
        cost = growth.full_cpu_s.median / growth.empty_cpu_s.median
        rate = growth.empty_per_second.median / growth.full_per_second.median
        yield "## Creates in a full store"
        yield (
            f"Contactory on SQLite, empty and with {growth.stored:,} contacts, in turns: a create "
            f"costs **{cost:.2f} times** the processor time in the full store, and takes "
            f"{rate:.2f} times as long."
        )
        yield table(
            ["", "a second", "CPU s per 1,000"],
            [
                ["empty", _spread(growth.empty_per_second), _spread(growth.empty_cpu_s)],
                ["full", _spread(growth.full_per_second), _spread(growth.full_cpu_s)],
            ],
        )


def _missing(results: Results) -> Iterator[str]:
    if results.missing:
        yield "## Not measured"
        yield table(
            ["", "in", "because"],
            ([one.subject, one.scenario or "all", one.reason] for one in results.missing),
        )


def _abouts(results: Results) -> Iterator[str]:
    if results.abouts:
        yield "## Who was measured"
        yield table(
            ["", "version", "what it is"],
            ([one.name, one.version, _KINDS[one.kind]] for one in results.abouts),
        )


def _machine(results: Results) -> Iterator[str]:
    machine = results.machine
    versions = "".join(f", {name} {version}" for name, version in results.versions.items())
    yield "## Machine"
    yield (
        f"{results.date}; {machine.processor}, {machine.cores} cores, {machine.memory_gib:.0f} GiB "
        f"of memory; {machine.system}, Python {machine.python}{versions}. The {results.form} form: "
        f"{results.rounds} rounds of {results.seconds:g} s each."
    )


def _spread(spread: Spread | None) -> str:
    if spread is None:
        return ""
    return f"{figure(spread.median)} ({figure(spread.low)} to {figure(spread.high)})"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell cannot end it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
