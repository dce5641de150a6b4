"""Two sites of a new store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from contactory.ops.crm import Crm
from tests.stores import StoreUnderTest


@pytest.fixture
async def crm(store: StoreUnderTest) -> AsyncIterator[Crm]:
    """The default site of a new store, with the owner acting."""
    async with await Crm.open(store.url) as crm:
        yield crm


@pytest.fixture
async def elsewhere(crm: Crm) -> Crm:
    """Another site of the same store."""
    site = await crm.sites.create_site("elsewhere")
    return await crm.at_site(site.site_id)
