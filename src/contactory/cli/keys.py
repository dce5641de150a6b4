"""`contactory keys`: API keys of a site."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import PermissionOption, command, new_group
from contactory.cli.terminal import Terminal

app = new_group("API keys: with one, a program acts as the site's administrator.")


@command(app, "create", "contactory keys create --name import --permission MANAGE_CONTACTS")
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Option(help="What the key is for.")] = "key",
    permission: PermissionOption = None,
) -> None:
    """Make a key. It is shown this once: only its digest is kept."""
    key = terminal.run(lambda crm: crm.keys.create_key(name, permission or ()), makes_store=True)
    terminal.show(
        {"id": key.id, "key": key.key, "siteId": key.site_id},
        fields={"id": key.id, "site": key.site_id, "may": key.permissions, "key": key.key},
    )
    terminal.note("Keep the key: it is shown this once.")


@command(app, "list", "contactory keys list")
def list_all(terminal: Terminal) -> None:
    """List all keys, without their secrets, revoked ones too."""
    found = terminal.run(lambda crm: crm.keys.list_keys())
    columns = ("id", "name", "createdDate", "revokedDate", "permissions")
    terminal.show_all(found, columns, "no keys")


@command(app, "revoke", "contactory keys revoke 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def revoke(
    terminal: Terminal, key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id.")]
) -> None:
    """Let a key act no more, at once and for good."""
    terminal.run(lambda crm: crm.keys.revoke_key(key_id))
    terminal.show_done({"id": key_id, "revoked": True}, f"revoked {key_id}")
