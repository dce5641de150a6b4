"""How commands show contacts to people: the parts that fit on a line each, or in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from contactory.cli.printing import print_json, print_table
from contactory.cli.terminal import Terminal
from contactory.domain.contacts import Contact

_COLUMNS: Final = ("id", "name", "company", "emails", "phones", "labels")


def show_contact(terminal: Terminal, contact: Contact) -> None:
    """Show one contact."""
    fields = {name: value for name, value in _shown(contact).items() if value not in (None, [])}
    terminal.show(contact.to_rest(), fields=fields)


def show_contacts(terminal: Terminal, contacts: Sequence[Contact]) -> None:
    """Show several contacts, one a row."""
    if terminal.as_json:
        print_json([contact.to_rest() for contact in contacts])
    else:
        print_table([_shown(contact) for contact in contacts], _COLUMNS, "no contacts")


def _shown(contact: Contact) -> dict[str, Any]:
    info = contact.info
    return {
        "id": contact.id,
        "revision": contact.revision,
        "name": " ".join(part for part in (info.name.first, info.name.last) if part) or None,
        "company": info.company,
        "emails": [entry.email for entry in info.emails.items],
        "phones": [entry.formatted_phone or entry.phone for entry in info.phones.items],
        "labels": list(info.label_keys.items),
        "created": contact.created_date,
        "updated": contact.updated_date,
    }
