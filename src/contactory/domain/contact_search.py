"""Reads searches of contacts by words, and shapes their answers (CONTRACT B.14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.contact_query import QUERY_NAMES, ContactsPage, SentQuery, read_query
from contactory.domain.contacts import Contact
from contactory.domain.paging import Cursors, PagingMetadata
from contactory.domain.problems import Problems
from contactory.domain.search_reading import Search, read_search

_NAMES: Final = QUERY_NAMES | {"search"}


class CursorPagingMetadata(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """What an answer by cursor says of its page: its size, and where the next one begins."""

    count: int
    cursors: Cursors | None = None
    has_next: bool = msgspec.field(default_factory=bool)


class SearchedContacts(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """Contacts of one page of a search.

    `cursor_paging_metadata` says how it goes on; where the search asked for `paging` by offset,
    `paging_metadata` stands instead, with the total.
    """

    contacts: Sequence[Contact]
    paging_metadata: PagingMetadata | None = None
    cursor_paging_metadata: CursorPagingMetadata | None = None


def read_contact_search(sent: Any, noted: Problems) -> tuple[SentQuery, Search | None]:
    """The query of a search, and its words, None where nothing restricts them.

    A text alone is the expression. Pages go by cursor unless `paging` is sent. Raises
    InvalidArgument and IllegalLimit.
    """
    if isinstance(sent, str):
        sent = {"search": sent}
    asked = Problems().mapping(sent, "search", _NAMES)
    if not asked.get("paging") and asked.get("cursorPaging") is None:
        asked = {**asked, "cursorPaging": {}}
    whole = asked if sent is None or isinstance(sent, Mapping | msgspec.Struct) else sent
    query = read_query(whole, search=asked.get("search"), path="search", noted=noted, known=_NAMES)
    return query, read_search(query.search)


def searched(page: ContactsPage, *, by_cursor: bool) -> SearchedContacts:
    """The answer of a search for this page."""
    metadata = page.paging_metadata
    if not by_cursor:
        return SearchedContacts(contacts=page.contacts, paging_metadata=metadata)
    return SearchedContacts(
        contacts=page.contacts,
        cursor_paging_metadata=CursorPagingMetadata(
            count=metadata.count, cursors=metadata.cursors, has_next=bool(metadata.has_next)
        ),
    )
