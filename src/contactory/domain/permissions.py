"""What may be done, and which roles allow it (CONTRACT G.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Permission(StrEnum):
    """One thing that an identity may be allowed to do."""

    CONTACTS_VIEW = "CONTACTS.VIEW"
    CONTACTS_MODIFY = "CONTACTS.MODIFY"
    CONTACTS_MERGE = "CONTACTS.MERGE"
    CONTACTS_SUBMIT = "CONTACTS.SUBMIT"
    CONTACTS_SUBMIT_WITH_OVERRIDES = "CONTACTS.SUBMIT_WITH_OVERRIDES"
    LABELS_VIEW = "CONTACTS_LABELS.VIEW"
    LABELS_MODIFY = "CONTACTS_LABELS.MODIFY"
    FIELDS_VIEW = "CONTACTS_SCHEMA.VIEW"
    FIELDS_MODIFY = "CONTACTS_SCHEMA.MODIFY"
    MEMBERS_VOUCH = "MEMBERS.VOUCH"
    MEMBERS_DELETE = "MEMBERS.MEMBER_DELETE"
    EVENTS_VIEW = "EVENTS.VIEW"
    EVENTS_MANAGE = "EVENTS.MANAGE"
    ACCESS_MANAGE = "SITE.MANAGE_ACCESS"
    SITES_MANAGE = "SITES.MANAGE"


ALL_PERMISSIONS: Final = frozenset(Permission)

GRANTABLE: Final = ALL_PERMISSIONS - {Permission.SITES_MANAGE}
"""What keys, apps and users of a site can hold; the rest is about the whole store."""

READ_CONTACTS: Final = frozenset({Permission.CONTACTS_VIEW})

MANAGE_CONTACTS: Final = frozenset(
    {Permission.CONTACTS_VIEW, Permission.CONTACTS_MODIFY, Permission.CONTACTS_MERGE}
)
"""The role permission that the dashboard calls Manage Contacts."""


class Role(StrEnum):
    """What a user is to a site."""

    OWNER = "owner"
    COLLABORATOR = "collaborator"


ROLE_GRANTS: Final = {
    Role.OWNER: GRANTABLE,
    Role.COLLABORATOR: frozenset[Permission](),
}
"""A collaborator holds nothing but what the owner grants by name."""

NAMED_GRANTS: Final = {
    "MANAGE_CONTACTS": MANAGE_CONTACTS,
    "READ_CONTACTS": READ_CONTACTS,
    "MANAGE_LABELS": frozenset({Permission.LABELS_VIEW, Permission.LABELS_MODIFY}),
    "MANAGE_FIELDS": frozenset({Permission.FIELDS_VIEW, Permission.FIELDS_MODIFY}),
}

_BY_NAME: Final = {
    permission.value: frozenset({permission})
    for permission in Permission
    if permission in GRANTABLE
} | NAMED_GRANTS


def permissions_named(names: Sequence[str]) -> frozenset[Permission]:
    """Permissions from their ids or from the name of a group, in any letter case.

    Raises ValueError that lists every unknown name and all known ones.
    """
    wanted = [name.strip().upper().replace("-", "_").replace(" ", "_") for name in names]
    unknown = [name for name, key in zip(names, wanted, strict=True) if key not in _BY_NAME]
    if unknown:
        raise ValueError(f"unknown permission {', '.join(unknown)}: use {', '.join(_BY_NAME)}")
    return frozenset[Permission]().union(*(_BY_NAME[key] for key in wanted))


def permission_ids(permissions: Iterable[Permission]) -> list[str]:
    """The ids in alphabetical order, as answers and stores show them."""
    return sorted(permission.value for permission in permissions)


@lru_cache(maxsize=1024)
def stored_permissions(text: str) -> frozenset[Permission]:
    """The permissions whose ids a store keeps with blanks between. Raises ValueError."""
    return frozenset(map(Permission, text.split()))
