"""Apps: programs that act at a site with credentials of their own."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.access import AppCode, AppInfo, NewApp
from contactory.domain.access_reading import may_grant, read_name, read_permissions
from contactory.domain.credentials import CODE_LIFETIME, SecretKind
from contactory.domain.identities import IdentityType
from contactory.domain.permissions import Permission, permission_ids
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id, new_secret
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.apps import delete_app, get_app, insert_app, list_apps
from contactory.store.engine import Transaction
from contactory.store.tokens import Subject, Token, insert_token


class Apps(Bound):
    """The apps of a site. An app is made with its one installation, the instance."""

    @operation(Permission.ACCESS_MANAGE)
    async def create_app(
        self, context: Context, name: str, permissions: Sequence[str] = ()
    ) -> NewApp:
        """Make an app with the permissions named, or all that the caller can grant.

        Raises PermissionDenied, also for a permission that the caller lacks, and InvalidArgument.
        """
        problems = Problems()
        called = read_name(problems, name)
        named = read_permissions(problems, permissions)
        problems.check()
        secret = new_secret(SecretKind.APP, context.site_id)
        app = AppInfo(
            app_id=new_id(),
            instance_id=new_id(),
            name=called,
            permissions=permission_ids(may_grant(context.identity, named)),
            created_date=Timestamp.current(),
        )
        await context.store.write(lambda tx: insert_app(tx, context.site, app, secret))
        return NewApp(
            app_id=app.app_id,
            app_secret=secret,
            instance_id=app.instance_id,
            site_id=context.site_id,
        )

    @operation(Permission.ACCESS_MANAGE)
    async def list_apps(self, context: Context) -> list[AppInfo]:
        """All apps without their secrets, oldest first. Raises PermissionDenied."""
        return await context.store.read(lambda tx: list_apps(tx, context.site))

    @operation(Permission.ACCESS_MANAGE)
    async def create_app_code(self, context: Context, app_id: str) -> AppCode:
        """Make a code that the app exchanges, once and within ten minutes, for its tokens.

        Raises PermissionDenied, NotFound.
        """
        row, now = row_id(app_id, "app"), Timestamp.current()
        secret = new_secret(SecretKind.CODE, context.site_id)

        async def work(tx: Transaction) -> AppCode:
            app = await get_app(tx, context.site, row)
            check_found("app", app)
            expires = now + CODE_LIFETIME
            subject = Subject(type=IdentityType.APP, app_id=str(row))
            await insert_token(tx, secret, Token(subject=subject, created=now, expires=expires))
            return AppCode(code=secret, expires_date=expires)

        return await context.store.write(work)

    @operation(Permission.ACCESS_MANAGE)
    async def delete_app(self, context: Context, app_id: str) -> None:
        """Delete the app with all its tokens. Raises PermissionDenied, NotFound."""
        row = row_id(app_id, "app")
        check_found("app", await context.store.write(lambda tx: delete_app(tx, context.site, row)))
