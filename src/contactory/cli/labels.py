"""`contactory labels`: the labels of a site."""

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
from contactory.domain.labels import LabelType

app = new_group("Labels: marks that contacts carry, in a store or through a server.")

_Key = Annotated[str, typer.Argument(metavar="KEY", help="The label's key: custom.at-risk.")]
_COLUMNS = ("key", "displayName", "labelType", "createdDate", "updatedDate")


@command(app, "create", 'contactory labels create "At Risk"', over_http=True)
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The name; letter case counts.")],
    language: LanguageOption = None,
) -> None:
    """Make a label, unless there is one with exactly this name, and show it."""
    found = terminal.run_anywhere(
        lambda crm: crm.labels.find_or_create_label(name, {"language": language}),
        makes_store=True,
    )
    terminal.show(found, fields=found.label.to_rest())
    if not found.new_label:
        terminal.note("The label was there before.")


@command(app, "list", "contactory labels list --starts-with A", over_http=True)
def list_all(
    terminal: Terminal,
    *,
    label_type: Annotated[
        LabelType | None, typer.Option("--type", help="Only labels of this type.")
    ] = None,
    namespace: NamespaceOption = None,
    starts_with: StartsWithOption = None,
    sort: SortOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    language: LanguageOption = None,
) -> None:
    """List labels: the site's own, newest first, then those that every site has."""
    options = list_options(namespace, starts_with, sort, limit, offset, language)
    found = terminal.run_anywhere(
        lambda crm: crm.labels.list_labels(options | {"labelType": label_type})
    )
    terminal.show_all(found.labels, _COLUMNS, "no labels")
    note_rest(terminal, found.metadata)


@command(app, "get", "contactory labels get custom.at-risk", over_http=True)
def get(terminal: Terminal, label_key: _Key, language: LanguageOption = None) -> None:
    """Show a label."""
    terminal.show(
        terminal.run_anywhere(lambda crm: crm.labels.get_label(label_key, {"language": language}))
    )


@command(app, "rename", 'contactory labels rename custom.at-risk "Needs care"', over_http=True)
def rename(
    terminal: Terminal,
    label_key: _Key,
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a label another name; its key stays."""
    terminal.show(terminal.run_anywhere(lambda crm: crm.labels.rename_label(label_key, name)))


@command(app, "delete", "contactory labels delete custom.at-risk", over_http=True)
def delete(terminal: Terminal, label_key: _Key) -> None:
    """Delete a label and take it off every contact."""
    terminal.run_anywhere(lambda crm: crm.labels.delete_label(label_key))
    terminal.show_done({"key": label_key, "deleted": True}, f"deleted {label_key}")
