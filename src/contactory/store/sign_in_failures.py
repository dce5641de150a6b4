"""Failed sign-ins, counted in the store so that guessing is slow across all processes."""

from __future__ import annotations

from typing import Final

from contactory.domain.credentials import (
    FAILURES_REMEMBERED,
    FIRST_WAIT,
    FREE_GUESSES,
    FREE_GUESSES_OF_NAME,
    LONGEST_WAIT,
    name_key,
)
from contactory.domain.errors import RateLimited
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, digest
from contactory.store.engine import Transaction

_MS: Final = 1000


async def count_attempt(
    tx: Transaction, site: RowId, name: str, address: str, now: Timestamp
) -> None:
    """Count a sign-in as failed before it is tried, so that many at once cannot outrun the count.

    Raises RateLimited while the wait after earlier failures lasts.
    """
    counters = _counters(name, address)
    for counted, _ in counters:
        row = await tx.row("get_sign_in_wait", site_id=site, digest=counted, now=now.ms)
        if row:
            raise _wait(row[0] - now.ms)
    for counted, free in counters:
        if not await _count(tx, site, counted, free, now):
            raise _wait(FIRST_WAIT.seconds * _MS)


async def clear_failures(tx: Transaction, site: RowId, name: str, address: str) -> None:
    """Forget the failures of a name, from this address and from anywhere: it succeeded."""
    for counted, _ in _counters(name, address):
        await tx.run("delete_sign_in_failures", site_id=site, digest=counted)


async def forget_failures(tx: Transaction, site: RowId, now: Timestamp, most: int) -> int:
    """Delete at most so many counts that nothing was added to for a day; how many there were."""
    since = now - FAILURES_REMEMBERED
    return await tx.run("forget_sign_in_failures", site_id=site, since=since.ms, most=most)


async def _count(tx: Transaction, site: RowId, counted: bytes, free: int, now: Timestamp) -> int:
    where = {"site_id": site, "digest": counted}
    since = now - FAILURES_REMEMBERED
    await tx.run("delete_old_sign_in_failures", since=since.ms, **where)
    return await tx.run(
        "count_sign_in_failure",
        free=free,
        first_wait=FIRST_WAIT.seconds * _MS,
        longest_wait=LONGEST_WAIT.seconds * _MS,
        now=now.ms,
        **where,
    )


def _counters(name: str, address: str) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
    key = name_key(name)
    return (digest(f"{key}\0{address}"), FREE_GUESSES), (digest(key), FREE_GUESSES_OF_NAME)


def _wait(milliseconds: int) -> RateLimited:
    seconds = -(-milliseconds // _MS)
    return RateLimited(
        f"Too many failed sign-ins: try again in {seconds} seconds", retry_after_s=seconds
    )
