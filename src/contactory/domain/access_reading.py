"""Reads what callers say of keys, apps, clients and users; notes every problem with its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contactory.domain.credentials import LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD
from contactory.domain.identities import LONGEST_MEMBER_ID, Identity
from contactory.domain.permissions import (
    GRANTABLE,
    Permission,
    Role,
    permission_ids,
    permissions_named,
)
from contactory.domain.problems import Problems


def read_text(problems: Problems, value: Any, path: str, most: int) -> str:
    """A string of 1 to `most` characters, without the blanks around it."""
    before = len(problems.violations)
    text = (problems.text(value, path, most) or "").strip()
    if not text and len(problems.violations) == before:
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
    return text


def read_name(problems: Problems, value: Any) -> str:
    """The name of a site, key, app, client or user."""
    return read_text(problems, value, "name", LONGEST_NAME)


def read_member_id(problems: Problems, value: Any, path: str) -> str:
    """A member's id, which the site's own program chose."""
    member_id = read_text(problems, value, path, LONGEST_MEMBER_ID)
    if not member_id.isprintable():
        problems.add(path, "FORMAT", "must hold printable characters only", type="TEXT")
    return member_id


def read_permissions(problems: Problems, names: Any) -> frozenset[Permission]:
    """The permissions that the ids or group names stand for; none for none."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        problems.wrong_kind("permissions", "a list")
        return frozenset()
    granted = frozenset[Permission]()
    for at, name in enumerate(names):
        path = f"permissions[{at}]"
        if not isinstance(name, str):
            problems.wrong_kind(path, "a string")
            continue
        try:
            granted |= permissions_named([name])
        except ValueError as unknown:
            problems.add(
                path, "INVALID_ENUM_VALUE", f"is an {unknown}", supported=permission_ids(GRANTABLE)
            )
    return granted


def read_role(problems: Problems, value: Any) -> Role:
    """The role's name in any letter case."""
    try:
        return Role(value.lower() if isinstance(value, str) else value)
    except ValueError:
        listed = [role.value for role in Role]
        problems.add(
            "role", "INVALID_ENUM_VALUE", f"must be in [{', '.join(listed)}]", supported=listed
        )
        return Role.COLLABORATOR


def read_password(problems: Problems, value: Any, path: str) -> str:
    """A new password: long, any characters (NIST SP 800-63B 3.1.1.2)."""
    before = len(problems.violations)
    password = problems.text(value, path, LONGEST_PASSWORD) or ""
    if len(problems.violations) == before and len(password) < SHORTEST_PASSWORD:
        description = f"has size {len(password)}, expected {SHORTEST_PASSWORD} or more"
        problems.add(path, "MIN_LENGTH", description, threshold=SHORTEST_PASSWORD)
    return password


def check_texts(**arguments: Any) -> None:
    """Raise InvalidArgument naming every argument that is no string."""
    problems = Problems()
    for name, value in arguments.items():
        if not isinstance(value, str):
            problems.wrong_kind(name, "a string")
    problems.check()


def may_grant(identity: Identity, named: frozenset[Permission]) -> frozenset[Permission]:
    """The permissions named, or where none is, all that the identity has to give.

    Raises PermissionDenied for one that it does not hold: nobody gives what they lack.
    """
    for permission in sorted(named):
        identity.require(permission)
    return named or GRANTABLE & identity.permissions
