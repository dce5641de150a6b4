"""Sites: made, listed, and apart from each other."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import ContactNotFound, InvalidArgument, NotFound, PermissionDenied
from contactory.domain.identities import DEFAULT_SITE_ID, SITE_APP, Identity
from contactory.ops.crm import Crm
from tests.ops.surroundings import fields_named

pytestmark = pytest.mark.anyio

ADA = {"name": {"first": "Ada"}, "emails": {"items": [{"email": "ada@example.com"}]}}


async def test_new_sites_stand_in_the_list_after_the_default_one(crm: Crm) -> None:
    made = await crm.sites.create_site("  Shop ")
    listed = await crm.sites.list_sites()
    assert [(site.site_id, site.name) for site in listed] == [
        (DEFAULT_SITE_ID, "default"),
        (made.site_id, "Shop"),
    ]
    assert listed[1] == made


@pytest.mark.parametrize("name", ["", "  ", None, 3, "x" * 201])
async def test_a_site_needs_a_name(crm: Crm, name: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.sites.create_site(name)
    assert fields_named(refused.value) == ["name"]
    assert len(await crm.sites.list_sites()) == 1


@pytest.mark.parametrize("identity", [Identity.user(), SITE_APP, Identity.visitor()])
async def test_only_the_operator_of_the_store_manages_sites(crm: Crm, identity: Identity) -> None:
    async with crm.acting_as(identity):
        for call in (lambda: crm.sites.create_site("mine"), crm.sites.list_sites):
            with pytest.raises(PermissionDenied):
                await call()
    assert len(await crm.sites.list_sites()) == 1


@pytest.mark.parametrize("site_id", ["", "elsewhere", "01900000-0000-7000-8000-000000000000"])
async def test_a_site_that_is_not_there_cannot_be_entered(crm: Crm, site_id: str) -> None:
    with pytest.raises(NotFound):
        await crm.at_site(site_id)


async def test_contacts_of_one_site_are_neither_found_nor_duplicates_at_another(
    crm: Crm, elsewhere: Crm
) -> None:
    ours = await crm.contacts.create_contact(ADA)
    theirs = await elsewhere.contacts.create_contact(ADA)
    assert ours.id != theirs.id
    with pytest.raises(ContactNotFound):
        await elsewhere.contacts.get_contact(ours.id)
    with pytest.raises(ContactNotFound):
        await crm.contacts.get_contact(theirs.id)
    assert (await elsewhere.contacts.get_contact(theirs.id)).id == theirs.id


async def test_ids_of_one_site_are_not_found_at_another(crm: Crm, elsewhere: Crm) -> None:
    key, app = await crm.keys.create_key(), await crm.apps.create_app("app")
    client, user = await crm.clients.create_client("web"), await crm.users.create_user("ada")
    member_key = await crm.members.create_member_key()
    for call in (
        elsewhere.keys.revoke_key(key.id),
        elsewhere.apps.create_app_code(app.app_id),
        elsewhere.apps.delete_app(app.app_id),
        elsewhere.clients.delete_client(client.client_id),
        elsewhere.users.set_password(user.user_id, "a password of some length"),
        elsewhere.users.create_sign_in_link(user.user_id),
        elsewhere.users.delete_user(user.user_id),
        elsewhere.sessions.sign_out_everywhere(user.user_id),
        elsewhere.members.revoke_member_key(member_key.id),
    ):
        with pytest.raises(NotFound):
            await call
    for nothing in (
        elsewhere.keys.list_keys,
        elsewhere.apps.list_apps,
        elsewhere.clients.list_clients,
        elsewhere.users.list_users,
        elsewhere.members.list_member_keys,
    ):
        assert await nothing() == []
