"""A store in a file for each test, with two sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contactory.ops.crm import Crm


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


@pytest.fixture
async def crm(store_path: Path) -> AsyncIterator[Crm]:
    """The default site of a new store, with the owner acting."""
    async with await Crm.open(f"sqlite:///{store_path}") as crm:
        yield crm


@pytest.fixture
async def elsewhere(crm: Crm) -> Crm:
    """Another site of the same store."""
    site = await crm.sites.create_site("elsewhere")
    return await crm.at_site(site.site_id)
