"""Sessions: how users and members sign in on pages, and out again."""

from __future__ import annotations

import secrets

import msgspec

from contactory.domain.access_reading import check_texts, read_password
from contactory.domain.credentials import SESSION_LIFETIME, SecretKind, site_of
from contactory.domain.errors import Unauthenticated
from contactory.domain.identities import IdentityType
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, digest, new_secret
from contactory.ops.arguments import check_found, row_id
from contactory.ops.context import Context
from contactory.ops.members import verified
from contactory.ops.operation import Bound, operation
from contactory.ops.passwords import hash_password, password_matches
from contactory.store.engine import Transaction
from contactory.store.member_keys import use_voucher
from contactory.store.sign_in_failures import clear_failures, count_attempt
from contactory.store.tokens import (
    Subject,
    Token,
    delete_token,
    delete_user_tokens,
    find_token,
    insert_token,
    take_token,
)
from contactory.store.users import find_password, get_user, set_password


class NewSession(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A fresh session. Its secret goes into a cookie that scripts cannot read.

    The CSRF token goes to the page, which sends it with every call that it makes.
    """

    session: str
    csrf_token: str
    expires_date: Timestamp


class Sessions(Bound):
    """Signing in and out, for whoever has the credentials. A session lasts twelve hours."""

    @operation(None)
    async def sign_in(self, context: Context, name: str, password: str, address: str) -> NewSession:
        """Sign a user in; `address` is where the attempt comes from.

        Guessing is slow: after 5 failures of a name from one address, or 50 from anywhere, each
        further attempt waits, from 15 seconds on twice as long each time, up to 900.

        Raises InvalidArgument, RateLimited, and Unauthenticated, equally late whether the name or
        the password is wrong.
        """
        check_texts(name=name, password=password, address=address)
        site, now = context.site, Timestamp.current()
        await context.store.write(lambda tx: count_attempt(tx, site, name, address, now))
        known = await context.store.read(lambda tx: find_password(tx, site, name))
        hashed = None if known is None else known.password_hash
        if not await password_matches(hashed, password) or known is None:
            raise _wrong()

        async def work(tx: Transaction) -> NewSession:
            if await find_password(tx, site, name) != known:
                raise _wrong()  # It was changed meanwhile.
            await clear_failures(tx, site, name, address)
            return await _open(tx, context.site_id, _user(known.user_id))

        return await context.store.write(work)

    @operation(None)
    async def sign_in_with_link(
        self, context: Context, token: str, new_password: str | None = None
    ) -> NewSession:
        """Sign a user in with a one-time link, and set a new password where one is given.

        Raises InvalidArgument, which leaves the link good, and Unauthenticated.
        """
        check_texts(token=token)
        now = Timestamp.current()
        if not await context.store.read(lambda tx: find_token(tx, SecretKind.LINK, token, now)):
            raise _used()
        hashed = None if new_password is None else await _hashed(new_password)

        async def work(tx: Transaction) -> NewSession:
            link = await take_token(tx, SecretKind.LINK, token, now)
            if link is None or (user_id := link.token.subject.user_id) is None:
                raise _used()
            if hashed is not None:
                await set_password(tx, RowId(link.site_id), RowId(user_id), hashed)
            return await _open(tx, link.site_id, _user(user_id))

        return await context.store.write(work)

    @operation(None)
    async def sign_in_member(self, context: Context, voucher: str) -> NewSession:
        """Sign a member in whom the site's own program vouches for (see Members).

        Raises Unauthenticated, also for a voucher that was used before, or serves as a code.
        """
        check_texts(voucher=voucher)
        vouched = await verified(context.store, voucher)
        if vouched.code_grant is not None:
            raise Unauthenticated("The voucher cannot be used: it is bound to an OAuth client")

        async def work(tx: Transaction) -> NewSession:
            if not await use_voucher(tx, vouched):
                raise Unauthenticated("The voucher cannot be used: it was used before")
            subject = Subject(type=IdentityType.MEMBER, visitor_or_member_id=vouched.member_id)
            return await _open(tx, vouched.origin.site_id, subject)

        return await context.store.write(work)

    @operation(None)
    async def sign_out(self, context: Context, session: str) -> None:
        """End a session. One that is over already is fine."""
        check_texts(session=session)
        if site_of(session, SecretKind.SESSION):
            await context.store.write(lambda tx: delete_token(tx, session))

    @operation(None)
    async def sign_out_everywhere(self, context: Context, user_id: str) -> int:
        """End all sessions and links of a user; returns how many. Users may do so for themselves.

        Raises PermissionDenied, NotFound.
        """
        caller, row = context.identity, row_id(user_id, "user")
        if caller.type is not IdentityType.USER or caller.id != str(row):
            caller.require(Permission.ACCESS_MANAGE)

        async def work(tx: Transaction) -> int:
            check_found("user", await get_user(tx, context.site, row))
            return await delete_user_tokens(tx, context.site, row)

        return await context.store.write(work)


async def _hashed(new_password: str) -> str:
    problems = Problems()
    chosen = read_password(problems, new_password, "newPassword")
    problems.check()
    return await hash_password(chosen)


async def _open(tx: Transaction, site_id: str, subject: Subject) -> NewSession:
    secret, csrf_token = new_secret(SecretKind.SESSION, site_id), secrets.token_urlsafe(32)
    now = Timestamp.current()
    token = Token(
        subject=subject,
        created=now,
        expires=now + SESSION_LIFETIME,
        csrf_digest=digest(csrf_token),
    )
    await insert_token(tx, secret, token)
    return NewSession(session=secret, csrf_token=csrf_token, expires_date=token.expires)


def _user(user_id: str) -> Subject:
    return Subject(type=IdentityType.USER, user_id=user_id)


def _wrong() -> Unauthenticated:
    return Unauthenticated("The name or the password is wrong")


def _used() -> Unauthenticated:
    return Unauthenticated("This sign-in link is wrong, expired or used: ask for a new one")
