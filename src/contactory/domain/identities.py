"""Who calls, and what they may do (CONTRACT G.1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import msgspec

from contactory.domain.errors import PermissionDenied
from contactory.domain.permissions import ALL_PERMISSIONS, GRANTABLE, Permission

SITE_APP_ID: Final = "151e476a-715e-ec33-db9a-a7ff4d51f70a"
"""The constant app id under which a site's own code acts (CONTRACT A.2)."""

DEFAULT_SITE_ID: Final = "00000000-0000-7000-8000-000000000001"
"""The site that every store has from the start."""

LONGEST_MEMBER_ID: Final = 100
"""Members' ids are chosen by the site's own program: so many printable characters."""

_SUBMITTER: Final = frozenset({Permission.CONTACTS_SUBMIT})


class IdentityType(StrEnum):
    """The kinds of callers."""

    VISITOR = "visitor"
    MEMBER = "member"
    USER = "user"
    APP = "app"
    API_KEY = "api_key"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One caller: what it is, its id, and its permissions."""

    type: IdentityType
    id: str | None = None
    permissions: frozenset[Permission] = frozenset()

    @classmethod
    def visitor(cls, visitor_id: str | None = None) -> Identity:
        """Somebody anonymous."""
        return cls(type=IdentityType.VISITOR, id=visitor_id, permissions=_SUBMITTER)

    @classmethod
    def member(cls, member_id: str) -> Identity:
        """Somebody who signed in to the site itself."""
        return cls(type=IdentityType.MEMBER, id=member_id, permissions=_SUBMITTER)

    @classmethod
    def user(
        cls, permissions: Iterable[Permission | str] = GRANTABLE, user_id: str | None = None
    ) -> Identity:
        """The owner, or a collaborator with the permissions named."""
        granted = frozenset(map(Permission, permissions))
        return cls(type=IdentityType.USER, id=user_id, permissions=granted)

    @classmethod
    def app(cls, app_id: str, permissions: Iterable[Permission | str] = GRANTABLE) -> Identity:
        """A program with its own credentials."""
        granted = frozenset(map(Permission, permissions))
        return cls(type=IdentityType.APP, id=app_id, permissions=granted)

    @classmethod
    def api_key(cls, key_id: str, permissions: Iterable[Permission | str]) -> Identity:
        """The account's administrator, through a key."""
        granted = frozenset(map(Permission, permissions))
        return cls(type=IdentityType.API_KEY, id=key_id, permissions=granted)

    @property
    def name(self) -> str:
        """How logs and idempotency keys name this caller."""
        return f"{self.type}:{self.id or '-'}"

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless this identity holds the permission."""
        if permission not in self.permissions:
            raise PermissionDenied(permission=permission.value)


OWNER: Final = Identity.user(ALL_PERMISSIONS)
"""Whoever opens a store in their own process: all of it is theirs."""

SITE_APP: Final = Identity.app(SITE_APP_ID)
