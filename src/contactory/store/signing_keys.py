"""The keys that apps' webhooks are signed with. The private half never leaves the store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.domain.subscriptions import PublicKey
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction


class KeyPair(msgspec.Struct, frozen=True):
    """A key with its private half, PEM text."""

    public: PublicKey
    private_key: str


async def insert_signing_key(tx: Transaction, site: RowId, app_id: RowId, pair: KeyPair) -> None:
    """Keep a new key of the app."""
    await tx.run(
        "insert_signing_key",
        site_id=site,
        app_id=app_id,
        id=pair.public.id,
        private_key=pair.private_key,
        public_key=pair.public.public_key,
        now=pair.public.created_date.ms,
        signs_from=pair.public.signs_from.ms,
    )


async def list_signing_keys(tx: Transaction, site: RowId, app_id: RowId) -> list[KeyPair]:
    """All keys of the app, the one that signs last first."""
    rows = await tx.rows("list_signing_keys", site_id=site, app_id=app_id)
    return [_pair(row) for row in rows]


async def delete_signing_keys(
    tx: Transaction, site: RowId, app_id: RowId, key_ids: Sequence[str]
) -> None:
    """Forget keys of the app."""
    for key_id in key_ids:
        await tx.run("delete_signing_key", site_id=site, app_id=app_id, id=key_id)


async def hold_app(tx: Transaction, site: RowId, app_id: RowId) -> bool:
    """Nobody else changes the app's keys until the transaction ends; False where there is none."""
    return await tx.row("hold_app", site_id=site, id=app_id) is not None


def _pair(row: Row) -> KeyPair:
    key_id, private_key, public_key, created, signs_from = row
    public = PublicKey(
        id=key_id,
        public_key=public_key,
        created_date=Timestamp.from_ms(created),
        signs_from=Timestamp.from_ms(signs_from),
    )
    return KeyPair(public, private_key)
