"""How contacts are listed, queried and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from contactory.domain.contact_query import (
    ContactsPage,
    SentQuery,
    answered_page,
    asked_query,
)
from contactory.domain.contact_selection import Selection
from contactory.domain.contacts import Contact
from contactory.domain.exact_search import read_exact_search
from contactory.domain.extended_fields import FieldType
from contactory.domain.projection import projected
from contactory.ops.context import Context
from contactory.store.contact_orders import Position
from contactory.store.contact_pages import Page, Wanted, select_page
from contactory.store.engine import Transaction
from contactory.store.extended_fields import get_field_types


async def found_page(
    context: Context,
    sent: SentQuery,
    selection: Selection,
    *,
    counted: bool = True,
) -> ContactsPage:
    """The page that the query asks for, of the contacts that the selection leaves.

    Raises the errors of CONTRACT D.5 and InvalidArgument.
    """
    types = await named_types(context, sent)
    asked = asked_query(sent, types)
    selection = msgspec.structs.replace(selection, filter=asked.filter)
    after = None
    if asked.after is not None and sent.cursor is not None:
        after = Position(asked.after, sent.cursor.item_id)
    is_first = after is None
    limit = sent.paging.limit
    wanted = Wanted(
        # One more than is shown tells whether there is a next page.
        limit=limit + 1 if sent.has_cursor and limit else limit,
        sort=asked.sort,
        offset=sent.paging.offset,
        after=after,
        counted=counted and is_first,
    )

    async def look(tx: Transaction) -> Page:
        return await select_page(tx, context.site, selection, wanted)

    page = await context.store.read(look)
    shown: Sequence[Contact] = page.contacts[:limit]
    if sent.projection is not None:
        shown = [projected(contact, sent.projection) for contact in shown]
    metadata = answered_page(sent, asked, page.contacts, shown, page.total)
    return ContactsPage(contacts=shown, paging_metadata=metadata)


async def named_types(context: Context, sent: SentQuery) -> Mapping[str, FieldType]:
    """The types of the custom fields that the query names."""
    keys = sent.custom_keys
    if not keys:
        return {}
    return await context.store.read(lambda tx: get_field_types(tx, context.site, keys))


def with_exact_search(sent: SentQuery) -> Selection:
    """What the plain search of a query leaves (CONTRACT D.8). Raises InvalidArgument."""
    return Selection(exact=read_exact_search(sent.search))
