"""Users of a site: roles, passwords, sign-in links."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.access import User
from contactory.domain.credentials import SecretKind
from contactory.domain.errors import (
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import GRANTABLE, Permission, Role, permission_ids
from contactory.ops.authentication import session_caller
from contactory.ops.crm import Crm
from contactory.store.tokens import Subject
from tests.ops.surroundings import PASSWORD, counted, fields_named, is_kept_in_clear, past_secret
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def _identity(crm: Crm, session: str) -> Identity | None:
    found = await session_caller(crm.store, session)
    return None if found is None else found[0].identity


async def test_an_owner_holds_all_a_collaborator_what_is_named(crm: Crm) -> None:
    owner = await crm.users.create_user("Ada", "OWNER")
    clerk = await crm.users.create_user("Bob", permissions=["read contacts"])
    guest = await crm.users.create_user("Cy")
    assert (owner.role, owner.permissions) == (Role.OWNER, permission_ids(GRANTABLE))
    assert (clerk.role, clerk.permissions) == (Role.COLLABORATOR, ["CONTACTS.VIEW"])
    assert guest.permissions == []
    assert await crm.users.list_users() == [owner, clerk, guest]


async def test_a_name_is_taken_in_any_letter_case_and_only_at_its_site(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    await crm.users.create_user("Ada@example.com")
    with pytest.raises(AlreadyExists):
        await crm.users.create_user(" aDA@EXAMPLE.COM ", password=PASSWORD)
    assert counted(store, "users") == 1
    assert (await elsewhere.users.create_user("ada@example.com")).name == "ada@example.com"


async def test_all_bad_arguments_of_a_user_are_named(crm: Crm, store: StoreUnderTest) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.users.create_user("", "king", ["FLY"], "short")
    assert fields_named(refused.value) == ["name", "role", "permissions[0]", "password"]
    assert counted(store, "users") == 0


@pytest.mark.parametrize(
    ("password", "description"),
    [
        ("x" * 11, "has size 11, expected 12 or more"),
        ("x" * 201, "has size 201, expected 200 or less"),
        ("", "has size 0, expected 12 or more"),
        (123456789012, "has the wrong type: Expected a string"),
        ("x" * 12 + "\ud800", "must not hold NUL or unpaired surrogates"),
    ],
)
async def test_a_password_has_12_to_200_characters(
    crm: Crm, password: Any, description: str
) -> None:
    user = await crm.users.create_user("Ada", password=PASSWORD)
    with pytest.raises(InvalidArgument) as refused:
        await crm.users.set_password(user.user_id, password)
    assert str(refused.value) == f"password {description}"
    assert (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session


@pytest.mark.parametrize("password", ["x" * 12, "é" * 200])
async def test_passwords_at_the_limits_work(crm: Crm, password: str) -> None:
    await crm.users.create_user("Ada", password=password)
    assert (await crm.sessions.sign_in("Ada", password, "1")).session


async def test_a_new_password_ends_sessions_links_and_the_old_password(crm: Crm) -> None:
    user = await crm.users.create_user("Ada", password=PASSWORD)
    session = (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    link = (await crm.users.create_sign_in_link(user.user_id)).token
    await crm.users.set_password(user.user_id, PASSWORD + "2")
    assert await _identity(crm, session) is None
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_with_link(link)
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in("Ada", PASSWORD, "1")
    assert (await crm.sessions.sign_in("Ada", PASSWORD + "2", "1")).session


async def test_a_sign_in_link_works_once(crm: Crm, store: StoreUnderTest) -> None:
    user = await crm.users.create_user("Ada", permissions=["read contacts"])
    link = await crm.users.create_sign_in_link(user.user_id)
    assert not is_kept_in_clear(store, link.token)
    session = await crm.sessions.sign_in_with_link(link.token)
    assert await _identity(crm, session.session) == Identity.user(["CONTACTS.VIEW"], user.user_id)
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_with_link(link.token)
    assert counted(store, "tokens") == 1


async def test_a_link_sets_a_password_and_a_bad_one_leaves_the_link_good(crm: Crm) -> None:
    user = await crm.users.create_user("Ada", password=PASSWORD)
    earlier = (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    link = (await crm.users.create_sign_in_link(user.user_id)).token
    with pytest.raises(InvalidArgument) as refused:
        await crm.sessions.sign_in_with_link(link, "short")
    assert fields_named(refused.value) == ["newPassword"]
    session = await crm.sessions.sign_in_with_link(link, PASSWORD + "2")
    assert await _identity(crm, session.session) is not None
    assert await _identity(crm, earlier) is None
    assert (await crm.sessions.sign_in("Ada", PASSWORD + "2", "1")).session


async def test_an_expired_link_signs_nobody_in(crm: Crm, store: StoreUnderTest) -> None:
    user = await crm.users.create_user("Ada")
    subject = Subject(type=IdentityType.USER, user_id=user.user_id)
    link = await past_secret(crm, SecretKind.LINK, subject)
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_with_link(link, PASSWORD)
    assert counted(store, "tokens") == 1


async def test_a_deleted_user_is_signed_out_and_cannot_return(
    crm: Crm, store: StoreUnderTest
) -> None:
    user = await crm.users.create_user("Ada", password=PASSWORD)
    session = (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    link = (await crm.users.create_sign_in_link(user.user_id)).token
    await crm.users.delete_user(user.user_id)
    assert await _identity(crm, session) is None
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in_with_link(link)
    with pytest.raises(Unauthenticated):
        await crm.sessions.sign_in("Ada", PASSWORD, "1")
    assert counted(store, "tokens") == 0
    with pytest.raises(NotFound):
        await crm.users.delete_user(user.user_id)


@pytest.mark.parametrize("user_id", ["", "x", None, "01900000-0000-7000-8000-000000000000"])
async def test_what_is_no_user_is_not_found(crm: Crm, user_id: Any) -> None:
    for call in (
        crm.users.delete_user(user_id),
        crm.users.set_password(user_id, PASSWORD),
        crm.users.create_sign_in_link(user_id),
        crm.sessions.sign_out_everywhere(user_id),
    ):
        with pytest.raises(NotFound):
            await call


async def test_only_who_manages_access_handles_users(crm: Crm, store: StoreUnderTest) -> None:
    user = await crm.users.create_user("Ada")
    async with crm.acting_as(Identity.user(GRANTABLE - {Permission.ACCESS_MANAGE})):
        for call in (
            crm.users.create_user("Bob"),
            crm.users.list_users(),
            crm.users.set_password(user.user_id, PASSWORD),
            crm.users.create_sign_in_link(user.user_id),
            crm.users.delete_user(user.user_id),
        ):
            with pytest.raises(PermissionDenied):
                await call
    assert await crm.users.list_users() == [user]
    assert counted(store, "tokens") == 0


async def test_a_manager_of_access_cannot_become_somebody_mightier(
    crm: Crm, store: StoreUnderTest
) -> None:
    owner: User = await crm.users.create_user("Ada", "owner", password=PASSWORD)
    equal = await crm.users.create_user("Bob", permissions=["SITE.MANAGE_ACCESS"])
    async with crm.acting_as(Identity.user([Permission.ACCESS_MANAGE])):
        for call in (
            crm.users.create_user("Eve", "owner"),
            crm.users.create_user("Eve", permissions=["CONTACTS.VIEW"]),
            crm.users.set_password(owner.user_id, "a password of my own"),
            crm.users.create_sign_in_link(owner.user_id),
        ):
            with pytest.raises(PermissionDenied):
                await call
        assert (await crm.users.create_sign_in_link(equal.user_id)).token
        assert (await crm.users.create_user("Cy")).permissions == []
    assert (await crm.sessions.sign_in("Ada", PASSWORD, "1")).session
    assert counted(store, "users") == 3


async def test_passwords_are_kept_as_argon2id_hashes(crm: Crm, store: StoreUnderTest) -> None:
    await crm.users.create_user("Ada", password=PASSWORD)
    assert not is_kept_in_clear(store, PASSWORD)
    assert is_kept_in_clear(store, "$argon2id$v=19$m=19456,t=2,p=1$")
