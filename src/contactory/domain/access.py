"""Sites, and who may act at one: keys, apps, clients, users, member keys. Answers show these."""

from __future__ import annotations

import msgspec

from contactory.domain.permissions import Role
from contactory.kit.clock import Timestamp


class _Shown(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Encodes with camelCase names."""


class Site(_Shown, frozen=True, kw_only=True):
    """One tenant of a store."""

    site_id: str
    name: str
    created_date: Timestamp


class NewKey(_Shown, frozen=True, kw_only=True):
    """A fresh API key; `key` is shown this once."""

    id: str
    key: str
    site_id: str
    name: str
    permissions: list[str]


class KeyInfo(_Shown, frozen=True, kw_only=True):
    """An API key without its secret."""

    id: str
    name: str
    permissions: list[str]
    created_date: Timestamp
    revoked_date: Timestamp | None = None


class NewApp(_Shown, frozen=True, kw_only=True):
    """A fresh app; `app_secret` is shown this once."""

    app_id: str
    app_secret: str
    instance_id: str
    site_id: str


class AppInfo(_Shown, frozen=True, kw_only=True):
    """An app without its secret; `instance_id` is its installation at this site."""

    app_id: str
    instance_id: str
    name: str
    permissions: list[str]
    created_date: Timestamp


class AppCode(_Shown, frozen=True, kw_only=True):
    """A one-time code that an app exchanges for its tokens."""

    code: str
    expires_date: Timestamp


class OAuthClient(_Shown, frozen=True, kw_only=True):
    """A public client, through which pages get tokens for visitors and members."""

    client_id: str
    site_id: str
    name: str


class User(_Shown, frozen=True, kw_only=True):
    """An owner or collaborator; `permissions` are all that role and grants give."""

    user_id: str
    site_id: str
    name: str
    role: Role
    permissions: list[str]


class SignInLink(_Shown, frozen=True, kw_only=True):
    """A one-time token with which a user signs in without password."""

    token: str
    expires_date: Timestamp


class MemberKey(_Shown, frozen=True, kw_only=True):
    """A key that the site trusts to vouch for its members."""

    id: str
    site_id: str


class NewMemberKey(_Shown, frozen=True, kw_only=True):
    """A fresh key pair to vouch with; `private_key` (PEM) is shown this once and not kept."""

    id: str
    private_key: str
    site_id: str


class MemberKeyInfo(_Shown, frozen=True, kw_only=True):
    """A trusted key: its public half in PEM."""

    id: str
    public_key: str
    created_date: Timestamp
    revoked_date: Timestamp | None = None
