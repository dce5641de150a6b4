"""Programs of users are checked as strictly as ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_calls_are_typed_for_users() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/contract/typed_calls.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 0, done.stdout
