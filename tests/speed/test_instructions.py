"""A guard against lost speed that no noise deceives: instructions of the pure functions.

Each count is told in units of a reference of the same run, so that it hardly depends on how the
interpreter was built. `instructions.json` has what they were; after a change that is meant,
`CONTACTORY_RECORD_INSTRUCTIONS=1` writes it anew.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.speed.pure_functions import CALLS

RECORDED: Final = Path(__file__).with_name("instructions.json")
_PYTHON: Final = ".".join(platform.python_version_tuple()[:2])
_REFERENCE: Final = "reference"
_MOST: Final = 1.15
"""A function that takes more than this many times its recorded instructions has lost speed."""

_TOTALS: Final = re.compile(r"^totals: (\d+)", re.MULTILINE)


def counted(folder: Path) -> dict[str, float]:
    """Instructions of a call of each function, in units of the reference."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/%p"]
    done = subprocess.run(
        [*command, sys.executable, "-m", "tests.speed.pure_functions"],
        check=False,
        env=os.environ | {"PYTHONHASHSEED": "0"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    nothing = instructions_of(folder, told["nothing"])
    calls = {
        name: (instructions_of(folder, process) - nothing) / CALLS
        for name, process in told["processes"].items()
    }
    reference = calls.pop(_REFERENCE)
    return {name: taken / reference for name, taken in calls.items()}


def instructions_of(folder: Path, process: int) -> int:
    """What callgrind counted of this process."""
    found = _TOTALS.search((folder / str(process)).read_text(errors="replace"))
    assert found, f"callgrind has nothing of process {process}"
    return int(found[1])


@pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind is not here: no instructions are counted"
)
def test_pure_functions_take_no_more_instructions_than_they_did(tmp_path: Path) -> None:
    recorded = json.loads(RECORDED.read_text())
    now = counted(tmp_path)
    if os.environ.get("CONTACTORY_RECORD_INSTRUCTIONS"):
        rounded = {name: round(taken, 4) for name, taken in now.items()}
        RECORDED.write_text(json.dumps(recorded | {_PYTHON: rounded}, indent=2) + "\n")
        return
    if _PYTHON not in recorded:
        pytest.skip(f"no instructions are recorded for Python {_PYTHON}")
    before = recorded[_PYTHON]
    assert now.keys() == before.keys()
    slower = {
        name: f"{taken / before[name]:.2f} times what it was"
        for name, taken in now.items()
        if taken > before[name] * _MOST
    }
    assert not slower
