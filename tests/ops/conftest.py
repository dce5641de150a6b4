"""A store of each kind for each test, with two sites."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from contactory.ops.crm import Crm
from tests.store_paths import give_back, new_path, url_of
from tests.stores import KINDS


@pytest.fixture(params=KINDS)
def store_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    path = new_path(request.param, tmp_path)
    yield path
    give_back(path)


@pytest.fixture
async def crm(store_path: Path) -> AsyncIterator[Crm]:
    """The default site of a new store, with the owner acting."""
    async with await Crm.open(url_of(store_path)) as crm:
        yield crm


@pytest.fixture
async def elsewhere(crm: Crm) -> Crm:
    """Another site of the same store."""
    site = await crm.sites.create_site("elsewhere")
    return await crm.at_site(site.site_id)
