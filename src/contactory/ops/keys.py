"""API keys of a site."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.access import KeyInfo, NewKey
from contactory.domain.access_reading import may_grant, read_name, read_permissions
from contactory.domain.credentials import SecretKind
from contactory.domain.permissions import Permission, permission_ids
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id, new_secret
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.api_keys import insert_api_key, list_api_keys, revoke_api_key


class Keys(Bound):
    """With an API key, a program acts as the site's administrator, within the key's permissions."""

    @operation(Permission.ACCESS_MANAGE)
    async def create_key(
        self, context: Context, name: str = "key", permissions: Sequence[str] = ()
    ) -> NewKey:
        """Make a key with the permissions named, by id or group, or all that the caller can grant.

        Raises PermissionDenied, also for a permission that the caller lacks, and InvalidArgument.
        """
        problems = Problems()
        called = read_name(problems, name)
        named = read_permissions(problems, permissions)
        problems.check()
        secret = new_secret(SecretKind.KEY, context.site_id)
        key = KeyInfo(
            id=new_id(),
            name=called,
            permissions=permission_ids(may_grant(context.identity, named)),
            created_date=Timestamp.current(),
        )
        await context.store.write(lambda tx: insert_api_key(tx, context.site, key, secret))
        return NewKey(
            id=key.id,
            key=secret,
            site_id=context.site_id,
            name=called,
            permissions=key.permissions,
        )

    @operation(Permission.ACCESS_MANAGE)
    async def list_keys(self, context: Context) -> list[KeyInfo]:
        """All keys without their secrets, oldest first. Raises PermissionDenied."""
        return await context.store.read(lambda tx: list_api_keys(tx, context.site))

    @operation(Permission.ACCESS_MANAGE)
    async def revoke_key(self, context: Context, key_id: str) -> None:
        """Let the key act no more, at once and for good. Raises PermissionDenied, NotFound."""
        row, now = row_id(key_id, "key"), Timestamp.current()
        found = await context.store.write(lambda tx: revoke_api_key(tx, context.site, row, now))
        check_found("key", found)
