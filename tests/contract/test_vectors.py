"""Every conformance vector of the contract has a test that bears its number (CONTRACT J)."""

from __future__ import annotations

import re
from pathlib import Path

VECTORS = range(1, 31)
SHOWN_BY_THE_SDK = {27}
"""A whole life of a contact, which the SDK leads in `tests/e2e/sdk`."""
OF_WEBHOOKS = {26}

TESTS = Path(__file__).parents[1]
_NAME = re.compile(r"^(?:async )?def test_j(\d+)_", re.MULTILINE)


def test_each_vector_is_shown() -> None:
    texts = [path.read_text("utf-8") for path in TESTS.glob("*/test_*.py")]
    shown = {int(number) for text in texts for number in _NAME.findall(text)}
    assert shown == set(VECTORS) - SHOWN_BY_THE_SDK - OF_WEBHOOKS
