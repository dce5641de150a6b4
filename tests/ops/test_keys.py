"""API keys: made, listed, revoked; what they may do, and where."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.credentials import SecretKind
from contactory.domain.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import GRANTABLE, Permission, permission_ids
from contactory.kit.ids import new_secret
from contactory.ops.authentication import authenticate
from contactory.ops.crm import Crm
from tests.ops.surroundings import counted, fields_named, is_kept_in_clear
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def test_a_key_acts_at_its_site_with_its_permissions(crm: Crm) -> None:
    key = await crm.keys.create_key("till", ["Manage Contacts", "contacts_labels.view"])
    caller = await authenticate(crm.store, key.key)
    assert key.key.startswith("ctk_")
    assert (caller.site_id, caller.credential) == (crm.context.site_id, "api_key")
    assert (caller.identity.type, caller.identity.id) == (IdentityType.API_KEY, key.id)
    assert permission_ids(caller.identity.permissions) == key.permissions
    assert key.permissions == [
        "CONTACTS.MERGE",
        "CONTACTS.MODIFY",
        "CONTACTS.VIEW",
        "CONTACTS_LABELS.VIEW",
    ]


async def test_a_key_without_named_permissions_holds_all_that_a_site_can_grant(crm: Crm) -> None:
    key = await crm.keys.create_key()
    assert (key.name, key.permissions) == ("key", permission_ids(GRANTABLE))
    assert "SITES.MANAGE" not in key.permissions


async def test_the_list_shows_keys_without_secrets_and_when_they_were_revoked(crm: Crm) -> None:
    first, second = await crm.keys.create_key("first"), await crm.keys.create_key("second")
    await crm.keys.revoke_key(first.id)
    listed = await crm.keys.list_keys()
    assert [(key.id, key.name) for key in listed] == [(first.id, "first"), (second.id, "second")]
    assert listed[0].revoked_date is not None
    assert listed[1].revoked_date is None
    assert first.key not in repr(listed)
    assert second.key not in repr(listed)


async def test_a_revoked_key_acts_no_more_and_revoking_again_keeps_the_date(crm: Crm) -> None:
    key = await crm.keys.create_key()
    await crm.keys.revoke_key(key.id)
    (before,) = await crm.keys.list_keys()
    await crm.keys.revoke_key(key.id.upper())
    assert await crm.keys.list_keys() == [before]
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, key.key)


@pytest.mark.parametrize(
    "key_id", ["", "x", "a b/c?d", 7, None, "01900000-0000-7000-8000-000000000000"]
)
async def test_revoking_what_is_no_key_is_not_found(crm: Crm, key_id: Any) -> None:
    with pytest.raises(NotFound):
        await crm.keys.revoke_key(key_id)


async def test_unknown_permissions_are_refused_each_with_its_path(
    crm: Crm, store: StoreUnderTest
) -> None:
    names: list[Any] = ["CONTACTS.VIEW", "FLY", "SITES.MANAGE", 5]
    with pytest.raises(InvalidArgument) as refused:
        await crm.keys.create_key(" ", names)
    assert fields_named(refused.value) == [
        "name",
        "permissions[1]",
        "permissions[2]",
        "permissions[3]",
    ]
    assert counted(store, "api_keys") == 0


@pytest.mark.parametrize(
    ("name", "permissions", "field"),
    [
        ("x" * 201, (), "name"),
        ("nul\0", (), "name"),
        ("\ud800", (), "name"),
        (5, (), "name"),
        ("key", "CONTACTS.VIEW", "permissions"),
        ("key", {"CONTACTS.VIEW": 1}, "permissions"),
    ],
)
async def test_bad_arguments_of_a_key_are_named(
    crm: Crm, name: Any, permissions: Any, field: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.keys.create_key(name, permissions)
    assert fields_named(refused.value) == [field]


@pytest.mark.parametrize(
    "identity",
    [
        Identity.visitor(),
        Identity.member("m-1"),
        Identity.user(GRANTABLE - {Permission.ACCESS_MANAGE}),
    ],
)
async def test_only_who_manages_access_sees_or_makes_keys(
    crm: Crm, store: StoreUnderTest, identity: Identity
) -> None:
    async with crm.acting_as(identity):
        for call in (crm.keys.create_key, crm.keys.list_keys, lambda: crm.keys.revoke_key("x")):
            with pytest.raises(PermissionDenied):
                await call()
    assert counted(store, "api_keys") == 0


async def test_nobody_grants_what_they_lack(crm: Crm, store: StoreUnderTest) -> None:
    manager = Identity.user([Permission.ACCESS_MANAGE, Permission.CONTACTS_VIEW])
    async with crm.acting_as(manager):
        with pytest.raises(PermissionDenied) as refused:
            await crm.keys.create_key("climber", ["CONTACTS.MODIFY"])
        assert refused.value.data == {"permission": "CONTACTS.MODIFY"}
        assert counted(store, "api_keys") == 0
        key = await crm.keys.create_key("all that I have")
    assert key.permissions == ["CONTACTS.VIEW", "SITE.MANAGE_ACCESS"]


async def test_a_key_never_acts_at_another_site(crm: Crm, elsewhere: Crm) -> None:
    ours, theirs = await crm.keys.create_key("same"), await elsewhere.keys.create_key("same")
    assert (await authenticate(crm.store, theirs.key)).site_id == elsewhere.context.site_id
    with pytest.raises(PermissionDenied):
        await authenticate(crm.store, ours.key, site_id=elsewhere.context.site_id)
    caller = await authenticate(crm.store, ours.key, site_id=crm.context.site_id.upper())
    assert caller.site_id == crm.context.site_id
    with pytest.raises(NotFound):
        await elsewhere.keys.revoke_key(ours.id)
    assert [key.id for key in await elsewhere.keys.list_keys()] == [theirs.id]


async def test_whatever_is_no_key_is_refused_with_one_and_the_same_message(
    crm: Crm, elsewhere: Crm
) -> None:
    key = await crm.keys.create_key()
    # The random half of a real key under the name of another site.
    moved = new_secret("ctk", elsewhere.context.site_id)[:-43] + key.key[-43:]
    wrong = [
        new_secret(SecretKind.KEY, crm.context.site_id),
        new_secret(SecretKind.ACCESS, crm.context.site_id),
        key.key.replace("ctk_", "cta_"),
        key.key[:-1],
        key.key + "\n",
        moved,
        "",
        "Bearer",
        "\0",
        "\ud800",
        "ctk_" + "é" * 64,
        "x" * 100_000,
    ]
    messages = set()
    for secret in wrong:
        with pytest.raises(Unauthenticated) as refused:
            await authenticate(crm.store, secret)
        messages.add(str(refused.value))
    assert len(messages) == 1


async def test_keys_are_kept_as_digests_only(crm: Crm, store: StoreUnderTest) -> None:
    key = await crm.keys.create_key("a name in clear")
    assert is_kept_in_clear(store, "a name in clear")
    assert not is_kept_in_clear(store, key.key)
    assert not is_kept_in_clear(store, key.key[-40:])
