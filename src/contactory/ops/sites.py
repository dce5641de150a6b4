"""Sites: the tenants of a store."""

from __future__ import annotations

from contactory.domain.access import Site
from contactory.domain.access_reading import read_name
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.sites import insert_site, list_sites


class Sites(Bound):
    """The sites of a store."""

    @operation(Permission.SITES_MANAGE)
    async def create_site(self, context: Context, name: str) -> Site:
        """Make an empty site. Raises PermissionDenied, InvalidArgument."""
        problems = Problems()
        called = read_name(problems, name)
        problems.check()
        site = Site(site_id=new_id(), name=called, created_date=Timestamp.current())
        await context.store.write(lambda tx: insert_site(tx, site))
        return site

    @operation(Permission.SITES_MANAGE)
    async def list_sites(self, context: Context) -> list[Site]:
        """All sites, oldest first. Raises PermissionDenied."""
        return await context.store.read(list_sites)
