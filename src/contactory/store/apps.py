"""Apps: programs with their own credentials at a site."""

from __future__ import annotations

from contactory.domain.access import AppInfo
from contactory.domain.credentials import SecretKind, site_of
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, digest
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text


async def insert_app(tx: Transaction, site: RowId, app: AppInfo, secret: str) -> None:
    """Keep a new app, of the secret its digest only."""
    await tx.run(
        "insert_app",
        site_id=site,
        id=RowId(app.app_id),
        instance_id=RowId(app.instance_id),
        name=app.name,
        digest=digest(secret),
        permissions=" ".join(app.permissions),
        now=app.created_date.ms,
    )


async def list_apps(tx: Transaction, site: RowId) -> list[AppInfo]:
    """All apps of the site, oldest first."""
    return [_app(row) for row in await tx.rows("list_apps", site_id=site)]


async def get_app(tx: Transaction, site: RowId, app_id: RowId) -> AppInfo | None:
    """The app with this id."""
    row = await tx.row("get_app", site_id=site, id=app_id)
    return None if row is None else _app(row)


async def find_app(tx: Transaction, secret: str) -> tuple[str, AppInfo] | None:
    """The site id and the app whose secret this is."""
    site_id = site_of(secret, SecretKind.APP)
    if site_id is None:
        return None
    row = await tx.row("find_app", site_id=RowId(site_id), digest=digest(secret))
    return None if row is None else (site_id, _app(row))


async def delete_app(tx: Transaction, site: RowId, app_id: RowId) -> bool:
    """Delete the app with its tokens; False when the site has no such app."""
    return bool(await tx.run("delete_app", site_id=site, id=app_id))


def _app(row: Row) -> AppInfo:
    app_id, instance_id, name, permissions, created = row
    return AppInfo(
        app_id=as_text(app_id),
        instance_id=as_text(instance_id),
        name=name,
        permissions=permissions.split(),
        created_date=Timestamp.from_ms(created),
    )
