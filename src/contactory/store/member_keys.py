"""Keys with which a site's own program vouches for its members, and which vouchers are used."""

from __future__ import annotations

from contactory.domain.access import MemberKeyInfo
from contactory.domain.vouchers import Origin, Voucher
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction
from contactory.store.rows import as_instant_or_none, as_text


async def insert_member_key(tx: Transaction, site: RowId, key: MemberKeyInfo) -> None:
    """Trust a public key."""
    await tx.run(
        "insert_member_key",
        site_id=site,
        id=RowId(key.id),
        public_key=key.public_key,
        now=key.created_date.ms,
    )


async def list_member_keys(tx: Transaction, site: RowId) -> list[MemberKeyInfo]:
    """All member keys of the site, oldest first, revoked ones too."""
    return [
        MemberKeyInfo(
            id=as_text(key_id),
            public_key=public_key,
            created_date=Timestamp.from_ms(created),
            revoked_date=as_instant_or_none(revoked),
        )
        for key_id, public_key, created, revoked in await tx.rows("list_member_keys", site_id=site)
    ]


async def find_member_key(tx: Transaction, origin: Origin) -> str | None:
    """The public key in PEM; None when the site has none such, or revoked it."""
    row = await tx.row("get_member_key", site_id=RowId(origin.site_id), id=RowId(origin.key_id))
    return None if row is None else str(row[0])


async def revoke_member_key(tx: Transaction, site: RowId, key_id: RowId, now: Timestamp) -> bool:
    """Trust the key no more; False when the site has no such key."""
    return bool(await tx.run("revoke_member_key", site_id=site, id=key_id, now=now.ms))


async def use_voucher(tx: Transaction, voucher: Voucher) -> bool:
    """Note that the voucher is used; False when it was before."""
    return bool(
        await tx.run(
            "use_voucher",
            site_id=RowId(voucher.origin.site_id),
            key_id=RowId(voucher.origin.key_id),
            id=voucher.id,
            expires_at=voucher.forgotten.ms,
        )
    )


async def forget_vouchers(tx: Transaction, site: RowId, now: Timestamp, most: int) -> int:
    """Delete at most so many used vouchers that have expired; how many there were."""
    return await tx.run("forget_vouchers", site_id=site, now=now.ms, most=most)
