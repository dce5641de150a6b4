"""Users: the owner and collaborators of a site, and how they sign in."""

from __future__ import annotations

import msgspec

from contactory.domain.access import User
from contactory.domain.credentials import LONGEST_NAME, name_key
from contactory.domain.permissions import ROLE_GRANTS, Role, permission_ids, stored_permissions
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_text


class Password(msgspec.Struct, frozen=True):
    """A user's id, and the hash of the password where there is one."""

    user_id: str
    password_hash: str | None


async def insert_user(
    tx: Transaction, user: User, granted: str, password_hash: str | None, now: Timestamp
) -> bool:
    """Keep a new user with the permissions granted by name; False when the name is taken."""
    return bool(
        await tx.run(
            "insert_user",
            site_id=RowId(user.site_id),
            id=RowId(user.user_id),
            name=user.name,
            name_key=name_key(user.name),
            role=user.role.value,
            permissions=granted,
            password_hash=password_hash,
            now=now.ms,
        )
    )


async def list_users(tx: Transaction, site: RowId) -> list[User]:
    """All users of the site, oldest first."""
    return [_user(site, row) for row in await tx.rows("list_users", site_id=site)]


async def get_user(tx: Transaction, site: RowId, user_id: RowId) -> User | None:
    """The user with this id."""
    row = await tx.row("get_user", site_id=site, id=user_id)
    return None if row is None else _user(site, row)


async def find_password(tx: Transaction, site: RowId, name: str) -> Password | None:
    """How the user of this name signs in, in any letter case; None when there is no such user."""
    if len(name) > LONGEST_NAME or not name.isprintable():
        return None
    row = await tx.row("find_password", site_id=site, name_key=name_key(name))
    return None if row is None else Password(as_text(row[0]), row[1])


async def set_password(tx: Transaction, site: RowId, user_id: RowId, password_hash: str) -> bool:
    """Set the password and end what the old one opened; False when there is no such user."""
    changed = await tx.run("set_password", site_id=site, id=user_id, password_hash=password_hash)
    await tx.run("delete_user_tokens", site_id=site, user_id=user_id)
    return bool(changed)


async def delete_user(tx: Transaction, site: RowId, user_id: RowId) -> bool:
    """Delete the user with all sessions; False when the site has no such user."""
    return bool(await tx.run("delete_user", site_id=site, id=user_id))


def _user(site: RowId, row: Row) -> User:
    user_id, name, stored_role, granted = row
    role = Role(stored_role)
    return User(
        user_id=as_text(user_id),
        site_id=str(site),
        name=name,
        role=role,
        permissions=permission_ids(ROLE_GRANTS[role] | stored_permissions(granted)),
    )
