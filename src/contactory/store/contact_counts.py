"""How many contacts there are: the counts that every write keeps."""

from __future__ import annotations

from collections.abc import Mapping

from contactory.domain.contact_groups import EVERYBODY, Group
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


async def count_everybody(tx: Transaction, site: RowId) -> int:
    """How many contacts the site has."""
    return sum((await group_counts(tx, site)).values())


async def group_counts(
    tx: Transaction, site: RowId, label_key: str = EVERYBODY
) -> dict[Group, int]:
    """How many contacts of each group the site has, in all or with a label."""
    rows = await tx.rows("get_counts", site_id=site, label_key=label_key)
    return {Group.named(name): int(count) for name, count in rows if count}


async def all_group_counts(tx: Transaction, site: RowId) -> Mapping[str, Mapping[Group, int]]:
    """The same for all labels at once, by label key, and for EVERYBODY."""
    counts: dict[str, dict[Group, int]] = {}
    for label_key, name, count in await tx.rows("get_all_counts", site_id=site):
        if count:
            counts.setdefault(label_key, {})[Group.named(name)] = int(count)
    return counts
