"""API keys: digests of the secrets, and what each may do."""

from __future__ import annotations

from contactory.domain.access import KeyInfo
from contactory.domain.credentials import SecretKind, site_of
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import stored_permissions
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, digest
from contactory.store.engine import Transaction
from contactory.store.rows import as_instant_or_none, as_text


async def insert_api_key(tx: Transaction, site: RowId, key: KeyInfo, secret: str) -> None:
    """Keep a new key, of the secret its digest only."""
    await tx.run(
        "insert_api_key",
        site_id=site,
        id=RowId(key.id),
        name=key.name,
        digest=digest(secret),
        permissions=" ".join(key.permissions),
        now=key.created_date.ms,
    )


async def list_api_keys(tx: Transaction, site: RowId) -> list[KeyInfo]:
    """All keys of the site, oldest first, revoked ones too."""
    return [
        KeyInfo(
            id=as_text(key_id),
            name=name,
            permissions=permissions.split(),
            created_date=Timestamp.from_ms(created),
            revoked_date=as_instant_or_none(revoked),
        )
        for key_id, name, permissions, created, revoked in await tx.rows(
            "list_api_keys", site_id=site
        )
    ]


async def find_api_key(tx: Transaction, secret: str) -> Identity | None:
    """Who acts with this key; None for an unknown or revoked one."""
    site_id = site_of(secret, SecretKind.KEY)
    if site_id is None:
        return None
    row = await tx.row("find_api_key", site_id=RowId(site_id), digest=digest(secret))
    return (
        None
        if row is None
        else Identity(
            type=IdentityType.API_KEY, id=as_text(row[0]), permissions=stored_permissions(row[1])
        )
    )


async def revoke_api_key(tx: Transaction, site: RowId, key_id: RowId, now: Timestamp) -> bool:
    """Let the key act no more; False when the site has no such key."""
    return bool(await tx.run("revoke_api_key", site_id=site, id=key_id, now=now.ms))
