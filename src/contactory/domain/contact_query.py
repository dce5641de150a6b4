"""Reads what queries of contacts ask for (CONTRACT B.5, B.6, B.14)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.contact_index import MISSING, SORTED_BY, contact_index
from contactory.domain.contacts import Contact
from contactory.domain.cursors import (
    Cursor,
    Position,
    check_same_query,
    encode_cursor,
    read_cursor_paging,
    read_position,
)
from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import contact_lookup, custom_key
from contactory.domain.filter_forms import sort_form
from contactory.domain.filter_reading import custom_keys_in, read_filter
from contactory.domain.filters import Field, Filter, Kind, SortEntry, Value
from contactory.domain.paging import Cursors, Paging, PagingMetadata, read_paging
from contactory.domain.problems import Problems
from contactory.domain.projection import Projection, read_projection
from contactory.domain.query_building import Query, QueryPage
from contactory.domain.sorting import read_sort
from contactory.kit.clock import Timestamp

QUERY_NAMES: Final = frozenset({"filter", "sort", "paging", "cursorPaging", "fields", "fieldsets"})


class ContactsPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Contacts of one page, and its place among all."""

    contacts: Sequence[Contact]
    paging_metadata: PagingMetadata


class ContactsCount(msgspec.Struct, frozen=True):
    """How many contacts a site has."""

    count: int


class SentQuery(msgspec.Struct, frozen=True):
    """A query whose filter and sort are not read yet: for that, types of custom fields are needed.

    `search` is any text or object beside the filter that must stay the same from page to page.
    """

    filter: Any
    search: Any
    sort: Any
    paging: Paging
    cursor: Cursor | None
    has_cursor: bool
    projection: Projection
    path: str

    @property
    def custom_keys(self) -> frozenset[str]:
        """The custom fields whose types are needed."""
        return custom_keys_in(self.filter, self.sort)


class AskedQuery(msgspec.Struct, frozen=True):
    """A query that can be answered; `after` is where the page before ended."""

    filter: Filter
    sort: tuple[SortEntry, ...]
    after: Position | None = None


def read_query(
    sent: Any,
    *,
    search: Any = None,
    path: str = "query",
    noted: Problems | None = None,
    known: frozenset[str] = QUERY_NAMES,
) -> SentQuery:
    """All of a query but filter and sort. Names that are no part of it are noted as dropped.

    Raises InvalidArgument and IllegalLimit.
    """
    problems = noted or Problems()
    query = problems.mapping(sent, path, known)
    problems.check()
    at = f"{path}." if path else ""
    projection = read_projection(query.get("fields"), query.get("fieldsets"))
    cursor_paging = read_cursor_paging(query.get("cursorPaging"), path=f"{at}cursorPaging")
    paging = read_paging(query.get("paging"), path=f"{at}paging")
    cursor = None
    if cursor_paging is not None:
        if query.get("paging") and paging.offset:
            problems.add_other(
                f"{at}paging", "PAGING", "cannot stand beside cursorPaging: send one of the two"
            )
            problems.check()
        paging, cursor = Paging(cursor_paging.limit), cursor_paging.cursor
    sent_filter, sort = query.get("filter"), query.get("sort")
    if cursor is not None:
        sent_filter, search, sort = _continued(cursor, sent_filter, search, sort, path)
    return SentQuery(
        filter=sent_filter,
        search=search,
        sort=sort,
        paging=paging,
        cursor=cursor,
        has_cursor=cursor_paging is not None,
        projection=projection,
        path=path,
    )


def asked_query(sent: SentQuery, types: Mapping[str, FieldType]) -> AskedQuery:
    """The query with its filter and sort. Raises the errors of CONTRACT D.5."""
    lookup = contact_lookup(types)
    at = f"{sent.path}." if sent.path else ""
    tree = read_filter(sent.filter, lookup, path=f"{at}filter")
    sort = read_sort(sent.sort, lookup, path=f"{at}sort")
    after = None
    if sent.cursor is not None:
        after = read_position(sent.cursor, sort, path=f"{at}cursorPaging.cursor")
    return AskedQuery(tree, sort, after)


def answered_page(
    sent: SentQuery,
    asked: AskedQuery,
    found: Sequence[Contact],
    shown: Sequence[Contact],
    total: int | None,
) -> PagingMetadata:
    """What the answer says of its page. `found` may hold one contact more than are `shown`."""
    if not sent.has_cursor:
        return PagingMetadata(count=len(shown), offset=sent.paging.offset, total=total)
    has_next = len(found) > len(shown)
    cursor = None
    if has_next and shown:
        last = found[len(shown) - 1]
        position = tuple(sort_value(last, entry.field) for entry in asked.sort)
        whole = _whole(sent.filter, sent.search)
        cursor = encode_cursor(whole, sent.sort, position, last.id)
    return PagingMetadata(
        count=len(shown), total=total, cursors=Cursors(next=cursor), has_next=has_next
    )


def sort_value(contact: Contact, field: Field) -> Value | None:
    """The value by which the contact is sorted, None where it has none."""
    if field.path == "createdDate":
        return contact.created_date.ms if contact.created_date else None
    if field.path in SORTED_BY:
        value: Value = contact_index(contact).columns[SORTED_BY[field.path]]
        return None if value == MISSING else value
    key = custom_key(field.path)
    value_sent = contact.info.extended_fields.items.get(key) if key else None
    if value_sent is None:
        return None
    if field.kind is Kind.TEXT:
        return sort_form(str(value_sent))
    return Timestamp.parse(str(value_sent)).ms if field.kind is Kind.INSTANT else float(value_sent)


def _continued(
    cursor: Cursor, sent_filter: Any, search: Any, sort: Any, path: str
) -> tuple[Any, Any, Any]:
    """Filter, search and sort of the query that the cursor continues."""
    own = cursor.filter if isinstance(cursor.filter, Mapping) else {}
    whole = None if not (sent_filter or search) else _whole(sent_filter, search)
    check_same_query(cursor, whole, sort, path=path or "query")
    return own.get("filter"), own.get("search"), cursor.sort


def _whole(sent_filter: Any, search: Any) -> dict[str, Any]:
    return {"filter": sent_filter or None, "search": search or None}


def contact_query(
    find: Callable[[Mapping[str, Any], Any], Awaitable[ContactsPage]],
    query: Mapping[str, Any] | None,
    options: Any,
) -> Query[Contact]:
    """The query builder over a call that finds contacts."""

    async def run(asked: Mapping[str, Any]) -> QueryPage[Contact]:
        page = await find(asked, options)
        return QueryPage(page.contacts, page.paging_metadata)

    if query is None:
        return Query(run=run, has_cursors=True)
    return Query.from_mapping(run, query, has_cursors=True)
