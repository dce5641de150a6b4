"""`contactory contacts update`, `delete`, `label`, `unlabel`, `upsert` and `submit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from contactory.cli.contact_showing import show_contact
from contactory.cli.declaring import command, new_group
from contactory.cli.inputs import read_input
from contactory.cli.terminal import Terminal
from contactory.domain.contacts import Contact
from contactory.http.bodies import parse_json
from contactory.http.settings import HttpSettings
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm

app = new_group("Change contacts.")

_SAMPLE = "0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60"
_IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The contact's id.")]
_KeysArgument = Annotated[
    list[str], typer.Argument(metavar="KEY", help="Labels' keys, such as custom.at-risk.")
]
_FileArgument = Annotated[
    Path, typer.Argument(help='JSON: an info, or {"info": …}; - reads standard input.')
]
_RESULT_COLUMNS = ("originalIndex", "action", "id", "error")


@command(app, "update", f"contactory contacts update {_SAMPLE} new.json", over_http=True)
def update(
    terminal: Terminal,
    contact_id: _IdArgument,
    file: _FileArgument,
    *,
    revision: Annotated[
        int | None,
        typer.Option(help="Only while the contact has this revision; else the one it has now."),
    ] = None,
    field_mask: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="Write exactly this part, such as name.last; repeat."),
    ] = None,
    allow_duplicates: Annotated[
        bool,
        typer.Option(
            "--allow-duplicates", help="Also where another contact has the e-mail or phone."
        ),
    ] = False,
) -> None:
    """Change what the file names of a contact, and show it."""
    info = _info(file)
    options: dict[str, Any] = {"allowDuplicates": allow_duplicates}
    if field_mask:
        options["fieldMask"] = field_mask

    async def work(crm: Crm | RemoteCrm) -> Contact:
        number = revision
        if number is None:
            number = (await crm.contacts.get_contact(contact_id, {"fields": ["id"]})).revision
        return await crm.contacts.update_contact(contact_id, info, number, options)

    show_contact(terminal, terminal.run_anywhere(work))


@command(app, "delete", f"contactory contacts delete {_SAMPLE}", over_http=True)
def delete(terminal: Terminal, contact_id: _IdArgument) -> None:
    """Delete a contact for good."""
    terminal.run_anywhere(lambda crm: crm.contacts.delete_contact(contact_id))
    terminal.show_done({"id": contact_id, "deleted": True}, f"deleted {contact_id}")


@command(app, "label", f"contactory contacts label {_SAMPLE} custom.at-risk", over_http=True)
def label(terminal: Terminal, contact_id: _IdArgument, label_keys: _KeysArgument) -> None:
    """Add labels to a contact, and show it."""
    contact = terminal.run_anywhere(lambda crm: crm.contacts.label_contact(contact_id, label_keys))
    show_contact(terminal, contact)


@command(app, "unlabel", f"contactory contacts unlabel {_SAMPLE} custom.at-risk", over_http=True)
def unlabel(terminal: Terminal, contact_id: _IdArgument, label_keys: _KeysArgument) -> None:
    """Take labels away from a contact, and show it."""
    contact = terminal.run_anywhere(
        lambda crm: crm.contacts.unlabel_contact(contact_id, label_keys)
    )
    show_contact(terminal, contact)


@command(app, "upsert", "contactory contacts upsert ada.json", over_http=True)
def upsert(
    terminal: Terminal,
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: an info, {"info": …}, or a list of up to 100 infos; - reads standard input.'
        ),
    ],
) -> None:
    """Write over the contact that has the e-mail (or the phone), or make one.

    Values in the file overwrite, entries of lists are added, and nothing is taken away. Of a list,
    each is done by itself; the exit code is 1 when one of them failed.
    """
    info = _info(file)
    if isinstance(info, list):
        _upsert_all(terminal, info)
        return
    done = terminal.run_anywhere(lambda crm: crm.contacts.upsert_contact(info), makes_store=True)
    if terminal.as_json:
        terminal.show({"contact": done.contact.to_rest(), "action": done.action})
        return
    show_contact(terminal, done.contact)
    terminal.note(f"{done.action.lower()} {done.contact.id}")


@command(app, "submit", "contactory contacts submit form.json", over_http=True)
def submit(
    terminal: Terminal,
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: an info, or {"info": …, "contactId": …}; - reads standard input.'
        ),
    ],
) -> None:
    """Add what a form says to the contact that it is about, or make one."""
    sent = _parsed(file)
    submission = sent if isinstance(sent, dict) and "info" in sent else {"info": sent}
    terminal.show(
        terminal.run_anywhere(
            lambda crm: crm.submitted_contact.append_or_create_contact(submission),
            makes_store=True,
        )
    )


def _upsert_all(terminal: Terminal, infos: list[Any]) -> None:
    done = terminal.run_anywhere(
        lambda crm: crm.contacts.bulk_upsert_contacts(infos), makes_store=True
    )
    if terminal.as_json:
        terminal.show(done)
    else:
        rows = [
            {
                "originalIndex": one.metadata.original_index,
                "action": one.metadata.action,
                "id": one.metadata.id,
                "error": one.metadata.error and one.metadata.error.message,
            }
            for one in done.results
        ]
        terminal.show_all(rows, _RESULT_COLUMNS, "nothing to do")
    if done.metadata.total_failure:
        raise typer.Exit(1)


def _info(file: Path) -> Any:
    sent = _parsed(file)
    return sent["info"] if isinstance(sent, dict) and "info" in sent else sent


def _parsed(file: Path) -> Any:
    return parse_json(read_input(file), HttpSettings().max_depth)
