"""Deletes events, and what became of them, once they are older than they are kept for."""

from __future__ import annotations

from functools import partial

from contactory.domain.subscriptions import SubscriptionKind
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.ops.settings import Settings
from contactory.store.deliveries import BEYOND, forget_deliveries
from contactory.store.engine import Store, Transaction
from contactory.store.outbox import forget_events
from contactory.store.sites import list_sites
from contactory.store.subscriptions import least_needed_position, list_subscriptions

_MOST = 1_000
"""How many rows are deleted in one transaction."""


async def forget_old_events(store: Store, settings: Settings) -> int:
    """Delete what is too old, of all sites, but for what somebody still waits for; how many rows.

    Raises Unavailable.
    """
    before = Timestamp.current() - settings.events.retention
    forgotten = 0
    for site in await store.read(list_sites):
        forgotten += await _forget(store, RowId(site.site_id), before)
    return forgotten


async def _forget(store: Store, site: RowId, before: Timestamp) -> int:
    forgotten = 0
    for subscription in await store.read(partial(_subscriptions, site=site)):
        forget = partial(
            forget_deliveries, site=site, subscription=subscription, before=before, most=_MOST
        )
        while rows := await store.write(forget):
            forgotten += rows
    while rows := await store.write(partial(_forget_some_events, site=site, before=before)):
        forgotten += rows
    return forgotten


async def _subscriptions(tx: Transaction, site: RowId) -> list[RowId]:
    return [
        RowId(one.id)
        for kind in SubscriptionKind
        for one in await list_subscriptions(tx, site, kind)
    ]


async def _forget_some_events(tx: Transaction, site: RowId, before: Timestamp) -> int:
    needed = await least_needed_position(tx, site, before)
    position = BEYOND if needed is None else needed + 1
    return await forget_events(tx, site, before=before, position=position, most=_MOST)
