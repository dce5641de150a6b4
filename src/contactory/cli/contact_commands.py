"""`contactory contacts`: the commands of all files about contacts, as one group."""

from __future__ import annotations

from contactory.cli import contact_finding, contact_merges, contact_writing, contacts
from contactory.cli.declaring import new_group

app = new_group("Create, find, change and merge contacts, in a store or through a server.")
app.add_typer(contacts.app)
app.add_typer(contact_finding.app)
app.add_typer(contact_writing.app)
app.add_typer(contact_merges.app)
