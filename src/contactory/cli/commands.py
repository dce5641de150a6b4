"""The list of all commands. A command's module is imported when it is called, not before."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import msgspec
import typer
from typer.core import TyperGroup


class Entry(msgspec.Struct, frozen=True):
    """One command or group: where it is, and what the overview says of it."""

    module: str
    about: str
    panel: str
    app: str = "app"


_RUN: Final = "Run"
_DATA: Final = "Contacts"
_EVENTS: Final = "Events"
_ACCESS: Final = "Who may do what"
_CARE: Final = "Care for a store"

COMMANDS: Final = {
    "serve": Entry("serve", "Run the server: API, web methods, pages.", _RUN),
    "worker": Entry("worker", "Run bulk jobs and deliver events without a server.", _RUN),
    "contacts": Entry("contact_commands", "Create, find, change and merge contacts.", _DATA),
    "labels": Entry("labels", "Labels: marks that contacts carry.", _DATA),
    "fields": Entry("fields", "Extended fields: what contacts can have values in.", _DATA),
    "jobs": Entry("jobs", "Jobs: changes of many contacts at once.", _DATA),
    "webhooks": Entry("webhooks", "Webhooks: URLs that are called on events.", _EVENTS),
    "handlers": Entry("handlers", "Handlers: functions of the site that are told.", _EVENTS),
    "deliveries": Entry("deliveries", "What became of events: log, retry, pause.", _EVENTS),
    "events": Entry("events", "Events: what happened, listed or as it happens.", _EVENTS),
    "sites": Entry("sites", "The sites of a store.", _ACCESS),
    "keys": Entry("keys", "API keys: programs that act as a site's administrator.", _ACCESS),
    "apps": Entry("apps", "Apps: programs with credentials of their own.", _ACCESS),
    "clients": Entry("clients", "OAuth clients: tokens for visitors and members.", _ACCESS),
    "users": Entry("users", "Users: the owner and collaborators, who sign in.", _ACCESS),
    "members": Entry("members", "Keys with which a site vouches for its members.", _ACCESS),
    "backup": Entry("maintenance", "Copy a store while it is in use.", _CARE, "backup_app"),
    "restore": Entry("maintenance", "Make a store from a backup.", _CARE, "restore_app"),
    "copy": Entry("copying", "Move all data to another store, of either kind.", _CARE),
    "db": Entry("databases", "The database of a PostgreSQL store.", _CARE),
    "check": Entry("maintenance", "Look for damage in a store.", _CARE, "check_app"),
}


class Commands(TyperGroup):
    """The group of all commands: overviews are made from the list, the called one is loaded."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of the list."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperGroup | None:
        """What overviews show of the command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return TyperGroup(name=cmd_name, help=entry.about, rich_help_panel=entry.panel)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command itself."""
        name, shown, rest = super().resolve_command(ctx, args)
        return name, shown and load(COMMANDS[str(name)]), rest


def load(entry: Entry) -> Any:
    """Import the command."""
    module = import_module(f"contactory.cli.{entry.module}")
    return typer.main.get_command(getattr(module, entry.app))
