"""The options of commands that list labels and extended fields."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from contactory.cli.terminal import Terminal
from contactory.domain.paging import PagingMetadata

LanguageOption = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="The language of names that are not the site's own: en, es."),
]
NamespaceOption = Annotated[
    str | None, typer.Option(help="Only those whose key begins with this and a dot.")
]
StartsWithOption = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only those whose name starts so.")
]
SortOption = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD",
        help="displayName, createdDate or updatedDate; -createdDate has the newest first.",
    ),
]
LimitOption = Annotated[int | None, typer.Option(help="How many to show at most.")]
OffsetOption = Annotated[int, typer.Option(help="How many to leave out at the beginning.")]


def list_options(
    namespace: str | None,
    starts_with: str | None,
    sort: str | None,
    limit: int | None,
    offset: int,
    language: str | None,
) -> dict[str, Any]:
    """The options as calls of the library take them."""
    options: dict[str, Any] = {
        "namespace": namespace,
        "startsWith": starts_with,
        "paging": {"limit": limit, "offset": offset},
        "language": language,
    }
    if sort:
        order = "DESC" if sort.startswith("-") else "ASC"
        options["sort"] = {"fieldName": sort.removeprefix("-"), "order": order}
    return options


def note_rest(terminal: Terminal, metadata: PagingMetadata) -> None:
    """Tell people where there is more than the page shows."""
    total = metadata.total or 0
    if metadata.count < total:
        terminal.note(f"{metadata.count} of {total}: see --limit and --offset")
