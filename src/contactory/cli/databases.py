"""`contactory db`: the database of a PostgreSQL store."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.terminal import Terminal
from contactory.ops.maintenance import distribute as distribute_store

app = new_group("The database of a PostgreSQL store.")


@app.callback()
def of_several() -> None:
    """The database of a PostgreSQL store."""
    # With this a group of one command is still a group.


@command(
    app, "distribute", "contactory db distribute --store postgresql://db/contacts", at_site=False
)
def distribute(
    terminal: Terminal,
    shards: Annotated[
        int, typer.Option(min=1, max=1024, help="Into how many parts, when it is done first.")
    ] = 32,
) -> None:
    """Spread the tables over the machines of a Citus cluster, by site. Again changes nothing."""
    tables = asyncio.run(distribute_store(terminal.store, shards))
    terminal.show_done({"distributed": tables}, f"{len(tables)} tables distributed by site")
