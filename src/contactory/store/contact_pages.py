"""Pages of the contacts of a selection, in an order, by offset or after the last one seen."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.domain.contact_documents import ContactDocuments
from contactory.domain.contact_selection import Selection
from contactory.domain.filters import SortEntry
from contactory.kit.ids import RowId
from contactory.store.contact_counts import count_everybody
from contactory.store.contact_orders import Edge, Order, Position, Segment
from contactory.store.contact_plans import (
    Pace,
    Plan,
    cost_of_sorting,
    planned,
    planned_by_fewest,
    sortable_number,
    total_of,
    walks,
)
from contactory.store.contact_tests import EVERYTHING
from contactory.store.contacts import contact_document
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """At most `limit` contacts in this order, after the first `offset` ones or `after` one.

    All that are selected are `counted` unless nobody asks for it.
    """

    limit: int
    sort: Sequence[SortEntry] = ()
    offset: int = 0
    after: Position | None = None
    counted: bool = True


class Page(msgspec.Struct, frozen=True):
    """Contacts in their order; `total` where it was asked for."""

    contacts: ContactDocuments
    total: int | None = None


async def select_page(tx: Transaction, site: RowId, selection: Selection, wanted: Wanted) -> Page:
    """The part of the selection that is wanted."""
    limit, offset = wanted.limit, wanted.offset
    pace = Pace(wanted.sort, limit + offset)
    plan = await planned(tx, site, selection, pace)
    if _finds_all(plan, wanted) and (page := await _counted_page(tx, plan, wanted)):
        return page
    total = await total_of(tx, site, selection, plan) if wanted.counted else plan.total
    if limit == 0 or (total is not None and offset >= total):
        return Page(ContactDocuments(()), total if wanted.counted else None)
    if plan.is_walk and total is not None and await _are_few(tx, site, total, pace, plan):
        plan = await planned_by_fewest(tx, site, selection, pace.columns)
    rows = await _page_rows(tx, site, plan, wanted, total)
    if rows is None:
        plan = await planned_by_fewest(tx, site, selection, pace.columns)
        rows = await _all_rows(tx, plan, wanted)
    contacts = ContactDocuments(map(contact_document, rows))
    return Page(contacts, total if wanted.counted else None)


def _finds_all(plan: Plan, wanted: Wanted) -> bool:
    """Whether a page is sorted out of all matches, which can be counted on the way."""
    is_from_start = wanted.after is None and wanted.limit > 0
    return wanted.counted and is_from_start and plan.total is None and not plan.is_walk


async def _counted_page(tx: Transaction, plan: Plan, wanted: Wanted) -> Page | None:
    """The page with its total, at one go; None where it is beyond the end."""
    order = Order(wanted.sort, plan)
    (segment,) = order.segments(None)
    where = " AND ".join([*segment.conditions, plan.where])
    sql = _statement(plan, order, segment, where, is_counted=True)
    bounds = {"limit": wanted.limit, "offset": wanted.offset}
    rows = await tx.select(sql, plan.parameters.values | bounds)
    if wanted.offset and not rows:
        return None
    contacts = ContactDocuments([contact_document(row[:-1]) for row in rows])
    return Page(contacts, rows[0][-1] if rows else 0)


async def _page_rows(
    tx: Transaction, site: RowId, plan: Plan, wanted: Wanted, total: int | None
) -> list[Row] | None:
    """The rows of a page; None where they should be found and sorted instead.

    A walk through the list meets a page soon where matches lie evenly. They may not, as people of
    one city whose names begin alike: so a walk goes on only as long as sorting would cost more.
    """
    order = Order(wanted.sort, plan)
    if not plan.is_walk or plan.is_bound or plan.is_everybody or not order.has_edges:
        return await _all_rows(tx, plan, wanted)
    everybody = await count_everybody(tx, site)
    for steps in walks(wanted.limit + wanted.offset, everybody, total):
        edge = await _edge(tx, order, wanted.after, steps)
        rows = await _all_rows(tx, plan, wanted, until=edge)
        if edge is None or len(rows) == wanted.limit:
            return rows
    return None


async def _edge(tx: Transaction, order: Order, after: Position | None, steps: int) -> Edge | None:
    """The contact that stands so many steps after the position; None at the end of the list."""
    where = " AND ".join(order.beyond(after)) or EVERYTHING
    sql = order.edge(where)
    rows = await tx.select(sql, order.parameters.values | {"steps": steps})
    return Edge(*rows[0]) if rows else None


async def _all_rows(
    tx: Transaction, plan: Plan, wanted: Wanted, *, until: Edge | None = None
) -> list[Row]:
    """The rows of a page, from all segments of the list."""
    order = Order(wanted.sort, plan)
    limit, offset = wanted.limit, wanted.offset
    rows: list[Row] = []
    for segment in order.segments(wanted.after):
        where = " AND ".join([*segment.conditions, *order.within(until), plan.where])
        rows += await _rows(tx, plan, order, segment, where, limit - len(rows), offset)
        if len(rows) == limit:
            break
        if offset and not rows:
            offset -= await _size(tx, plan, segment, where)
        else:
            offset = 0
    return rows


async def select_ids(
    tx: Transaction, site: RowId, selection: Selection, *, limit: int, after: str | None = None
) -> list[str]:
    """Ids of contacts of the selection, in the order of their creation."""
    plan = await planned(tx, site, selection, Pace(wanted=limit))
    where = plan.where
    if after is not None:
        beyond = plan.parameters.fragment(
            "after_id", column=plan.id, operator=">", id=plan.parameters.add(RowId(after))
        )
        where = f"{where} AND {beyond}"
    rows = await tx.select(
        plan.parameters.fragment("select_ids", source=plan.source, where=where, order=plan.id),
        plan.parameters.values | {"limit": limit},
    )
    return [as_text(row[0]) for row in rows]


async def count_selected(tx: Transaction, site: RowId, selection: Selection) -> int:
    """How many contacts the selection has."""
    return await total_of(tx, site, selection, await planned(tx, site, selection, Pace(wanted=1)))


async def _are_few(tx: Transaction, site: RowId, total: int, pace: Pace, plan: Plan) -> bool:
    """Whether all matches together are few, though each condition alone leaves many."""
    if plan.is_everybody or plan.is_alone:
        return False
    return total < sortable_number(await count_everybody(tx, site), pace, cost_of_sorting(pace))


async def _rows(
    tx: Transaction,
    plan: Plan,
    order: Order,
    segment: Segment,
    where: str,
    limit: int,
    offset: int,
) -> list[Row]:
    sql = _statement(plan, order, segment, where)
    return await tx.select(sql, plan.parameters.values | {"limit": limit, "offset": offset})


def _statement(
    plan: Plan, order: Order, segment: Segment, where: str, *, is_counted: bool = False
) -> str:
    """The statement for rows of a page; where it counts, each ends with how many there are."""
    return plan.parameters.fragment(
        "select_page",
        total=", p.total" if is_counted else "",
        keys=f"{order.keys}, count(*) OVER () AS total" if is_counted else order.keys,
        source=segment.source,
        where=where,
        order=segment.order,
        outer_order=order.outer,
    )


async def _size(tx: Transaction, plan: Plan, segment: Segment, where: str) -> int:
    sql = plan.parameters.fragment("count_where", source=segment.source, where=where)
    return int((await tx.select(sql, plan.parameters.values))[0][0])
