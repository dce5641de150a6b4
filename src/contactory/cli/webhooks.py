"""`contactory webhooks`: URLs that are called when something happens."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.event_options import PrivateReceiversOption
from contactory.cli.printing import plain
from contactory.cli.terminal import Terminal
from contactory.ops.settings import EventSettings, Settings

app = new_group("Webhooks: URLs of apps that are called when something happens.")

_WebhookId = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id.")]
_AppId = Annotated[str, typer.Argument(metavar="APP", help="The app's id.")]
_EventTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--event", metavar="TYPE", help="Only events of this type; repeat for more. Default: all."
    ),
]
_COLUMNS = (
    "id",
    "url",
    "appId",
    "eventTypes",
    "createdDate",
    "failingSince",
    "pausedDate",
    "pauseReason",
)


@command(
    app,
    "create",
    "contactory webhooks create 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60 https://example.com/hook",
    over_http=True,
)
def create(
    terminal: Terminal,
    app_id: _AppId,
    url: Annotated[str, typer.Argument(help="What is called, by POST.")],
    event: _EventTypes = None,
    private_receivers: PrivateReceiversOption = False,
) -> None:
    """Have a URL called for an app, on events from now on."""
    made = terminal.run_anywhere(
        lambda crm: crm.webhooks.create_webhook(app_id, url, event),
        settings=_settings(private_receivers),
    )
    terminal.show(plain(made))


@command(app, "list", "contactory webhooks list", over_http=True)
def list_all(terminal: Terminal) -> None:
    """List all webhooks, and how they do."""
    found = terminal.run_anywhere(lambda crm: crm.webhooks.list_webhooks())
    terminal.show_all(found, _COLUMNS, "no webhooks")


@command(
    app,
    "update",
    "contactory webhooks update 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f61 --url https://example.com/new",
    over_http=True,
)
def update(
    terminal: Terminal,
    webhook_id: _WebhookId,
    url: Annotated[str | None, typer.Option(help="What is called from now on.")] = None,
    event: _EventTypes = None,
    private_receivers: PrivateReceiversOption = False,
) -> None:
    """Call another URL, or on other types of events."""
    updated = terminal.run_anywhere(
        lambda crm: crm.webhooks.update_webhook(webhook_id, url, event),
        settings=_settings(private_receivers),
    )
    terminal.show(plain(updated))


@command(
    app,
    "delete",
    "contactory webhooks delete 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f61",
    over_http=True,
)
def delete(terminal: Terminal, webhook_id: _WebhookId) -> None:
    """Call a URL no more, and forget what became of its calls."""
    terminal.run_anywhere(lambda crm: crm.webhooks.delete_webhook(webhook_id))
    terminal.show_done({"id": webhook_id, "deleted": True}, f"deleted {webhook_id}")


@command(
    app,
    "public-keys",
    "contactory webhooks public-keys 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60",
    over_http=True,
)
def public_keys(terminal: Terminal, app_id: _AppId) -> None:
    """Show the public keys by which an app's receivers know the calls, the newest first."""
    found = terminal.run_anywhere(lambda crm: crm.webhooks.list_signing_keys(app_id))
    terminal.show_all(found, ("id", "createdDate", "signsFrom", "publicKey"), "no keys")


@command(
    app,
    "rotate-key",
    "contactory webhooks rotate-key 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60",
    over_http=True,
)
def rotate_key(
    terminal: Terminal,
    app_id: _AppId,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Sign with it now, and forget the old ones: a leak.")
    ] = False,
) -> None:
    """Make a new key for an app; it signs once receivers had a day to learn it."""
    made = terminal.run_anywhere(lambda crm: crm.webhooks.rotate_signing_key(app_id, at_once))
    terminal.show(plain(made))
    if not at_once:
        terminal.note("Give receivers the new public key before it signs; until then, both count.")


def _settings(private_receivers: bool) -> Settings:
    return Settings(events=EventSettings(allows_private=private_receivers))
