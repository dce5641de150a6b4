"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contactory.ops.crm import Crm
from tests.stores import StoreUnderTest


@pytest.fixture
async def crm(store: StoreUnderTest) -> AsyncIterator[Crm]:
    async with await Crm.open(store.url) as opened:
        yield opened
