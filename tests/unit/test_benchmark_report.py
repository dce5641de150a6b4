"""What the benchmarks tell: medians with their spread, and nobody left out of the page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.charts import charts, figure
from benchmarks.load import Timing
from benchmarks.report import page, table
from benchmarks.results import Results, Spread
from benchmarks.rounds import CREATE, PAGES, Sample, Seen

KEPT = {
    "date": "2026-01-02",
    "form": "short",
    "rounds": 3,
    "seconds": 2,
    "machine": {
        "processor": "Difference Engine",
        "cores": 2,
        "memoryGib": 4,
        "system": "Brass 1",
        "python": "3.11.0",
    },
    "versions": {"SQLite": "3.50.0"},
    "abouts": [
        {"name": "Contactory, SQLite", "version": "1", "kind": "own", "does": "all of it"},
        {"name": "bare echo", "version": "2", "kind": "limit", "does": "nothing"},
        {"name": "Paper | pen", "version": "3", "kind": "rival", "does": "less: <b>ink</b>"},
        {"name": "Stone", "version": "4", "kind": "rival", "does": "lasts"},
    ],
    "lines": [
        {
            "scenario": "create",
            "subject": "Paper | pen",
            "perSecond": {"median": 5.0, "low": 4.0, "high": 6.0},
            "p50Ms": 200.0,
            "p99Ms": 900.0,
            "cpuS": {"median": 8.0, "low": 7.0, "high": 9.0},
        },
        {
            "scenario": "create",
            "subject": "Contactory, SQLite",
            "perSecond": {"median": 50.0, "low": 40.0, "high": 60.0},
            "p50Ms": 1.0,
            "p99Ms": 2.0,
            "cpuS": {"median": 2.0, "low": 1.0, "high": 3.0},
            "peakMib": 64.0,
            "diskBytes": 4096.0,
            "startS": 0.5,
        },
        {
            "scenario": "create",
            "subject": "bare echo",
            "perSecond": {"median": 1000.0, "low": 900.0, "high": 1100.0},
            "p50Ms": 0.5,
            "p99Ms": 0.9,
        },
    ],
    "missing": [{"subject": "Stone", "scenario": "", "reason": "no quarry"}],
}


@pytest.fixture
def results() -> Results:
    return msgspec.convert(KEPT, Results)


def test_a_spread_has_the_middle_round_and_both_ends() -> None:
    assert Spread.of([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert Spread.of([4.0, 2.0]) == Spread(3.0, 2.0, 4.0)


def test_rounds_become_one_line_and_a_failure_is_told() -> None:
    seen = Seen(PAGES, print)
    for rate, cpu_s, peak in ((10.0, 3.0, 50.0), (30.0, 1.0, 70.0), (20.0, 2.0, 60.0)):
        seen.add("Paper", Sample(Timing(rate, [1 / rate]), cpu_s, peak))
    seen.stored["Paper"] = 7
    with seen.lacking("Stone"):
        raise RuntimeError("it\nbroke")

    (line,) = seen.lines()
    assert (line.per_second, line.cpu_s) == (Spread(20, 10, 30), Spread(2, 1, 3))
    assert (line.p50_ms, line.p99_ms) == (50, 100)
    assert (line.peak_mib, line.stored, line.disk_bytes) == (70, 7, None)
    assert seen.lacks("Stone")
    assert not seen.lacks("Paper")
    assert [(one.subject, one.scenario, one.reason) for one in seen.missing] == [
        ("Stone", PAGES, "it broke")
    ]


def test_the_page_tells_each_subject_the_fastest_first(results: Results) -> None:
    told = page(results)
    rows = [line for line in told.splitlines() if line.startswith("| ")]
    assert (
        "| Creating contacts, a second | 50.0 | 5.00 (Paper \\| pen) | 10.0 times as many |" in rows
    )
    assert (
        "| Creating contacts, ms of processor time | 2.00 | 8.00 (Paper \\| pen) | 0.25 of it |"
        in rows
    )
    creates = [row for row in rows if " of the echo " in row or row.startswith("| bare echo | 1,")]
    assert creates == [
        "| bare echo | 1,000 (900 to 1,100) |  |  | 0.50, 0.90 |  |  |  | nothing |",
        "| **Contactory, SQLite** | 50.0 (40.0 to 60.0) | 0.050 of the echo | 2.00 (1.00 to 3.00) "
        "| 1.00, 2.00 | 64 | 4,096 | 0.5 | all of it |",
        "| Paper \\| pen | 5.00 (4.00 to 6.00) | 0.005 of the echo | 8.00 (7.00 to 9.00) "
        "| 200, 900 |  |  |  | less: &lt;b>ink&lt;/b> |",
    ]
    assert "| Stone | all | no quarry |" in rows
    assert "Difference Engine, 2 cores, 4 GiB" in told


def test_plots_leave_limits_out_and_say_in_words_what_they_show(results: Results) -> None:
    drawn = {chart.name: chart.description for chart in charts(results)}
    assert drawn == {
        "creates": "Contacts created, a second (more is better): "
        "Contactory, SQLite 50.0; Paper | pen 5.00.",
        "create-cpu": "Processor time of a create, ms (less is better): "
        "Contactory, SQLite 2.00; Paper | pen 8.00.",
    }


def test_results_come_back_from_their_file_as_they_were(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == results
    assert [line.subject for line in results.of(CREATE)] == [
        "bare echo",
        "Contactory, SQLite",
        "Paper | pen",
    ]


def test_figures_have_three_digits_and_cells_stay_cells() -> None:
    assert [figure(value) for value in (12345.6, 99.96, 9.876, 0.034)] == [
        "12,346",
        "100.0",
        "9.88",
        "0.03",
    ]
    assert table(["a"], [["b|\nc"]]) == "| a |\n| --- |\n| b\\| c |"
