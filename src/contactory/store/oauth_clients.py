"""OAuth clients: public ids through which pages get tokens for visitors and members."""

from __future__ import annotations

from contactory.domain.access import OAuthClient
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction
from contactory.store.rows import as_text


async def insert_client(tx: Transaction, client: OAuthClient, now: Timestamp) -> None:
    """Keep a new client."""
    await tx.run(
        "insert_client",
        site_id=RowId(client.site_id),
        id=RowId(client.client_id),
        name=client.name,
        now=now.ms,
    )


async def list_clients(tx: Transaction, site: RowId) -> list[OAuthClient]:
    """All clients of the site, oldest first."""
    return [
        OAuthClient(client_id=as_text(client_id), site_id=str(site), name=name)
        for client_id, name in await tx.rows("list_clients", site_id=site)
    ]


async def has_client(tx: Transaction, site: RowId, client_id: RowId) -> bool:
    """Whether the site has this client."""
    return await tx.row("get_client", site_id=site, id=client_id) is not None


async def find_client_site(tx: Transaction, client_id: RowId) -> RowId | None:
    """The site whose client this is. Looks across sites."""
    row = await tx.row("find_client_site", id=client_id)
    return None if row is None else RowId(as_text(row[0]))


async def delete_client(tx: Transaction, site: RowId, client_id: RowId) -> bool:
    """Delete the client with the tokens had through it; False when the site has none such."""
    return bool(await tx.run("delete_client", site_id=site, id=client_id))
