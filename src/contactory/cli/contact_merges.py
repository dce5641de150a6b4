"""`contactory contacts merge`, `unmerge` and `merges`: contacts made one, and two again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.terminal import Terminal
from contactory.domain.contacts import Contact
from contactory.domain.merges import UnmergedContacts
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm

app = new_group("Merge contacts, and undo that.")

_ID = "0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60"
_COLUMNS = ("id", "targetContactId", "sourceContactIds", "mergedDate", "undoneDate")
_CONTACT_COLUMNS = ("contact", "id", "revision", "name", "emails", "phones")

_Preview = Annotated[bool, typer.Option("--preview", help="Show what would be; change nothing.")]


@command(app, "merge", f"contactory contacts merge {_ID} {_ID[:-1]}1 --preview", over_http=True)
def merge(
    terminal: Terminal,
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The id of the contact that stays.")
    ],
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="The ids of those that become part.")
    ],
    revision: Annotated[
        int | None,
        typer.Option(help="Only while the target has this revision; else the one it has now."),
    ] = None,
    preview: _Preview = False,
) -> None:
    """Make up to five contacts part of another one, and show it."""
    options = {"sourceContactIds": sources}

    async def work(crm: Crm | RemoteCrm) -> Contact:
        if preview:
            return await crm.contacts.preview_merge_contacts(target, options)
        number = revision
        if number is None:
            number = (await crm.contacts.get_contact(target, {"fields": ["revision"]})).revision
        return await crm.contacts.merge_contacts(target, number, options)

    contact = terminal.run_anywhere(work)
    terminal.show(contact.to_rest(), fields=_row("target", contact))
    if not preview:
        terminal.note(f"Undo it with the id that `contactory contacts merges {contact.id}` shows.")


@command(app, "unmerge", f"contactory contacts unmerge {_ID} --preview", over_http=True)
def unmerge(
    terminal: Terminal,
    merge_id: Annotated[str, typer.Argument(metavar="MERGE", help="The merge's id.")],
    allow_duplicates: Annotated[
        bool,
        typer.Option(
            "--allow-duplicates", help="Also where others have an e-mail or phone of theirs by now."
        ),
    ] = False,
    preview: _Preview = False,
) -> None:
    """Undo a merge, and show the contacts that there are then."""

    async def work(crm: Crm | RemoteCrm) -> UnmergedContacts:
        if preview:
            return await crm.contacts.preview_unmerge_contacts(merge_id)
        return await crm.contacts.unmerge_contacts(merge_id, {"allowDuplicates": allow_duplicates})

    found = terminal.run_anywhere(work)
    if terminal.as_json:
        terminal.show(found)
        return
    named = [("target", found.target)] if found.target else []
    named += [("source", source) for source in found.sources]
    terminal.show_all([_row(*one) for one in named], _CONTACT_COLUMNS, "no contacts")
    for one in found.duplicates:
        shared = one.duplicate_email or one.duplicate_phone
        terminal.note(f"{one.duplicate_contact_id} has {shared} of {one.contact_id} by now")


@command(app, "merges", f"contactory contacts merges {_ID}", over_http=True)
def merges(
    terminal: Terminal,
    contact_id: Annotated[
        str, typer.Argument(metavar="ID", help="The contact's id; also of one that is gone.")
    ],
) -> None:
    """List the merges of a contact, newest first."""
    found = terminal.run_anywhere(lambda crm: crm.contacts.list_merges(contact_id))
    terminal.show_all(found, _COLUMNS, "no merges")


def _row(role: str, contact: Contact) -> dict[str, Any]:
    info = contact.info
    return {
        "contact": role,
        "id": contact.id,
        "revision": contact.revision,
        "name": " ".join(part for part in (info.name.first, info.name.last) if part),
        "emails": [entry.email for entry in info.emails.items],
        "phones": [entry.formatted_phone or entry.phone for entry in info.phones.items],
    }
