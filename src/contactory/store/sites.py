"""Sites: the tenants of a store."""

from __future__ import annotations

from uuid import UUID

from contactory.kit.clock import Timestamp
from contactory.store.engine import Transaction


async def ensure_site(tx: Transaction, site_id: str, name: str) -> bool:
    """Make the site unless it is there; tells whether it was made."""
    now = Timestamp.current().ms
    return bool(await tx.run("insert_site", site_id=UUID(site_id), name=name, now=now))


async def find_site(tx: Transaction, site_id: str) -> str | None:
    """The site's name; None when there is no such site."""
    row = await tx.row("get_site", site_id=UUID(site_id))
    return None if row is None else str(row[0])
