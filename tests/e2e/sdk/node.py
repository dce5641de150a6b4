"""Node with the official SDK, where the machine has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")

needs_the_sdk = pytest.mark.skipif(
    NODE is None or not (HERE / "node_modules" / "@wix" / "sdk").exists(),
    reason="NOT TESTED: Node or the official SDK is missing, run tests/tools",
)
