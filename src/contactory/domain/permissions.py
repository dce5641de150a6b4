"""What may be done, and which roles allow it (CONTRACT G.2)."""

from __future__ import annotations

from enum import StrEnum
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


ALL_PERMISSIONS: Final = frozenset(Permission)

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
    Role.OWNER: ALL_PERMISSIONS,
    Role.COLLABORATOR: frozenset[Permission](),
}
"""A collaborator holds nothing but what the owner grants by name."""

NAMED_GRANTS: Final = {
    "MANAGE_CONTACTS": MANAGE_CONTACTS,
    "READ_CONTACTS": READ_CONTACTS,
    "MANAGE_LABELS": frozenset({Permission.LABELS_VIEW, Permission.LABELS_MODIFY}),
    "MANAGE_FIELDS": frozenset({Permission.FIELDS_VIEW, Permission.FIELDS_MODIFY}),
}


def permissions_named(names: list[str]) -> frozenset[Permission]:
    """Permissions from their ids or from the name of a group, in any letter case.

    Raises ValueError that lists every unknown name and all known ones.
    """
    by_id = {permission.value: frozenset({permission}) for permission in Permission}
    known = by_id | NAMED_GRANTS
    wanted = [name.strip().upper().replace("-", "_").replace(" ", "_") for name in names]
    unknown = [name for name, key in zip(names, wanted, strict=True) if key not in known]
    if unknown:
        raise ValueError(f"unknown permission {', '.join(unknown)}: use {', '.join(known)}")
    return frozenset[Permission]().union(*(known[key] for key in wanted))
