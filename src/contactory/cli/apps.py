"""`contactory apps`: programs with credentials of their own."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import PermissionOption, command, new_group
from contactory.cli.printing import plain
from contactory.cli.terminal import Terminal

app = new_group("Apps: programs that act at a site with credentials of their own.")

_AppId = Annotated[str, typer.Argument(metavar="ID", help="The app's id.")]


@command(app, "create", "contactory apps create booking --permission READ_CONTACTS")
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="What people call the app.")],
    permission: PermissionOption = None,
) -> None:
    """Make an app. Its secret is shown this once: only a digest is kept."""
    made = terminal.run(lambda crm: crm.apps.create_app(name, permission or ()), makes_store=True)
    terminal.show(made)
    terminal.note("Keep the secret: it is shown this once.")


@command(app, "list", "contactory apps list")
def list_all(terminal: Terminal) -> None:
    """List all apps, without their secrets."""
    found = terminal.run(lambda crm: crm.apps.list_apps())
    columns = ("appId", "instanceId", "name", "createdDate", "permissions")
    terminal.show_all(found, columns, "no apps")


@command(app, "code", "contactory apps code 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def code(terminal: Terminal, app_id: _AppId) -> None:
    """Make a code that the app exchanges for its tokens, once and within ten minutes."""
    terminal.show(plain(terminal.run(lambda crm: crm.apps.create_app_code(app_id))))


@command(app, "delete", "contactory apps delete 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def delete(terminal: Terminal, app_id: _AppId) -> None:
    """Delete an app; its tokens end at once."""
    terminal.run(lambda crm: crm.apps.delete_app(app_id))
    terminal.show_done({"appId": app_id, "deleted": True}, f"deleted {app_id}")
