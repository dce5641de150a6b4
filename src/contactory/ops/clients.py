"""OAuth clients: public ids through which pages get tokens for visitors and members."""

from __future__ import annotations

from contactory.domain.access import OAuthClient
from contactory.domain.access_reading import read_name
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.oauth_clients import delete_client, insert_client, list_clients


class Clients(Bound):
    """The OAuth clients of a site."""

    @operation(Permission.ACCESS_MANAGE)
    async def create_client(self, context: Context, name: str) -> OAuthClient:
        """Make a client. Its id is no secret. Raises PermissionDenied, InvalidArgument."""
        problems = Problems()
        called = read_name(problems, name)
        problems.check()
        client = OAuthClient(client_id=new_id(), site_id=context.site_id, name=called)
        now = Timestamp.current()
        await context.store.write(lambda tx: insert_client(tx, client, now))
        return client

    @operation(Permission.ACCESS_MANAGE)
    async def list_clients(self, context: Context) -> list[OAuthClient]:
        """All clients, oldest first. Raises PermissionDenied."""
        return await context.store.read(lambda tx: list_clients(tx, context.site))

    @operation(Permission.ACCESS_MANAGE)
    async def delete_client(self, context: Context, client_id: str) -> None:
        """Delete the client with all tokens had through it. Raises PermissionDenied, NotFound."""
        row = row_id(client_id, "client")
        deleted = await context.store.write(lambda tx: delete_client(tx, context.site, row))
        check_found("client", deleted)
