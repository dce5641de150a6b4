"""Labels of a server elsewhere: the same calls as `ops/labels.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.contact_options import read_options
from contactory.domain.definition_reading import (
    LANGUAGE_OPTIONS,
    DefinitionOptions,
    ListLabelsOptions,
    read_list_options,
)
from contactory.domain.labels import FoundLabel, Label, LabelNamespace, LabelsList, LabelsPage
from contactory.domain.query_building import Query, QueryPage
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteLabels:
    """The labels of a site. All calls raise what the embedded ones raise and `Calls.call` adds."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def find_or_create_label(
        self,
        display_name: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> FoundLabel:
        """The label with exactly this name, made where there is none (CONTRACT B.11)."""
        values = {"displayName": display_name, **read_options(options, LANGUAGE_OPTIONS)}
        return read_answer(
            FoundLabel, await self._calls.call("labels.find_or_create_label", values)
        )

    async def get_label(
        self,
        key: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> Label:
        """The label with this key."""
        values = {"key": key, **read_options(options, LANGUAGE_OPTIONS)}
        return read_answer(Label, await self._calls.call("labels.get_label", values))

    async def rename_label(
        self,
        key: str,
        display_name: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> Label:
        """Give the label another name; its key stays (CONTRACT B.11)."""
        chosen = read_options(options, LANGUAGE_OPTIONS)
        values = {"key": key, "displayName": display_name, **chosen}
        return read_answer(Label, await self._calls.call("labels.rename_label", values))

    async def delete_label(self, key: str) -> None:
        """Delete the label and take it off every contact (CONTRACT B.11)."""
        await self._calls.call("labels.delete_label", {"key": key})

    async def list_labels(
        self,
        options: ListLabelsOptions | Mapping[str, Any] | None = None,
    ) -> LabelsList:
        """A page of labels: the site's own, newest first, then system labels (CONTRACT B.11)."""
        values = read_list_options(options, "labelType")
        return read_answer(LabelsList, await self._calls.call("labels.list_labels", values))

    async def find_labels(
        self,
        query: Mapping[str, Any] | None = None,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> LabelsPage:
        """The labels that a query asks for: `filter`, `sort` and `paging` (CONTRACT B.11, D.4)."""
        values = {"query": query, **read_options(options, LANGUAGE_OPTIONS)}
        return read_answer(LabelsPage, await self._calls.call("labels.find_labels", values))

    async def list_label_namespaces(
        self,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> list[LabelNamespace]:
        """The namespaces of labels, with their names. Raises PermissionDenied, InvalidArgument."""
        values = read_options(options, LANGUAGE_OPTIONS)
        answer = await self._calls.call("labels.list_label_namespaces", values)
        return read_answer(list[LabelNamespace], answer)

    def query_labels(
        self, options: DefinitionOptions | Mapping[str, Any] | None = None
    ) -> Query[Label]:
        """A query of labels to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""

        async def run(query: Mapping[str, Any]) -> QueryPage[Label]:
            found = await self.find_labels(query, options)
            return QueryPage(found.labels, found.paging_metadata)

        return Query(run=run)
