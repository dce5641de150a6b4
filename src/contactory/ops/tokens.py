"""Tokens: the grants that the SDK's strategies call (CONTRACT G.4), and what is known of a token.

Any caller may ask: what is sent are the credentials. Secrets name their site, so each call stays
on that site; only the anonymous grant, which sends nothing but a client's id, looks across sites.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any, Final

import msgspec

from contactory.domain.access import AppInfo
from contactory.domain.access_reading import check_texts, read_member_id
from contactory.domain.credentials import (
    ACCESS_LIFETIME,
    APP_REFRESH_LIFETIME,
    REFRESH_LIFETIME,
    SecretKind,
)
from contactory.domain.errors import PermissionDenied, Unauthenticated
from contactory.domain.identities import IdentityType
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.vouchers import CodeGrant
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, as_guid, new_id, new_secret
from contactory.ops.authentication import authenticate
from contactory.ops.context import Context
from contactory.ops.members import verified
from contactory.ops.operation import Bound, operation
from contactory.store.apps import find_app
from contactory.store.engine import Store, Transaction
from contactory.store.idempotency_keys import forget_keys
from contactory.store.member_keys import forget_vouchers, use_voucher
from contactory.store.oauth_clients import find_client_site, has_client
from contactory.store.sign_in_failures import forget_failures
from contactory.store.sites import list_sites
from contactory.store.tokens import (
    FoundToken,
    Subject,
    Token,
    find_token,
    forget_tokens,
    insert_token,
    take_token,
)

_PEOPLE: Final = frozenset({IdentityType.VISITOR, IdentityType.MEMBER})
_MOST_FORGOTTEN_AT_ONCE: Final = 1000
_FORGET: Final = (forget_tokens, forget_failures, forget_vouchers, forget_keys)


class TokenAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens, in the names of RFC 6749 5.1, which the wire has; `expires_in` is in seconds."""

    access_token: str
    expires_in: int
    token_type: str
    refresh_token: str | None = None


class TokenInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What is known of a token; of an inactive one, nothing. `exp`, `iat`: seconds since 1970."""

    active: bool
    subject_type: str | None = None
    subject_id: str | None = None
    exp: str | None = None
    iat: str | None = None
    client_id: str | None = None
    site_id: str | None = None
    instance_id: str | None = None


class Tokens(Bound):
    """One method for each grant, for whoever has the credentials.

    All raise Unauthenticated for wrong ones without telling which was wrong, and InvalidArgument
    where an argument is no string.
    """

    @operation(None)
    async def anonymous(self, context: Context, client_id: str) -> TokenAnswer:
        """Tokens of a new visitor."""
        client = _guid(client_id)

        async def work(tx: Transaction) -> TokenAnswer:
            site = await find_client_site(tx, client)
            if site is None:
                raise _wrong()
            subject = Subject(
                type=IdentityType.VISITOR, visitor_or_member_id=new_id(), client_id=str(client)
            )
            return await _issue_both(tx, str(site), subject, REFRESH_LIFETIME)

        return await context.store.write(work)

    @operation(None)
    async def refresh(self, context: Context, client_id: str, refresh_token: str) -> TokenAnswer:
        """A new access token of the same visitor or member. The refresh token stays good."""
        client = _guid(client_id)
        check_texts(refresh_token=refresh_token)

        async def work(tx: Transaction) -> TokenAnswer:
            found = await _refreshable(tx, refresh_token)
            if found.token.subject.client_id != str(client):
                raise _wrong()
            return await _issue(tx, found.site_id, found.token.subject, refresh_token)

        return await context.store.write(work)

    @operation(None)
    async def authorization_code(
        self, context: Context, client_id: str, redirect_uri: str, code: str, code_verifier: str
    ) -> TokenAnswer:
        """Tokens of a member; the code is a voucher bound to client, URI and challenge."""
        client = _guid(client_id)
        check_texts(redirect_uri=redirect_uri, code=code, code_verifier=code_verifier)
        voucher = await verified(context.store, code)
        given = CodeGrant(
            client_id=str(client),
            redirect_uri=redirect_uri,
            code_challenge=_challenge(code_verifier),
        )
        if voucher.code_grant != given:
            raise _wrong()

        async def work(tx: Transaction) -> TokenAnswer:
            site_id = voucher.origin.site_id
            if not await has_client(tx, RowId(site_id), client):
                raise _wrong()
            if not await use_voucher(tx, voucher):
                raise Unauthenticated("The voucher cannot be used: it was used before")
            return await _issue_member(tx, site_id, voucher.member_id, str(client))

        return await context.store.write(work)

    @operation(None)
    async def authorized_client(
        self, context: Context, visitor_token: str, api_key: str, member_id: str
    ) -> TokenAnswer:
        """Tokens of a member for a page that has a visitor's token, vouched for by an API key.

        Raises PermissionDenied when the key may not vouch, or is for another site.
        """
        check_texts(visitor_token=visitor_token, api_key=api_key)
        problems = Problems()
        member = read_member_id(problems, member_id, "member_id")
        problems.check()
        key = await authenticate(context.store, api_key)
        key.identity.require(Permission.MEMBERS_VOUCH)

        async def work(tx: Transaction) -> TokenAnswer:
            page = await find_token(tx, SecretKind.ACCESS, visitor_token, Timestamp.current())
            if page is None or (client_id := page.token.subject.client_id) is None:
                raise _wrong()
            if page.site_id != key.site_id:
                raise PermissionDenied("The API key is for another site than the token")
            return await _issue_member(tx, page.site_id, member, client_id)

        return await context.store.write(work)

    @operation(None)
    async def client_credentials(
        self, context: Context, client_id: str, client_secret: str, instance_id: str | None = None
    ) -> TokenAnswer:
        """An access token of an app; where an instance is named, it must be the app's own."""
        check_texts(client_secret=client_secret)
        client = str(_guid(client_id))
        instance = None if instance_id is None else str(_guid(instance_id))

        async def work(tx: Transaction) -> TokenAnswer:
            site_id, app = await _app(tx, client_secret)
            if app.app_id != client or instance not in (None, app.instance_id):
                raise _wrong()
            return await _issue(tx, site_id, _app_subject(app))

        return await context.store.write(work)

    @operation(None)
    async def app_code(
        self, context: Context, client_id: str, client_secret: str, code: str
    ) -> TokenAnswer:
        """Tokens of an app for its one-time code."""
        check_texts(client_secret=client_secret, code=code)
        client = str(_guid(client_id))

        async def work(tx: Transaction) -> TokenAnswer:
            site_id, app = await _app(tx, client_secret)
            subject = _app_subject(app)
            found = await take_token(tx, SecretKind.CODE, code, Timestamp.current())
            if app.app_id != client or found is None or found.token.subject != subject:
                raise _wrong()
            return await _issue_both(tx, site_id, subject, APP_REFRESH_LIFETIME)

        return await context.store.write(work)

    @operation(None)
    async def app_refresh(
        self, context: Context, client_id: str, client_secret: str, refresh_token: str
    ) -> TokenAnswer:
        """A new access token of an app.

        The same refresh token is answered again: the SDK asks before every single call, several
        at a time, and would lose its place if the token changed. The app's secret guards it.
        """
        check_texts(client_secret=client_secret, refresh_token=refresh_token)
        client = str(_guid(client_id))

        async def work(tx: Transaction) -> TokenAnswer:
            _, app = await _app(tx, client_secret)
            found = await _refreshable(tx, refresh_token)
            if app.app_id != client or found.token.subject != _app_subject(app):
                raise _wrong()
            return await _issue(tx, found.site_id, found.token.subject, refresh_token)

        return await context.store.write(work)

    @operation(None)
    async def strip_bound_session(
        self, context: Context, client_secret: str, access_token: str
    ) -> TokenAnswer:
        """An access token of the same subject, bound to the app; it lives no longer than the old.

        `token_info` then names the app and its instance, which the SDK's `elevated()` looks for.
        """
        check_texts(client_secret=client_secret, access_token=access_token)

        async def work(tx: Transaction) -> TokenAnswer:
            now = Timestamp.current()
            site_id, app = await _app(tx, client_secret)
            found = await find_token(tx, SecretKind.ACCESS, access_token, now)
            if found is None or found.site_id != site_id or not _can_bind(found, app):
                raise _wrong()
            bound = msgspec.structs.replace(found.token.subject, app_id=app.app_id)
            return await _issue(tx, site_id, bound, lifetime=found.token.expires - now)

        return await context.store.write(work)

    @operation(None)
    async def token_info(self, context: Context, token: str) -> TokenInfo:
        """What an access token stands for; only that it is inactive when it counts no more."""
        check_texts(token=token)
        now = Timestamp.current()
        found = await context.store.read(lambda tx: find_token(tx, SecretKind.ACCESS, token, now))
        if found is None:
            return TokenInfo(active=False)
        subject = found.token.subject
        return TokenInfo(
            active=True,
            subject_type=subject.type.name,
            subject_id=subject.id,
            exp=str(found.token.expires.ms // 1000),
            iat=str(found.token.created.ms // 1000),
            client_id=subject.app_id or subject.client_id,
            site_id=found.site_id,
            instance_id=found.instance_id,
        )


async def forget_expired(store: Store) -> int:
    """Delete expired tokens, sessions, vouchers, idempotency keys and counts of failed sign-ins.

    Site by site, in short transactions; returns how many rows went.
    """
    sites = await store.read(list_sites)
    return sum([await _forget_at(store, RowId(site.site_id)) for site in sites])


async def _forget_at(store: Store, site: RowId) -> int:
    now = Timestamp.current()

    async def work(tx: Transaction) -> list[int]:
        return [await forget(tx, site, now, _MOST_FORGOTTEN_AT_ONCE) for forget in _FORGET]

    total = 0
    while True:
        counts = await store.write(work)
        total += sum(counts)
        if max(counts) < _MOST_FORGOTTEN_AT_ONCE:
            return total


async def _app(tx: Transaction, secret: str) -> tuple[str, AppInfo]:
    found = await find_app(tx, secret)
    if found is None:
        raise _wrong()
    return found


def _app_subject(app: AppInfo) -> Subject:
    return Subject(type=IdentityType.APP, app_id=app.app_id)


def _can_bind(found: FoundToken, app: AppInfo) -> bool:
    """A token that is bound to another app, or another app's own, is not this one's to take."""
    subject = found.token.subject
    return subject.app_id == app.app_id or (subject.app_id is None and subject.type in _PEOPLE)


async def _refreshable(tx: Transaction, refresh_token: str) -> FoundToken:
    found = await find_token(tx, SecretKind.REFRESH, refresh_token, Timestamp.current())
    if found is None:
        raise _wrong()
    return found


async def _issue_member(
    tx: Transaction, site_id: str, member_id: str, client_id: str
) -> TokenAnswer:
    subject = Subject(type=IdentityType.MEMBER, visitor_or_member_id=member_id, client_id=client_id)
    return await _issue_both(tx, site_id, subject, REFRESH_LIFETIME)


async def _issue_both(
    tx: Transaction, site_id: str, subject: Subject, refresh_lifetime: timedelta
) -> TokenAnswer:
    secret, now = new_secret(SecretKind.REFRESH, site_id), Timestamp.current()
    token = Token(subject=subject, created=now, expires=now + refresh_lifetime)
    await insert_token(tx, secret, token)
    return await _issue(tx, site_id, subject, secret)


async def _issue(
    tx: Transaction,
    site_id: str,
    subject: Subject,
    refresh_token: str | None = None,
    lifetime: timedelta = ACCESS_LIFETIME,
) -> TokenAnswer:
    secret, now = new_secret(SecretKind.ACCESS, site_id), Timestamp.current()
    await insert_token(tx, secret, Token(subject=subject, created=now, expires=now + lifetime))
    return TokenAnswer(secret, int(lifetime.total_seconds()), "Bearer", refresh_token)


def _challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 4.2)."""
    hashed = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def _guid(value: Any) -> RowId:
    guid = as_guid(value) if isinstance(value, str) else None
    if guid is None:
        raise _wrong()
    return RowId(guid)


def _wrong() -> Unauthenticated:
    return Unauthenticated("The credentials are wrong, expired or used before")
