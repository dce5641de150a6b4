"""Users of a site: its owner, and collaborators with roles."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.access import SignInLink, User
from contactory.domain.access_reading import (
    may_grant,
    read_name,
    read_password,
    read_permissions,
    read_role,
)
from contactory.domain.credentials import LINK_LIFETIME, SecretKind
from contactory.domain.errors import AlreadyExists
from contactory.domain.identities import IdentityType
from contactory.domain.permissions import (
    ROLE_GRANTS,
    Permission,
    permission_ids,
    stored_permissions,
)
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id, new_secret
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.ops.passwords import hash_password
from contactory.store.engine import Transaction
from contactory.store.tokens import Subject, Token, insert_token
from contactory.store.users import delete_user, get_user, insert_user, list_users, set_password


class Users(Bound):
    """The people who sign in to manage a site."""

    @operation(Permission.ACCESS_MANAGE)
    async def create_user(
        self,
        context: Context,
        name: str,
        role: str = "collaborator",
        permissions: Sequence[str] = (),
        password: str | None = None,
    ) -> User:
        """Make a user: an owner holds all permissions, a collaborator those named.

        Without a password, the user starts with a sign-in link. Names are unique at a site in any
        letter case.

        Raises PermissionDenied, also for a permission that the caller lacks, InvalidArgument, and
        AlreadyExists.
        """
        problems = Problems()
        called, chosen = read_name(problems, name), read_role(problems, role)
        named = read_permissions(problems, permissions)
        if password is not None:
            password = read_password(problems, password, "password")
        problems.check()
        held = ROLE_GRANTS[chosen] | named
        if held:
            may_grant(context.identity, held)
        user = User(
            user_id=new_id(),
            site_id=context.site_id,
            name=called,
            role=chosen,
            permissions=permission_ids(held),
        )
        hashed = None if password is None else await hash_password(password)
        granted, now = " ".join(permission_ids(named)), Timestamp.current()
        if not await context.store.write(lambda tx: insert_user(tx, user, granted, hashed, now)):
            raise AlreadyExists(f"This site has a user named {called} already: choose another name")
        return user

    @operation(Permission.ACCESS_MANAGE)
    async def list_users(self, context: Context) -> list[User]:
        """All users, oldest first. Raises PermissionDenied."""
        return await context.store.read(lambda tx: list_users(tx, context.site))

    @operation(Permission.ACCESS_MANAGE)
    async def set_password(self, context: Context, user_id: str, password: str) -> None:
        """Give the user a new password; sessions and links of the user end.

        Raises PermissionDenied, also for a user who may do more than the caller, NotFound, and
        InvalidArgument.
        """
        row, problems = row_id(user_id, "user"), Problems()
        chosen = read_password(problems, password, "password")
        problems.check()
        hashed = await hash_password(chosen)

        async def work(tx: Transaction) -> None:
            await _check_may_manage(tx, context, row)
            await set_password(tx, context.site, row, hashed)

        await context.store.write(work)

    @operation(Permission.ACCESS_MANAGE)
    async def create_sign_in_link(self, context: Context, user_id: str) -> SignInLink:
        """Make a token with which the user signs in, once and within a day, without password.

        Raises PermissionDenied, also for a user who may do more than the caller, and NotFound.
        """
        row, now = row_id(user_id, "user"), Timestamp.current()
        secret = new_secret(SecretKind.LINK, context.site_id)
        subject = Subject(type=IdentityType.USER, user_id=str(row))
        link = Token(subject=subject, created=now, expires=now + LINK_LIFETIME)

        async def work(tx: Transaction) -> None:
            await _check_may_manage(tx, context, row)
            await insert_token(tx, secret, link)

        await context.store.write(work)
        return SignInLink(token=secret, expires_date=link.expires)

    @operation(Permission.ACCESS_MANAGE)
    async def delete_user(self, context: Context, user_id: str) -> None:
        """Delete the user; sessions and links end. Raises PermissionDenied, NotFound."""
        row = row_id(user_id, "user")
        deleted = await context.store.write(lambda tx: delete_user(tx, context.site, row))
        check_found("user", deleted)


async def _check_may_manage(tx: Transaction, context: Context, user_id: RowId) -> None:
    """Whoever could sign in as a user has the user's power, so must hold it already."""
    user = await get_user(tx, context.site, user_id)
    check_found("user", user)
    if user is not None and user.permissions:
        may_grant(context.identity, stored_permissions(" ".join(user.permissions)))
