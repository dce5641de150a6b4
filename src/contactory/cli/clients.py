"""`contactory clients`: OAuth clients, through which pages get tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.terminal import Terminal

app = new_group("OAuth clients: public ids with which pages get tokens for visitors and members.")


@command(app, "create", "contactory clients create website")
def create(
    terminal: Terminal, name: Annotated[str, typer.Argument(help="What people call the client.")]
) -> None:
    """Make a client. Its id is no secret."""
    made = terminal.run(lambda crm: crm.clients.create_client(name), makes_store=True)
    terminal.show({"clientId": made.client_id, "siteId": made.site_id})


@command(app, "list", "contactory clients list")
def list_all(terminal: Terminal) -> None:
    """List all clients."""
    found = terminal.run(lambda crm: crm.clients.list_clients())
    terminal.show_all(found, ("clientId", "name"), "no clients")


@command(app, "delete", "contactory clients delete 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def delete(
    terminal: Terminal,
    client_id: Annotated[str, typer.Argument(metavar="ID", help="The client's id.")],
) -> None:
    """Delete a client; tokens had through it end at once."""
    terminal.run(lambda crm: crm.clients.delete_client(client_id))
    terminal.show_done({"clientId": client_id, "deleted": True}, f"deleted {client_id}")
