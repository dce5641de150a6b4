"""Calls webhooks: each call is a signed token that tells of one event (CONTRACT H.3)."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import msgspec

from contactory.domain.subscriptions import Subscription
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.kit.signing_keys import signed
from contactory.ops.event_delivering import Attempt, Item
from contactory.ops.webhook_signing import signing_now
from contactory.store.apps import get_app
from contactory.store.engine import Store, Transaction
from contactory.store.signing_keys import KeyPair, list_signing_keys
from contactory.wire.events import webhook_claims
from contactory.worker.posting import Poster

_KNOWN_FOR_S: Final = 30
"""How long an app and its keys are taken for what they were."""

_LIFE_S: Final = 300
"""How long a token is good for: receivers' clocks may be late."""


class _Signer(msgspec.Struct, frozen=True):
    """What is needed of an app to sign for it."""

    instance_id: str
    pairs: list[KeyPair]
    read: float


class WebhookCaller:
    """Delivers events to the URLs of apps."""

    most_at_once = 8

    def __init__(self, store: Store, poster: Poster) -> None:
        self._store = store
        self._poster = poster
        self._signers: dict[tuple[RowId, str], _Signer] = {}

    def serves(self, subscription: Subscription) -> bool:
        """Whether this process can call it: any can."""
        return True

    async def deliver(self, site: RowId, subscription: Subscription, item: Item) -> Attempt:
        """Call the URL once. Raises Unavailable where the app's key cannot be read."""
        tried = Timestamp.current()
        signer = await self._signer(site, str(subscription.app_id))
        pair = None if signer is None else signing_now(signer.pairs, tried)
        if signer is None or pair is None:
            return Attempt(reason="its app has no key to sign with", duration_ms=0, tried=tried)
        claims = webhook_claims(
            item.placed.event,
            instance_id=signer.instance_id,
            site_id=str(site),
            now=tried,
            life_s=_LIFE_S,
        )
        # A signature takes most of a millisecond, which other calls need not wait for.
        body = await asyncio.to_thread(signed, claims, pair.private_key, pair.public.id)
        outcome = await self._poster.post(subscription.target, body)
        return Attempt(
            reason=outcome.reason,
            duration_ms=outcome.duration_ms,
            tried=tried,
            status=outcome.status,
        )

    async def _signer(self, site: RowId, app_id: str) -> _Signer | None:
        known = self._signers.get((site, app_id))
        if known is None or time.monotonic() - known.read > _KNOWN_FOR_S:
            known = await self._store.read(lambda tx: _read_signer(tx, site, RowId(app_id)))
            if known is None:
                return None
            self._signers[site, app_id] = known
        return known


async def _read_signer(tx: Transaction, site: RowId, app_id: RowId) -> _Signer | None:
    app = await get_app(tx, site, app_id)
    if app is None:
        return None
    pairs = await list_signing_keys(tx, site, app_id)
    return _Signer(app.instance_id, pairs, time.monotonic())
