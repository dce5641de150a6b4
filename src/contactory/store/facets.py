"""Counts of facets: kept ones for all contacts, counted ones for those that a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.contact_index import MISSING
from contactory.domain.contact_making import NOT_SET
from contactory.domain.contact_selection import Selection
from contactory.domain.facets import Counts, Facet, Group, kept_counts
from contactory.domain.filters import Filter
from contactory.kit.ids import RowId
from contactory.store.contact_plans import planned_by_fewest, stored_count
from contactory.store.contact_tests import fragment
from contactory.store.engine import Transaction


async def kept_facet_counts(tx: Transaction, site: RowId, facets: Sequence[Facet]) -> list[int]:
    """How many contacts each facet has."""
    return [await _kept(tx, site, facet) for facet in facets]


async def filtered_counts(tx: Transaction, site: RowId, tree: Filter) -> Counts:
    """The contacts that the filter leaves, in groups. Reads each of them."""
    selection = Selection(filter=tree)
    plan = await planned_by_fewest(tx, site, selection)
    sql = fragment("count_labelled", source=plan.source, where=plan.where)
    labels: dict[str, int] = dict(await tx.select(sql, plan.parameters.values))
    missing = plan.parameters.add(MISSING)
    sql = fragment("count_groups", source=plan.source, where=plan.where, missing=missing)
    rows = await tx.select(sql, plan.parameters.values)
    groups = {
        Group(bool(email), subscription or NOT_SET, deliverability or NOT_SET, bool(member)): count
        for email, subscription, deliverability, member, count in rows
    }
    return Counts(groups, labels)


async def _kept(tx: Transaction, site: RowId, facet: Facet) -> int:
    added, taken = kept_counts(facet)
    more = [await stored_count(tx, site, name) for name in added]
    less = [await stored_count(tx, site, name) for name in taken]
    return sum(more) - sum(less)
