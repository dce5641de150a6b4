"""Extended fields of a server elsewhere: the same calls as `ops/extended_fields.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.contact_options import read_options
from contactory.domain.definition_reading import (
    LANGUAGE_OPTIONS,
    DefinitionOptions,
    ListExtendedFieldsOptions,
    read_list_options,
)
from contactory.domain.field_definitions import (
    ExtendedField,
    ExtendedFieldsList,
    ExtendedFieldsPage,
    FoundField,
)
from contactory.domain.query_building import Query, QueryPage
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteExtendedFields:
    """The definitions of a site's extended fields.

    All calls raise what the embedded ones raise and `Calls.call` adds.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def find_or_create_extended_field(
        self, display_name: str, data_type: str | None = None
    ) -> FoundField:
        """The field with exactly this name, made where there is none (CONTRACT B.12)."""
        values = {"displayName": display_name, "dataType": data_type}
        answer = await self._calls.call("extended_fields.find_or_create_extended_field", values)
        return read_answer(FoundField, answer)

    async def get_extended_field(
        self,
        key: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedField:
        """The field with this key."""
        values = {"key": key, **read_options(options, LANGUAGE_OPTIONS)}
        answer = await self._calls.call("extended_fields.get_extended_field", values)
        return read_answer(ExtendedField, answer)

    async def rename_extended_field(self, key: str, display_name: str) -> ExtendedField:
        """Give the field another name; its key stays (CONTRACT B.12)."""
        values = {"key": key, "displayName": display_name}
        answer = await self._calls.call("extended_fields.rename_extended_field", values)
        return read_answer(ExtendedField, answer)

    async def delete_extended_field(self, key: str) -> None:
        """Delete the field, and its values from all contacts (CONTRACT B.12)."""
        await self._calls.call("extended_fields.delete_extended_field", {"key": key})

    async def list_extended_fields(
        self,
        options: ListExtendedFieldsOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedFieldsList:
        """A page of fields: the site's own, newest first, then system fields (CONTRACT B.12)."""
        values = read_list_options(options, "fieldType")
        answer = await self._calls.call("extended_fields.list_extended_fields", values)
        return read_answer(ExtendedFieldsList, answer)

    async def find_extended_fields(
        self,
        query: Mapping[str, Any] | None = None,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedFieldsPage:
        """The fields that a query asks for: `filter`, `sort` and `paging` (CONTRACT B.12, D.4)."""
        values = {"query": query, **read_options(options, LANGUAGE_OPTIONS)}
        answer = await self._calls.call("extended_fields.find_extended_fields", values)
        return read_answer(ExtendedFieldsPage, answer)

    def query_extended_fields(
        self, options: DefinitionOptions | Mapping[str, Any] | None = None
    ) -> Query[ExtendedField]:
        """A query of fields to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""

        async def run(query: Mapping[str, Any]) -> QueryPage[ExtendedField]:
            found = await self.find_extended_fields(query, options)
            return QueryPage(found.fields, found.paging_metadata)

        return Query(run=run)
