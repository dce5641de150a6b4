"""`contactory sites`: the sites of a store."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.terminal import Terminal

app = new_group("The sites of a store: each has its own contacts, labels, fields and keys.")


@command(app, "create", 'contactory sites create "Second shop"', at_site=False)
def create(
    terminal: Terminal, name: Annotated[str, typer.Argument(help="What people call the site.")]
) -> None:
    """Make a site, empty."""
    site = terminal.run(lambda crm: crm.sites.create_site(name), makes_store=True)
    terminal.show({"siteId": site.site_id, "name": site.name})


@command(app, "list", "contactory sites list --json", at_site=False)
def list_all(terminal: Terminal) -> None:
    """List all sites, oldest first."""
    found = terminal.run(lambda crm: crm.sites.list_sites())
    terminal.show_all(found, ("siteId", "name", "createdDate"), "no sites")
