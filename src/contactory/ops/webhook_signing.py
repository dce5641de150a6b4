"""The keys of apps: made on first use, and replaced while receivers still know the old one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from contactory.domain.subscriptions import PublicKey
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.kit.signing_keys import SigningKey, new_signing_key
from contactory.ops.arguments import check_found
from contactory.ops.context import Context
from contactory.ops.settings import Settings
from contactory.store.apps import get_app
from contactory.store.engine import Store, Transaction
from contactory.store.signing_keys import (
    KeyPair,
    delete_signing_keys,
    insert_signing_key,
    list_signing_keys,
)


async def made_key() -> SigningKey:
    """A key that nobody has. It takes a tenth of a second, which no transaction should."""
    return await asyncio.to_thread(new_signing_key)


async def ensure_key(tx: Transaction, site: RowId, app_id: RowId, made: SigningKey | None) -> None:
    """Keep the key as the app's first, which signs at once, where it has none."""
    if made is not None and not await list_signing_keys(tx, site, app_id):
        await _insert(tx, site, app_id, made, signs_in=timedelta(0))


async def first_key(context: Context, app_id: RowId) -> SigningKey | None:
    """A key for an app that has none. Raises NotFound for what is no app."""
    check_found("app", await context.store.read(lambda tx: get_app(tx, context.site, app_id)))
    known = await context.store.read(lambda tx: list_signing_keys(tx, context.site, app_id))
    return None if known else await made_key()


async def add_key(
    tx: Transaction, context: Context, app_id: RowId, made: SigningKey, *, at_once: bool
) -> PublicKey:
    """Keep a key that signs once receivers had time to learn of it; forget those out of use.

    One that signs at once is the only one.
    """
    overlap = timedelta(0) if at_once else context.settings.events.key_overlap
    pairs = await list_signing_keys(tx, context.site, app_id)
    outdated = _outdated(pairs, Timestamp.current() - overlap)
    gone = [pair.public.id for pair in pairs] if at_once else outdated
    await delete_signing_keys(tx, context.site, app_id, gone)
    return await _insert(tx, context.site, app_id, made, signs_in=overlap)


async def known_keys(tx: Transaction, context: Context, app_id: RowId) -> list[PublicKey]:
    """The keys that receivers may meet: those to come, the present one, the one just replaced."""
    pairs = await list_signing_keys(tx, context.site, app_id)
    return _known(pairs, context.settings)


async def public_keys(
    store: Store, settings: Settings, site_id: str, app_id: str
) -> list[PublicKey]:
    """The app's keys for anybody who asks: they verify, no more. None for what is no app."""
    site, app = RowId(site_id), RowId(app_id)
    pairs = await store.read(lambda tx: list_signing_keys(tx, site, app))
    return _known(pairs, settings)


def signing_now(pairs: list[KeyPair], now: Timestamp) -> KeyPair | None:
    """The key that signs at this moment, of keys with the last one first."""
    return next((pair for pair in pairs if pair.public.signs_from <= now), None)


def _known(pairs: list[KeyPair], settings: Settings) -> list[PublicKey]:
    gone = _outdated(pairs, Timestamp.current() - settings.events.key_overlap)
    return [pair.public for pair in pairs if pair.public.id not in gone]


def _outdated(pairs: list[KeyPair], then: Timestamp) -> list[str]:
    """The keys that were replaced before that moment."""
    present = signing_now(pairs, then)
    if present is None:
        return []
    return [pair.public.id for pair in pairs[pairs.index(present) + 1 :]]


async def _insert(
    tx: Transaction, site: RowId, app_id: RowId, made: SigningKey, *, signs_in: timedelta
) -> PublicKey:
    now = Timestamp.current()
    public = PublicKey(
        id=made.kid, public_key=made.public_pem, created_date=now, signs_from=now + signs_in
    )
    await insert_signing_key(tx, site, app_id, KeyPair(public, made.private_pem))
    return public
