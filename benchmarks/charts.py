"""What plots show, before anything is drawn: bars of Contactory and its rivals, and their text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from benchmarks.results import Kind, Line, Results, Spread
from benchmarks.rounds import CREATE, GET, PAGES


class Bar(msgspec.Struct, frozen=True):
    """One subject; its median is drawn as the bar, least and most as a line across its end."""

    name: str
    kind: Kind
    value: Spread


class Chart(msgspec.Struct, frozen=True):
    """Bars of one measure, the best first."""

    name: str
    title: str
    unit: str
    bars: list[Bar]

    @property
    def description(self) -> str:
        """All that the bars show, in words."""
        told = (f"{bar.name} {figure(bar.value.median)}" for bar in self.bars)
        return f"{self.title}, {self.unit}: {'; '.join(told)}."


def _rate(line: Line) -> Spread | None:
    return line.per_second


def _cpu(line: Line) -> Spread | None:
    return line.cpu_s


_MEASURES: Final[list[tuple[str, str, str, str, Callable[[Line], Spread | None], bool]]] = [
    ("creates", "Contacts created", "a second (more is better)", CREATE, _rate, True),
    ("create-cpu", "Processor time of a create", "ms (less is better)", CREATE, _cpu, False),
    ("reads", "Contacts read by id", "a second (more is better)", GET, _rate, True),
    ("pages", "Filtered and sorted pages of 50", "a second (more is better)", PAGES, _rate, True),
]


def charts(results: Results) -> Iterator[Chart]:
    """Those for which there are figures. Limits stand in the tables alone: beside them, bars of
    what a user can choose would be too short to compare."""
    for name, title, unit, scenario, value, more_is_better in _MEASURES:
        bars = [
            Bar(line.subject, about.kind, spread)
            for line in results.of(scenario)
            if (about := results.about(line.subject)).kind != "limit"
            and (spread := value(line)) is not None
        ]
        bars.sort(key=lambda bar: bar.value.median, reverse=more_is_better)
        if bars:
            yield Chart(name, title, unit, bars)


def figure(value: float) -> str:
    """With three digits, or without a fraction where it has more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
