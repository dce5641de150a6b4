"""Extended fields: find or create, get, rename, delete, list and query their definitions."""

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
    ListExtendedFieldsOptions,
    read_display_name,
    read_listing,
    read_query,
    read_shown_language,
)
from contactory.domain.errors import AlreadyExists, NotFound, SystemDefinition
from contactory.domain.extended_fields import FieldType
from contactory.domain.field_definitions import (
    LONGEST_NAME,
    SYSTEM_FIELDS,
    DefinedBy,
    ExtendedField,
    ExtendedFieldsList,
    ExtendedFieldsPage,
    FoundField,
    system_field_named,
    system_fields,
)
from contactory.domain.filter_fields import EXTENDED_FIELDS
from contactory.domain.languages import Language
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.query_building import Query, QueryPage
from contactory.domain.seed_names import rest_key
from contactory.kit.clock import Timestamp
from contactory.ops.contact_writing import written
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.definition_carriers import erase_field
from contactory.store.engine import Transaction
from contactory.store.extended_fields import (
    find_field,
    find_field_named,
    insert_field,
    list_fields,
    rename_field,
)

_KIND: Final = Kind(
    "fieldType", tuple(map(str, DefinedBy)), EXTENDED_FIELDS, default_limit=100, most=1000
)
_DATA_TYPES: Final = tuple(map(str, FieldType))


class ExtendedFields(Bound):
    """The definitions of a site's extended fields."""

    @operation(Permission.FIELDS_MODIFY)
    async def find_or_create_extended_field(
        self, context: Context, display_name: str, data_type: str | None = None
    ) -> FoundField:
        """The field with exactly this name, made where there is none (CONTRACT B.12).

        `data_type` is TEXT, NUMBER, DATE or URL; it is needed to make a field, and means nothing
        where there is one. Blanks around the name do not count. Names of system fields are theirs
        in every language. Raises PermissionDenied, InvalidArgument, FieldsQuotaExceeded.
        """
        problems = Problems()
        name = read_display_name(problems, display_name, LONGEST_NAME)
        wanted = _data_type(problems, data_type)
        problems.check()
        if system_key := system_field_named(name):
            return FoundField(field=_system_field(system_key), new_field=False)
        found = await context.store.read(lambda tx: _find_named(tx, context, name))
        if found is None and wanted is None:
            problems.add("dataType", "REQUIRED_FIELD", "must not be empty")
            problems.check()
        kind = FieldType(wanted or FieldType.TEXT)
        author = Author(context.identity, Timestamp.current())
        while found is None:
            found = await context.store.write(
                lambda tx: _find_or_insert(tx, context, name, kind, author)
            )
        return found

    @operation(Permission.FIELDS_VIEW)
    async def get_extended_field(
        self,
        context: Context,
        key: str,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedField:
        """The field with this key.

        Raises PermissionDenied, NotFound, InvalidArgument.
        """
        problems = Problems()
        language = read_shown_language(problems, options)
        problems.check()
        wanted = rest_key(key) if isinstance(key, str) else ""
        if wanted in SYSTEM_FIELDS:
            return _system_field(wanted, language)
        own = _own_key(key)
        return _found(await context.store.read(lambda tx: find_field(tx, context.site, own)))

    @operation(Permission.FIELDS_MODIFY)
    async def rename_extended_field(
        self, context: Context, key: str, display_name: str
    ) -> ExtendedField:
        """Give the field another name; its key stays (CONTRACT B.12).

        Raises PermissionDenied, InvalidArgument, NotFound, SystemDefinition, and AlreadyExists
        where another field has the name.
        """
        problems = Problems()
        name = read_display_name(problems, display_name, LONGEST_NAME)
        problems.check()
        own = _own_key(key)
        if system_key := system_field_named(name):
            raise AlreadyExists(f"{name} is the name of the field {system_key}", key=system_key)
        author = Author(context.identity, Timestamp.current())
        return _found(
            await context.store.write(lambda tx: rename_field(tx, context.site, own, name, author))
        )

    @operation(Permission.FIELDS_MODIFY)
    async def delete_extended_field(self, context: Context, key: str) -> None:
        """Delete the field, and its values from all contacts (CONTRACT B.12).

        Contacts lose them in several transactions, so that others can write meanwhile; the field
        itself goes last. Who reads in between may see some contacts with a value and some without.
        Raises PermissionDenied, NotFound, SystemDefinition.
        """
        own = _own_key(key)
        _found(await context.store.read(lambda tx: find_field(tx, context.site, own)))
        is_gone = False
        while not is_gone:
            author = Author(context.identity, Timestamp.current())
            is_gone = await written(context, partial(_erase, context, own, author))

    @operation(Permission.FIELDS_VIEW)
    async def list_extended_fields(
        self,
        context: Context,
        options: ListExtendedFieldsOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedFieldsList:
        """A page of fields: the site's own, newest first, then system fields (CONTRACT B.12).

        Raises PermissionDenied, InvalidArgument, InvalidSort.
        """
        asked = read_listing(options, _KIND)
        own = await context.store.read(lambda tx: list_fields(tx, context.site))
        fields, metadata = page(own, system_fields(asked.language), asked)
        return ExtendedFieldsList(fields=fields, metadata=metadata)

    @operation(Permission.FIELDS_VIEW)
    async def find_extended_fields(
        self,
        context: Context,
        query: Mapping[str, Any] | None = None,
        options: DefinitionOptions | Mapping[str, Any] | None = None,
    ) -> ExtendedFieldsPage:
        """The fields that a query asks for: `filter`, `sort` and `paging` (CONTRACT B.12, D.4).

        Raises PermissionDenied, InvalidArgument, InvalidSort, and the errors of filters.
        """
        asked, ignored = read_query(query, options, _KIND)
        if ignored:
            context.report_ignored(ignored)
        own = await context.store.read(lambda tx: list_fields(tx, context.site))
        fields, metadata = page(own, system_fields(asked.language), asked)
        return ExtendedFieldsPage(fields=fields, metadata=metadata, paging_metadata=metadata)

    def query_extended_fields(
        self, options: DefinitionOptions | Mapping[str, Any] | None = None
    ) -> Query[ExtendedField]:
        """A query of fields to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""

        async def run(query: Mapping[str, Any]) -> QueryPage[ExtendedField]:
            found = await self.find_extended_fields(query, options)
            return QueryPage(found.fields, found.paging_metadata)

        return Query(run=run)


def _data_type(problems: Problems, sent: Any) -> str | None:
    if sent is None or sent == "":
        return None
    return problems.word(sent, "dataType", _DATA_TYPES)


async def _find_named(tx: Transaction, context: Context, name: str) -> FoundField | None:
    found = await find_field_named(tx, context.site, name)
    return None if found is None else FoundField(field=found, new_field=False)


async def _find_or_insert(
    tx: Transaction, context: Context, name: str, kind: FieldType, author: Author
) -> FoundField | None:
    """The field, made where it is still missing; None where another writer was faster."""
    if found := await _find_named(tx, context, name):
        return found
    quota = context.settings.fields_quota
    made = await insert_field(tx, context.site, name, kind, author, quota=quota)
    return None if made is None else FoundField(field=made, new_field=True)


async def _erase(context: Context, key: str, author: Author, tx: Transaction) -> bool:
    return await erase_field(tx, context.site, key, author)


def _system_field(key: str, language: Language = Language.EN) -> ExtendedField:
    return next(field for field in system_fields(language) if field.key == key)


def _own_key(sent: Any) -> str:
    """The key of a field of the site itself. Raises SystemDefinition, NotFound."""
    key = rest_key(sent) if isinstance(sent, str) else ""
    if key in SYSTEM_FIELDS:
        raise SystemDefinition("field", key)
    if not is_custom_key(key):
        raise _not_found()
    return key


def _found(field: ExtendedField | None) -> ExtendedField:
    if field is None:
        raise _not_found()
    return field


def _not_found() -> NotFound:
    return NotFound("This site has no such extended field")
