"""First results of calls that carried an idempotency key, kept for 24 hours."""

from __future__ import annotations

import msgspec

from contactory.domain.errors import IdempotencyKeyReused
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction

LIFETIME_MS = 24 * 60 * 60 * 1000


class IdempotentCall(msgspec.Struct, frozen=True):
    """Who called, with which key, and the digest of what was asked."""

    caller: str
    key: str
    request_digest: bytes


async def first_response(
    tx: Transaction, site: RowId, call: IdempotentCall, now: Timestamp
) -> str | None:
    """What the first such call was answered; None when this is the first.

    Raises IdempotencyKeyReused when the first call asked for something else.
    """
    row = await tx.row(
        "get_idempotency_key",
        site_id=site,
        caller=call.caller,
        key=call.key,
        since=now.ms - LIFETIME_MS,
    )
    if row is None:
        return None
    if bytes(row[0]) != call.request_digest:
        raise IdempotencyKeyReused
    return str(row[1])


async def claim_key(
    tx: Transaction, site: RowId, call: IdempotentCall, response: str, now: Timestamp
) -> bool:
    """Note the result of this call under its key; False when another call was first."""
    where = {"site_id": site, "caller": call.caller, "key": call.key}
    await tx.run("forget_idempotency_key", since=now.ms - LIFETIME_MS, **where)
    return bool(
        await tx.run(
            "claim_idempotency_key",
            request_digest=call.request_digest,
            response=response,
            now=now.ms,
            **where,
        )
    )


async def forget_keys(tx: Transaction, site: RowId, now: Timestamp, most: int) -> int:
    """Delete at most so many keys whose 24 hours are over; how many there were."""
    since = now.ms - LIFETIME_MS
    return await tx.run("forget_idempotency_keys", site_id=site, since=since, most=most)
