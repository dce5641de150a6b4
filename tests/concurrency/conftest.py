"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contactory.ops.crm import Crm
from tests.servers import store_url


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


@pytest.fixture
async def crm(store: Path) -> AsyncIterator[Crm]:
    async with await Crm.open(store_url(store)) as opened:
        yield opened
