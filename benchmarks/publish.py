"""Results as files of the documentation: the page, its images, the figures.

`python -m benchmarks.publish RESULTS FOLDER` makes them anew of results that were kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.plots import draw
from benchmarks.report import page
from benchmarks.results import Results


def publish(results: Results, folder: Path) -> None:
    """Write benchmarks.md, benchmarks.json and images/ into this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text(page(results), "utf-8")
    results.write(folder / "benchmarks.json")
    draw(results, folder / "images")


if __name__ == "__main__":
    publish(Results.read(Path(sys.argv[1])), Path(sys.argv[2]))
