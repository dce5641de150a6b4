"""`contactory contacts`: create and read contacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from contactory.cli.bulk_calls import bulk_app
from contactory.cli.contact_showing import show_contact
from contactory.cli.declaring import command, new_group
from contactory.cli.inputs import read_input
from contactory.cli.printing import tell
from contactory.cli.terminal import Terminal
from contactory.http.bodies import parse_json
from contactory.http.settings import HttpSettings

app = new_group("Create and read contacts, in a store or through a server.")
app.add_typer(bulk_app)


@command(app, "create", "contactory contacts create ada.json", over_http=True)
def create(
    terminal: Terminal,
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: an info, or {"info": …, "allowDuplicates": …}; - reads standard input.'
        ),
    ],
    allow_duplicates: Annotated[
        bool,
        typer.Option(
            "--allow-duplicates", help="Also where another contact has the e-mail or phone."
        ),
    ] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Within a day, the same call again makes no second one."),
    ] = None,
) -> None:
    """Create a contact from JSON and show it."""
    info, options = _read_call(parse_json(read_input(file), HttpSettings().max_depth))
    if allow_duplicates:
        options["allowDuplicates"] = True
    contact = terminal.run_anywhere(
        lambda crm: crm.contacts.create_contact(info, options, idempotency_key=idempotency_key),
        makes_store=True,
    )
    show_contact(terminal, contact)


@command(app, "get", "contactory contacts get 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60", over_http=True)
def get(
    terminal: Terminal,
    contact_id: Annotated[str, typer.Argument(metavar="ID", help="The contact's id.")],
    field: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="A part to show, such as info.name.")
    ] = None,
    fieldset: Annotated[
        list[str] | None,
        typer.Option(help="A named set of parts: BASIC, COMMUNICATION_DETAILS, EXTENDED, FULL."),
    ] = None,
) -> None:
    """Show a contact, whole or the parts named."""
    options = {"fields": field or [], "fieldsets": fieldset or []}
    show_contact(
        terminal,
        terminal.run_anywhere(lambda crm: crm.contacts.get_contact(contact_id, options)),
    )


def _read_call(sent: Any) -> tuple[Any, dict[str, Any]]:
    """Info and options of what the file holds; other names beside them are told of."""
    if not (isinstance(sent, dict) and "info" in sent):
        return sent, {}
    if others := sorted(sent.keys() - {"info", "allowDuplicates"}):
        tell(f"warning: not stored, no such field: {', '.join(others)}")
    return sent["info"], {name: sent[name] for name in ("allowDuplicates",) if name in sent}
