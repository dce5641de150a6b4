"""Sites: the tenants of a store."""

from __future__ import annotations

from contactory.domain.access import Site
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text


async def ensure_site(tx: Transaction, site_id: str, name: str) -> bool:
    """Make the site unless it is there; tells whether it was made."""
    now = Timestamp.current().ms
    return bool(await tx.run("insert_site", site_id=RowId(site_id), name=name, now=now))


async def insert_site(tx: Transaction, site: Site) -> None:
    """Insert a site with a fresh id."""
    await tx.run(
        "insert_site", site_id=RowId(site.site_id), name=site.name, now=site.created_date.ms
    )


async def find_site(tx: Transaction, site_id: str) -> Site | None:
    """The site; None when there is no such site."""
    row = await tx.row("get_site", site_id=RowId(site_id))
    return None if row is None else _site(row)


async def list_sites(tx: Transaction) -> list[Site]:
    """All sites of the store, oldest first."""
    return [_site(row) for row in await tx.rows("list_sites")]


def _site(row: Row) -> Site:
    site_id, name, created = row
    return Site(site_id=as_text(site_id), name=name, created_date=Timestamp.from_ms(created))
