"""Lists, queries, searches and facets of a server elsewhere, as in `ops/contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.contact_options import (
    FIND_OPTIONS,
    LIST_OPTIONS,
    FindContactsOptions,
    ListContactsOptions,
    read_options,
)
from contactory.domain.contact_query import ContactsCount, ContactsPage, contact_query
from contactory.domain.contact_search import SearchedContacts
from contactory.domain.contacts import Contact
from contactory.domain.facets import (
    LIST_FACETS_OPTIONS,
    QUERY_FACETS_OPTIONS,
    FacetsPage,
    ListFacetsOptions,
    QueryFacetsOptions,
)
from contactory.domain.query_building import Query
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteSearches:
    """Finds contacts. All calls raise what the embedded ones raise and `Calls.call` adds."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list_contacts(
        self,
        options: ListContactsOptions | Mapping[str, Any] | None = None,
    ) -> ContactsPage:
        """A page of all contacts: those made first come first (CONTRACT B.5)."""
        values = read_options(options, LIST_OPTIONS)
        return read_answer(ContactsPage, await self._calls.call("contacts.list_contacts", values))

    async def find_contacts(
        self,
        query: Mapping[str, Any] | None = None,
        options: FindContactsOptions | Mapping[str, Any] | None = None,
    ) -> ContactsPage:
        """A page of the contacts that match a query (CONTRACT B.6, D)."""
        values = {"query": query, **read_options(options, FIND_OPTIONS)}
        return read_answer(ContactsPage, await self._calls.call("contacts.find_contacts", values))

    def query_contacts(
        self,
        query: Mapping[str, Any] | None = None,
        options: FindContactsOptions | Mapping[str, Any] | None = None,
    ) -> Query[Contact]:
        """A query of contacts to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""
        return contact_query(self.find_contacts, query, options)

    async def count_contacts(self) -> ContactsCount:
        """How many contacts there are (CONTRACT B.14). Raises PermissionDenied."""
        return read_answer(ContactsCount, await self._calls.call("contacts.count_contacts", {}))

    async def search_contacts(self, search: Mapping[str, Any] | str) -> SearchedContacts:
        """A page of the contacts that have some words, the last as a beginning (CONTRACT B.14)."""
        answer = await self._calls.call("contacts.search_contacts", {"search": search})
        return read_answer(SearchedContacts, answer)

    async def list_facets(
        self,
        options: ListFacetsOptions | Mapping[str, Any] | None = None,
    ) -> FacetsPage:
        """A page of the groups of contacts, with their sizes and filters (CONTRACT B.9, E.6)."""
        values = read_options(options, LIST_FACETS_OPTIONS)
        return read_answer(FacetsPage, await self._calls.call("contacts.list_facets", values))

    async def query_facets(
        self,
        options: QueryFacetsOptions | Mapping[str, Any] | None = None,
    ) -> FacetsPage:
        """As `list_facets`, counting only the contacts that `filter` leaves (CONTRACT B.9)."""
        values = read_options(options, QUERY_FACETS_OPTIONS)
        return read_answer(FacetsPage, await self._calls.call("contacts.query_facets", values))
