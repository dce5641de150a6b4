"""Labels: find or create, get, rename, delete, list and query."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from contactory.domain.definition_events import Author
from contactory.domain.definition_keys import is_custom_key
from contactory.domain.definition_matching import page
from contactory.domain.definition_reading import (
    DefinitionOptions,
    Kind,
    ListLabelsOptions,
    read_display_name,
    read_listing,
    read_query,
    read_shown_language,
)
from contactory.domain.errors import AlreadyExists, NotFound, SystemDefinition
from contactory.domain.filter_fields import LABELS
from contactory.domain.labels import (
    LONGEST_NAME,
    SYSTEM_LABELS,
    FoundLabel,
    Label,
    LabelNamespace,
    LabelsList,
    LabelsPage,
    LabelType,
    label_namespaces,
    system_label_named,
    system_labels,
)
from contactory.domain.languages import Language
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.query_building import Query, QueryPage
from contactory.kit.clock import Timestamp
from contactory.ops.contact_writing import written
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.definition_carriers import erase_label
from contactory.store.engine import Transaction
from contactory.store.labels import (
    find_label,
    find_label_named,
    insert_label,
    list_labels,
    rename_label,
)

_KIND: Final = Kind("labelType", tuple(map(str, LabelType)), LABELS, default_limit=1000, most=2000)


class Labels(Bound):
    """The labels of a site."""

    @operation(Permission.LABELS_MODIFY)
    async def find_or_create_label(
        self,
        context: Context,
        display_name: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> FoundLabel:
        """The label with exactly this name, made where there is none (CONTRACT B.11).

        Blanks around the name do not count. Names of system labels are theirs in every language.
        Raises PermissionDenied, InvalidArgument, LabelsQuotaReached.
        """
        problems = Problems()
        name = read_display_name(problems, display_name, LONGEST_NAME)
        language = read_shown_language(problems, options)
        problems.check()
        if system_key := system_label_named(name):
            return FoundLabel(label=_system_label(system_key, language), new_label=False)
        found = await _find_named(context, name, language)
        author = Author(context.identity, Timestamp.current())
        while found is None:
            found = await _create(context, name, language, author)
        return found

    @operation(Permission.LABELS_VIEW)
    async def get_label(
        self,
        context: Context,
        key: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> Label:
        """The label with this key.

        Raises PermissionDenied, NotFound, InvalidArgument.
        """
        problems = Problems()
        language = read_shown_language(problems, options)
        problems.check()
        return await _get(context, key, language)

    @operation(Permission.LABELS_MODIFY)
    async def rename_label(
        self,
        context: Context,
        key: str,
        display_name: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> Label:
        """Give the label another name; its key stays (CONTRACT B.11).

        Raises PermissionDenied, InvalidArgument, NotFound, SystemDefinition, and AlreadyExists
        where another label has the name.
        """
        problems = Problems()
        name = read_display_name(problems, display_name, LONGEST_NAME)
        language = read_shown_language(problems, options)
        problems.check()
        own = _own_key(key)
        if system_key := system_label_named(name):
            raise AlreadyExists(f"{name} is the name of the label {system_key}", key=system_key)
        author = Author(context.identity, Timestamp.current())

        renamed = await context.store.write(
            lambda tx: rename_label(tx, context.site, own, name, language, author)
        )
        return _found(renamed)

    @operation(Permission.LABELS_MODIFY)
    async def delete_label(self, context: Context, key: str) -> None:
        """Delete the label and take it off every contact (CONTRACT B.11).

        Contacts lose it in several transactions, so that others can write meanwhile; the label
        itself goes last. Who reads in between may see some contacts with it and some without.
        Raises PermissionDenied, NotFound, SystemDefinition.
        """
        own = _own_key(key)
        _found(await context.store.read(lambda tx: find_label(tx, context.site, own)))
        is_gone = False
        while not is_gone:
            author = Author(context.identity, Timestamp.current())
            is_gone = await written(context, partial(_erase, context, own, author))

    @operation(Permission.LABELS_VIEW)
    async def list_labels(
        self,
        context: Context,
        options: ListLabelsOptions | Mapping[str, Any] | None = None,
    ) -> LabelsList:
        """A page of labels: the site's own, newest first, then system labels (CONTRACT B.11).

        Raises PermissionDenied, InvalidArgument, InvalidSort.
        """
        asked = read_listing(options, _KIND)
        own = await context.store.read(lambda tx: list_labels(tx, context.site, asked.language))
        labels, metadata = page(own, system_labels(asked.language), asked)
        return LabelsList(labels=labels, metadata=metadata)

    @operation(Permission.LABELS_VIEW)
    async def find_labels(
        self,
        context: Context,
        query: Mapping[str, Any] | None = None,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> LabelsPage:
        """The labels that a query asks for: `filter`, `sort` and `paging` (CONTRACT B.11, D.4).

        Raises PermissionDenied, InvalidArgument, InvalidSort, and the errors of filters.
        """
        asked, ignored = read_query(query, options, _KIND)
        if ignored:
            context.report_ignored(ignored)
        own = await context.store.read(lambda tx: list_labels(tx, context.site, asked.language))
        labels, metadata = page(own, system_labels(asked.language), asked)
        return LabelsPage(labels=labels, metadata=metadata, paging_metadata=metadata)

    @operation(Permission.LABELS_VIEW)
    async def list_label_namespaces(
        self,
        context: Context,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> list[LabelNamespace]:
        """The namespaces of labels, with their names. Raises PermissionDenied, InvalidArgument."""
        problems = Problems()
        language = read_shown_language(problems, options)
        problems.check()
        return label_namespaces(language)

    def query_labels(
        self, options: DefinitionOptions | Mapping[str, Any] | None = None
    ) -> Query[Label]:
        """A query of labels to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""

        async def run(query: Mapping[str, Any]) -> QueryPage[Label]:
            found = await self.find_labels(query, options)
            return QueryPage(found.labels, found.paging_metadata)

        return Query(run=run)


async def _find_named(context: Context, name: str, language: Language) -> FoundLabel | None:
    found = await context.store.read(lambda tx: find_label_named(tx, context.site, name, language))
    return None if found is None else FoundLabel(label=found, new_label=False)


async def _create(
    context: Context, name: str, language: Language, author: Author
) -> FoundLabel | None:
    """The label, made where it is still missing; None where another writer was faster."""

    async def work(tx: Transaction) -> FoundLabel | None:
        quota = context.settings.labels_quota
        if found := await find_label_named(tx, context.site, name, language):
            return FoundLabel(label=found, new_label=False)
        made = await insert_label(tx, context.site, name, language, author, quota=quota)
        return None if made is None else FoundLabel(label=made, new_label=True)

    return await context.store.write(work)


async def _get(context: Context, key: Any, language: Language) -> Label:
    if isinstance(key, str) and key in SYSTEM_LABELS:
        return _system_label(key, language)
    own = _own_key(key)
    return _found(await context.store.read(lambda tx: find_label(tx, context.site, own, language)))


async def _erase(context: Context, key: str, author: Author, tx: Transaction) -> bool:
    return await erase_label(tx, context.site, key, author)


def _system_label(key: str, language: Language) -> Label:
    return next(label for label in system_labels(language) if label.key == key)


def _own_key(key: Any) -> str:
    """The key of a label of the site itself. Raises SystemDefinition, NotFound."""
    if isinstance(key, str) and key in SYSTEM_LABELS:
        raise SystemDefinition("label", key)
    if not isinstance(key, str) or not is_custom_key(key):
        raise _not_found()
    return key


def _found(label: Label | None) -> Label:
    if label is None:
        raise _not_found()
    return label


def _not_found() -> NotFound:
    return NotFound("This site has no such label")
