"""How many contacts there are: the counts that every write keeps."""

from __future__ import annotations

from collections.abc import Mapping

from contactory.domain.contact_groups import EVERYBODY, Group
from contactory.domain.contact_index import CARRIED, FILLED
from contactory.domain.filters import Filter, OneOf, Present
from contactory.kit.ids import RowId
from contactory.store.contact_tests import LABELS, counted_value, custom_key, filled_columns
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


async def kept_count(tx: Transaction, site: RowId, test: Filter) -> int | None:
    """How many contacts pass a test whose contacts are counted anyway; None where they are not."""
    if isinstance(test, OneOf) and test.field.path == LABELS and len(test.values) == 1:
        return sum((await group_counts(tx, site, str(test.values[0]))).values())
    if isinstance(test, OneOf) and (counted := counted_value(test)) is not None:
        return await _value_count(tx, site, *counted)
    if not isinstance(test, Present):
        return None
    if (key := custom_key(test.field)) is not None:
        return await _value_count(tx, site, CARRIED, key)
    wanted = set(filled_columns(test.field))
    if not wanted:
        return None
    rows = await tx.rows("get_value_counts", site_id=site, field=FILLED)
    return sum(int(count) for names, count in rows if wanted.intersection(names.split()))


async def _value_count(tx: Transaction, site: RowId, field: str, value: str) -> int:
    row = await tx.row("get_value_count", site_id=site, field=field, value=value)
    return 0 if row is None else int(row[0])
