"""`contactory fields`: the definitions of a site's extended fields."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.listing import (
    LanguageOption,
    LimitOption,
    NamespaceOption,
    OffsetOption,
    SortOption,
    StartsWithOption,
    list_options,
    note_rest,
)
from contactory.cli.terminal import Terminal
from contactory.domain.extended_fields import FieldType
from contactory.domain.field_definitions import DefinedBy

app = new_group("Extended fields: what contacts can have values in, beside their info.")

_Key = Annotated[str, typer.Argument(metavar="KEY", help="The field's key: custom.nickname.")]
_COLUMNS = ("key", "displayName", "dataType", "fieldType", "createdDate", "updatedDate")


@command(app, "create", "contactory fields create Nickname --type TEXT", over_http=True)
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The name; letter case counts.")],
    data_type: Annotated[
        FieldType, typer.Option("--type", help="What values it takes.")
    ] = FieldType.TEXT,
) -> None:
    """Make a field, unless there is one with exactly this name, and show it."""
    found = terminal.run_anywhere(
        lambda crm: crm.extended_fields.find_or_create_extended_field(name, data_type),
        makes_store=True,
    )
    terminal.show(found, fields=found.field.to_rest())
    if not found.new_field:
        terminal.note("The field was there before.")


@command(app, "list", "contactory fields list --type USER_DEFINED", over_http=True)
def list_all(
    terminal: Terminal,
    *,
    field_type: Annotated[
        DefinedBy | None, typer.Option("--type", help="Only fields of this type.")
    ] = None,
    namespace: NamespaceOption = None,
    starts_with: StartsWithOption = None,
    sort: SortOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    language: LanguageOption = None,
) -> None:
    """List fields: the site's own, newest first, then those that every site has."""
    options = list_options(namespace, starts_with, sort, limit, offset, language)
    found = terminal.run_anywhere(
        lambda crm: crm.extended_fields.list_extended_fields(options | {"fieldType": field_type})
    )
    terminal.show_all(found.fields, _COLUMNS, "no extended fields")
    note_rest(terminal, found.metadata)


@command(app, "get", "contactory fields get custom.nickname", over_http=True)
def get(terminal: Terminal, field_key: _Key, language: LanguageOption = None) -> None:
    """Show a field."""
    terminal.show(
        terminal.run_anywhere(
            lambda crm: crm.extended_fields.get_extended_field(field_key, {"language": language})
        )
    )


@command(app, "rename", 'contactory fields rename custom.nickname "Called"', over_http=True)
def rename(
    terminal: Terminal,
    field_key: _Key,
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a field another name; its key stays."""
    terminal.show(
        terminal.run_anywhere(
            lambda crm: crm.extended_fields.rename_extended_field(field_key, name)
        )
    )


@command(app, "delete", "contactory fields delete custom.nickname", over_http=True)
def delete(terminal: Terminal, field_key: _Key) -> None:
    """Delete a field, and its values from all contacts."""
    terminal.run_anywhere(lambda crm: crm.extended_fields.delete_extended_field(field_key))
    terminal.show_done({"key": field_key, "deleted": True}, f"deleted {field_key}")
