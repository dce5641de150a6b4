"""`contactory copy`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contactory.cli.declaring import command, new_single
from contactory.cli.terminal import Terminal
from contactory.ops.maintenance import copy as copy_all
from contactory.store.copying import OnProgress
from contactory.store.copying import Progress as Copied
from contactory.store.shown_urls import shown_url

app = new_single()


@command(
    app,
    "copy",
    "contactory copy sqlite:///contacts.db postgresql://db/contacts",
    at_store=False,
    at_site=False,
)
def copy(
    terminal: Terminal,
    source: Annotated[str, typer.Argument(metavar="FROM", help="The URL of a store.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The URL of an empty or new one.")],
) -> None:
    """Copy all data of all sites into another store, of the same or the other kind.

    What is copied is what the store had when the copy began; it is read back and compared. After
    an interruption, the same command goes on where it stood. Stop the servers first: then the new
    store has everything, and a copy that was interrupted can go on.
    """
    with copy_bar() as show:
        tables = asyncio.run(copy_all(source, target, show))
    rows = sum(tables.values())
    done = {"from": shown_url(source), "to": shown_url(target)}
    terminal.show_done(
        {**done, "tables": tables, "rows": rows, "verified": True},
        f"copied {rows:,} rows from {done['from']} to {done['to']}, read back and compared",
    )


@contextmanager
def copy_bar() -> Iterator[OnProgress | None]:
    """A bar on standard error; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("counting", total=None)

        def show(copied: Copied) -> None:
            verb = "comparing" if copied.is_reading_back else "copying"
            progress.update(
                task,
                description=f"{verb} {copied.table}",
                completed=copied.done,
                total=copied.total,
            )

        yield show
