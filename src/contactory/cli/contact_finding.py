"""`contactory contacts list`, `query`, `search`, `count` and `facets`: who is in the list."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from contactory.cli.contact_showing import show_contacts
from contactory.cli.declaring import command, new_group
from contactory.cli.inputs import read_json
from contactory.cli.listing import LanguageOption, LimitOption, OffsetOption, note_rest
from contactory.cli.terminal import Terminal
from contactory.domain.contact_query import ContactsPage
from contactory.domain.contact_search import SearchedContacts
from contactory.domain.search_reading import SearchMode

app = new_group("Find contacts.")

_SortOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD",
        help="Such as info.name.last; -createdDate has the newest first; repeat for more.",
    ),
]
_FieldOption = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH", help="A part to show, such as info.name; repeat for more."),
]
_FilterOption = Annotated[
    str | None,
    typer.Option("--filter", metavar="JSON", help="""Only these: '{"info.company": "Acme"}'."""),
]
_FacetFilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="JSON",
        help="Count only these; a filter on statuses, as in the example.",
    ),
]
_FACET_COLUMNS = ("facetKey", "facetDisplayName", "namespaceDisplayName", "count")


@command(app, "list", "contactory contacts list --sort -createdDate --limit 10", over_http=True)
def list_all(
    terminal: Terminal,
    *,
    sort: _SortOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    field: _FieldOption = None,
) -> None:
    """List contacts; those made first come first."""
    query = _query(sort, limit, offset, field)
    _show_page(terminal, terminal.run_anywhere(lambda crm: crm.contacts.find_contacts(query)))


@command(
    app,
    "query",
    """contactory contacts query '{"info.name.last": {"$startsWith": "Do"}}'""",
    over_http=True,
)
def query(
    terminal: Terminal,
    which: Annotated[
        str, typer.Argument(metavar="FILTER", help="JSON: fields with values or operators.")
    ],
    *,
    text: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="With exactly this name, e-mail or phone."),
    ] = None,
    sort: _SortOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    field: _FieldOption = None,
) -> None:
    """List the contacts that match a filter."""
    asked = _query(sort, limit, offset, field) | {"filter": read_json(which, "FILTER")}
    options = {"search": text}
    _show_page(
        terminal, terminal.run_anywhere(lambda crm: crm.contacts.find_contacts(asked, options))
    )


@command(app, "search", "contactory contacts search 'zoe smi' --fuzzy", over_http=True)
def search(
    terminal: Terminal,
    words: Annotated[str, typer.Argument(help="Words; the last may be a beginning.")],
    *,
    any_word: Annotated[bool, typer.Option("--any", help="One of the words is enough.")] = False,
    where: Annotated[
        list[str] | None,
        typer.Option("--in", metavar="FIELD", help="Only there, such as info.company; repeat."),
    ] = None,
    fuzzy: Annotated[
        bool, typer.Option("--fuzzy", help="Also words that are one typo apart.")
    ] = False,
    which: _FilterOption = None,
    sort: _SortOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    field: _FieldOption = None,
) -> None:
    """List the contacts with these words in their names, e-mails, phones or companies."""
    asked = _query(sort, limit, offset, field)
    asked["search"] = {
        "expression": words,
        "mode": SearchMode.OR if any_word else SearchMode.AND,
        "fields": where or [],
        "fuzzy": fuzzy,
    }
    if which is not None:
        asked["filter"] = read_json(which, "--filter")
    _show_page(terminal, terminal.run_anywhere(lambda crm: crm.contacts.search_contacts(asked)))


@command(app, "count", "contactory contacts count", over_http=True)
def count(terminal: Terminal) -> None:
    """Say how many contacts there are."""
    terminal.show(terminal.run_anywhere(lambda crm: crm.contacts.count_contacts()))


@command(
    app,
    "facets",
    "contactory contacts facets --filter "
    """'{"info.extendedFields.emailSubscriptions.subscriptionStatus": "SUBSCRIBED"}'""",
    over_http=True,
)
def facets(
    terminal: Terminal,
    *,
    which: _FacetFilterOption = None,
    limit: LimitOption = None,
    offset: OffsetOption = 0,
    language: LanguageOption = None,
) -> None:
    """List the groups of contacts, by label and status, with their sizes."""
    options: dict[str, Any] = {"paging": {"limit": limit, "offset": offset}, "language": language}
    if which is not None:
        options["filter"] = read_json(which, "--filter")
    found = terminal.run_anywhere(lambda crm: crm.contacts.query_facets(options))
    terminal.show_all(found.facets, _FACET_COLUMNS, "no facets")
    note_rest(terminal, found.paging_metadata)


def _query(
    sort: list[str] | None, limit: int | None, offset: int, field: list[str] | None
) -> dict[str, Any]:
    return {
        "sort": [
            {"fieldName": name.removeprefix("-"), "order": "DESC" if name[:1] == "-" else "ASC"}
            for name in sort or ()
        ],
        "paging": {"limit": limit, "offset": offset},
        "fields": field or [],
    }


def _show_page(terminal: Terminal, page: ContactsPage | SearchedContacts) -> None:
    show_contacts(terminal, page.contacts)
    if page.paging_metadata is not None:
        note_rest(terminal, page.paging_metadata)
