"""Bars of results as SVG, for a light and a dark page, the same bytes for the same results."""

from __future__ import annotations

import re
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from benchmarks.charts import Chart, charts, figure
from benchmarks.results import Results

THEMES: Final = {
    "light": {"text": "#1f2328", "own": "#0969da", "rival": "#6e7781", "spread": "#1f2328"},
    "dark": {"text": "#e6edf3", "own": "#58a6ff", "rival": "#8b949e", "spread": "#e6edf3"},
}
"""Colours of text and bars; each has a contrast of 4.5 and more against its page (WCAG 2.2, 1.4.3).
The background is left to the page."""

_WIDTH_IN, _BAR_IN, _TITLE_IN = 7.6, 0.34, 0.7
_SETTINGS: Final[dict[RcKeyType, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "contactory",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Helvetica", "Arial"],
    "font.size": 10,
}
_MADE_BY: Final = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


def draw(results: Results, folder: Path) -> None:
    """Write all charts into this folder, as `NAME-light.svg` and `NAME-dark.svg`."""
    folder.mkdir(parents=True, exist_ok=True)
    for chart in charts(results):
        for theme in THEMES:
            path = folder / f"{chart.name}-{theme}.svg"
            path.write_text(svg(chart, THEMES[theme]), "utf-8")


def svg(chart: Chart, colours: dict[str, str]) -> str:
    """One chart, which programs that read aloud can tell."""
    with mpl.rc_context(_SETTINGS | {"text.color": colours["text"]}):
        height = _TITLE_IN + _BAR_IN * len(chart.bars)
        drawn = Figure(figsize=(_WIDTH_IN, height), layout="constrained")
        _fill(drawn.add_subplot(), chart, colours)
        written = StringIO()
        drawn.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return _described(_MADE_BY.sub("", written.getvalue()), chart)


def _fill(axes: Axes, chart: Chart, colours: dict[str, str]) -> None:
    names = [bar.name for bar in chart.bars]
    values = [bar.value.median for bar in chart.bars]
    below = [bar.value.median - bar.value.low for bar in chart.bars]
    above = [bar.value.high - bar.value.median for bar in chart.bars]
    drawn = axes.barh(
        names,
        values,
        height=0.62,
        color=[colours[bar.kind] for bar in chart.bars],
        xerr=[below, above],
        error_kw={"ecolor": colours["spread"], "elinewidth": 1, "capsize": 2.5},
    )
    axes.bar_label(drawn, [figure(value) for value in values], color=colours["text"], padding=5)
    axes.set_title(f"{chart.title}, {chart.unit}", loc="left", fontsize=11, pad=8)
    axes.invert_yaxis()
    axes.set_xlim(0, max(bar.value.high for bar in chart.bars) * 1.15)
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=colours["text"])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _described(drawn: str, chart: Chart) -> str:
    words = f"<title>{escape(chart.title)}</title>\n <desc>{escape(chart.description)}</desc>"
    drawn = re.sub(r"<svg ", '<svg role="img" ', drawn, count=1)
    head, end, rest = drawn.partition(">\n <defs>")
    lines = f"{head}>\n {words}\n <defs>{rest}" if end else drawn
    return "\n".join(line.rstrip() for line in lines.splitlines()) + "\n"
