"""All secrets that expire: tokens, sessions, sign-in links, app codes."""

from __future__ import annotations

import msgspec

from contactory.domain.credentials import SecretKind, site_of
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import ROLE_GRANTS, Role, stored_permissions
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, digest, site_of_secret
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text_or_none


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a secret stands for: an id of the kind that `type` says.

    `client_id` is the client through which it was had. Beside another subject, `app_id` is the app
    that the token is bound to.
    """

    type: IdentityType
    visitor_or_member_id: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    client_id: str | None = None

    @property
    def id(self) -> str | None:
        """The subject's own id."""
        if self.type is IdentityType.USER:
            return self.user_id
        return self.app_id if self.type is IdentityType.APP else self.visitor_or_member_id


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept beside the digest of one secret."""

    subject: Subject
    created: Timestamp
    expires: Timestamp
    csrf_digest: bytes | None = None


class FoundToken(msgspec.Struct, frozen=True, kw_only=True):
    """A secret that still counts, with what its subject may do at present."""

    site_id: str
    token: Token
    identity: Identity
    instance_id: str | None


async def insert_token(tx: Transaction, secret: str, token: Token) -> None:
    """Keep a secret's digest at the site that the secret names."""
    subject = token.subject
    await tx.run(
        "insert_token",
        site_id=_site(secret),
        digest=digest(secret),
        kind=secret.partition("_")[0],
        subject_type=subject.type.value,
        subject_id=subject.visitor_or_member_id,
        user_id=_uuid(subject.user_id),
        app_id=_uuid(subject.app_id),
        client_id=_uuid(subject.client_id),
        csrf_digest=token.csrf_digest,
        created_at=token.created.ms,
        expires_at=token.expires.ms,
    )


async def find_token(
    tx: Transaction, kind: SecretKind, secret: str, now: Timestamp
) -> FoundToken | None:
    """What the secret stands for; None when it is unknown, expired or of another kind."""
    site_id = site_of(secret, kind)
    if site_id is None:
        return None
    row = await tx.row(
        "find_token", site_id=RowId(site_id), digest=digest(secret), kind=kind.value, now=now.ms
    )
    return None if row is None else _found(site_id, row)


async def take_token(
    tx: Transaction, kind: SecretKind, secret: str, now: Timestamp
) -> FoundToken | None:
    """As `find_token`, once: the secret counts no more."""
    found = await find_token(tx, kind, secret, now)
    return found if found and await delete_token(tx, secret) else None


async def delete_token(tx: Transaction, secret: str) -> bool:
    """Let a well-formed secret count no more; False when it was unknown."""
    return bool(await tx.run("delete_token", site_id=_site(secret), digest=digest(secret)))


async def delete_user_tokens(tx: Transaction, site: RowId, user_id: RowId) -> int:
    """End all sessions and links of a user; how many there were."""
    return await tx.run("delete_user_tokens", site_id=site, user_id=user_id)


async def forget_tokens(tx: Transaction, site: RowId, now: Timestamp, most: int) -> int:
    """Delete at most so many expired secrets; how many there were."""
    return await tx.run("forget_tokens", site_id=site, now=now.ms, most=most)


def _found(site_id: str, row: Row) -> FoundToken:
    kind, subject_id, user_id, app_id, client_id, csrf_digest, created, expires = row[:8]
    instance_id, app_permissions, role, user_permissions = row[8:]
    subject = Subject(
        type=IdentityType(kind),
        visitor_or_member_id=subject_id,
        user_id=as_text_or_none(user_id),
        app_id=as_text_or_none(app_id),
        client_id=as_text_or_none(client_id),
    )
    token = Token(
        subject=subject,
        created=Timestamp.from_ms(created),
        expires=Timestamp.from_ms(expires),
        csrf_digest=csrf_digest,
    )
    return FoundToken(
        site_id=site_id,
        token=token,
        identity=_identity(subject, app_permissions, role, user_permissions),
        instance_id=as_text_or_none(instance_id),
    )


def _identity(subject: Subject, app_permissions: str, role: str, user_permissions: str) -> Identity:
    match subject.type:
        case IdentityType.APP:
            permissions = stored_permissions(app_permissions)
        case IdentityType.USER:
            permissions = ROLE_GRANTS[Role(role)] | stored_permissions(user_permissions)
        case IdentityType.MEMBER:
            permissions = Identity.member(subject.visitor_or_member_id or "").permissions
        case _:
            permissions = Identity.visitor().permissions
    return Identity(type=subject.type, id=subject.id, permissions=permissions)


def _site(secret: str) -> RowId:
    site_id = site_of_secret(secret)
    if site_id is None:
        raise ValueError("a secret that names no site")
    return RowId(site_id)


def _uuid(text: str | None) -> RowId | None:
    return None if text is None else RowId(text)
