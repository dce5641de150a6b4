"""`contactory handlers`: functions of a site's own code that are told of events."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.terminal import Terminal

app = new_group("Handlers: functions of a site's own code that are told of events.")

_COLUMNS = (
    "id",
    "name",
    "eventTypes",
    "createdDate",
    "failingSince",
    "pausedDate",
    "pauseReason",
)


@command(app, "list", "contactory handlers list", over_http=True)
def list_all(terminal: Terminal) -> None:
    """List the handlers that the code has or had, and how they do."""
    found = terminal.run_anywhere(lambda crm: crm.subscriptions.list_handlers())
    terminal.show_all(found, _COLUMNS, "no handlers")


@command(
    app, "delete", "contactory handlers delete 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f62", over_http=True
)
def delete(
    terminal: Terminal,
    handler_id: Annotated[str, typer.Argument(metavar="ID", help="The handler's id.")],
) -> None:
    """Forget a handler that the code has no more."""
    terminal.run_anywhere(lambda crm: crm.subscriptions.delete_handler(handler_id))
    terminal.show_done({"id": handler_id, "deleted": True}, f"deleted {handler_id}")
