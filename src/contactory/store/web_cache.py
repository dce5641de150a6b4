"""Versions of cache tags: what all processes agree on about their cached results."""

from __future__ import annotations

from collections.abc import Iterable

from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


async def cache_versions(tx: Transaction, site: RowId, tags: Iterable[str]) -> tuple[int, ...]:
    """The version of each tag, in order; 0 for one that was never invalidated."""
    rows = [await tx.row("get_cache_version", site_id=site, tag=tag) for tag in tags]
    return tuple(row[0] if row else 0 for row in rows)


async def raise_cache_versions(tx: Transaction, site: RowId, tags: Iterable[str]) -> None:
    """Give each tag a version that no cached result has."""
    for tag in sorted(set(tags)):  # In one order everywhere, so that nobody waits in a circle.
        await tx.run("raise_cache_version", site_id=site, tag=tag)
