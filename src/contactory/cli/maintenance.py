"""`contactory backup`, `restore` and `check`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from contactory.cli.copying import copy_bar
from contactory.cli.declaring import command, new_single
from contactory.cli.exit_codes import FAILED
from contactory.cli.terminal import Terminal, check_exists
from contactory.domain.errors import StoreDamaged
from contactory.ops.crm import Crm
from contactory.ops.maintenance import restore as restore_store
from contactory.ops.settings import Settings
from contactory.store.opening import open_store
from contactory.store.shown_urls import shown_url

backup_app, restore_app, check_app = new_single(), new_single(), new_single()


@command(backup_app, "backup", "contactory backup contacts-backup.db", at_site=False)
def backup(
    terminal: Terminal, file: Annotated[Path, typer.Argument(help="A file that is not there yet.")]
) -> None:
    """Copy the whole store into a file, also while a server uses it.

    The file is a SQLite store, whatever kind of store it is a copy of.
    """
    size = terminal.run(lambda crm: crm.maintenance.backup(file))
    terminal.show_done({"file": str(file), "bytes": size}, f"wrote {file}: {size:,} bytes")


@command(
    restore_app,
    "restore",
    "contactory restore contacts-backup.db --store sqlite:///restored.db",
    at_site=False,
)
def restore(
    terminal: Terminal, file: Annotated[Path, typer.Argument(help="What backup wrote.")]
) -> None:
    """Make the store, which must not be there yet, from a backup.

    A database of PostgreSQL must be there and have no contacts.
    """
    with copy_bar() as show:
        size = asyncio.run(restore_store(terminal.store, file, show))
    store = shown_url(terminal.store)
    terminal.show_done({"store": store, "bytes": size}, f"made {store}: {size:,} bytes")


@command(check_app, "check", "contactory check --store sqlite:///contacts.db", at_site=False)
def check(terminal: Terminal) -> None:
    """Look for damage: exit code 0 when there is none, 1 and every finding when there is."""
    check_exists(terminal.store)
    problems = asyncio.run(_problems(terminal.store))
    if terminal.as_json:
        terminal.show({"isWhole": not problems, "problems": problems})
    else:
        for problem in problems:
            print(problem)
        terminal.note(f"{len(problems)} problems" if problems else "no damage found")
    if problems:
        raise typer.Exit(FAILED)


async def _problems(url: str) -> list[str]:
    try:
        # Nothing is written here, as opening with a default site would.
        store = await open_store(url)
    except StoreDamaged as error:
        return [error.message]
    async with Crm(store, Settings()) as crm:
        return await crm.maintenance.check()
