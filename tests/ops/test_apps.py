"""Apps: made, listed, deleted, and their one-time codes."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.credentials import SecretKind
from contactory.domain.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity, IdentityType
from contactory.domain.permissions import GRANTABLE, Permission, permission_ids
from contactory.ops.authentication import authenticate
from contactory.ops.crm import Crm
from contactory.store.tokens import Subject
from tests.ops.surroundings import counted, fields_named, is_kept_in_clear, past_secret
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def test_apps_are_listed_without_their_secrets(crm: Crm, store: StoreUnderTest) -> None:
    app = await crm.apps.create_app("sync", ["read contacts"])
    (listed,) = await crm.apps.list_apps()
    assert (listed.app_id, listed.instance_id) == (app.app_id, app.instance_id)
    assert (listed.name, listed.permissions) == ("sync", ["CONTACTS.VIEW"])
    assert app.site_id == crm.context.site_id
    assert app.app_secret.startswith("cts_")
    assert app.app_secret not in repr(listed)
    assert not is_kept_in_clear(store, app.app_secret)


async def test_an_app_without_named_permissions_holds_all_that_can_be_granted(crm: Crm) -> None:
    await crm.apps.create_app("all")
    assert (await crm.apps.list_apps())[0].permissions == permission_ids(GRANTABLE)


async def test_bad_arguments_of_an_app_are_all_named(crm: Crm, store: StoreUnderTest) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.apps.create_app("", ["FLY"])
    assert fields_named(refused.value) == ["name", "permissions[0]"]
    assert counted(store, "apps") == 0


async def test_only_who_manages_access_handles_apps_and_nobody_grants_what_they_lack(
    crm: Crm, store: StoreUnderTest
) -> None:
    app = await crm.apps.create_app("app")
    async with crm.acting_as(Identity.user(GRANTABLE - {Permission.ACCESS_MANAGE})):
        for call in (
            crm.apps.create_app("other"),
            crm.apps.list_apps(),
            crm.apps.create_app_code(app.app_id),
            crm.apps.delete_app(app.app_id),
        ):
            with pytest.raises(PermissionDenied):
                await call
    async with crm.acting_as(Identity.user([Permission.ACCESS_MANAGE])):
        with pytest.raises(PermissionDenied):
            await crm.apps.create_app("climber", ["CONTACTS.VIEW"])
    assert counted(store, "apps") == 1


async def test_a_code_gives_an_apps_tokens_once(crm: Crm, store: StoreUnderTest) -> None:
    app = await crm.apps.create_app("app", ["CONTACTS.VIEW"])
    code = await crm.apps.create_app_code(app.app_id)
    assert not is_kept_in_clear(store, code.code)
    answer = await crm.tokens.app_code(app.app_id, app.app_secret, code.code)
    caller = await authenticate(crm.store, answer.access_token)
    assert caller.identity == Identity(
        type=IdentityType.APP,
        id=app.app_id,
        permissions=frozenset({Permission.CONTACTS_VIEW}),
    )
    assert answer.refresh_token is not None
    with pytest.raises(Unauthenticated):
        await crm.tokens.app_code(app.app_id, app.app_secret, code.code)


async def test_a_code_is_good_for_its_app_only_and_survives_wrong_attempts(crm: Crm) -> None:
    app, other = await crm.apps.create_app("app"), await crm.apps.create_app("other")
    code = (await crm.apps.create_app_code(app.app_id)).code
    for client_id, secret in (
        (other.app_id, other.app_secret),
        (app.app_id, other.app_secret),
        (other.app_id, app.app_secret),
    ):
        with pytest.raises(Unauthenticated):
            await crm.tokens.app_code(client_id, secret, code)
    assert (await crm.tokens.app_code(app.app_id, app.app_secret, code)).access_token


async def test_a_code_expires(crm: Crm) -> None:
    app = await crm.apps.create_app("app")
    subject = Subject(type=IdentityType.APP, app_id=app.app_id)
    code = await past_secret(crm, SecretKind.CODE, subject)
    with pytest.raises(Unauthenticated):
        await crm.tokens.app_code(app.app_id, app.app_secret, code)


async def test_a_deleted_app_takes_its_tokens_and_codes_along(
    crm: Crm, store: StoreUnderTest
) -> None:
    app = await crm.apps.create_app("app")
    code = (await crm.apps.create_app_code(app.app_id)).code
    answer = await crm.tokens.client_credentials(app.app_id, app.app_secret)
    await crm.apps.delete_app(app.app_id)
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, answer.access_token)
    for call in (
        crm.tokens.app_code(app.app_id, app.app_secret, code),
        crm.tokens.client_credentials(app.app_id, app.app_secret),
    ):
        with pytest.raises(Unauthenticated):
            await call
    assert counted(store, "tokens") == 0
    with pytest.raises(NotFound):
        await crm.apps.delete_app(app.app_id)


@pytest.mark.parametrize("app_id", ["", "x", None, "01900000-0000-7000-8000-000000000000"])
async def test_what_is_no_app_is_not_found(crm: Crm, app_id: Any) -> None:
    for call in (crm.apps.create_app_code, crm.apps.delete_app):
        with pytest.raises(NotFound):
            await call(app_id)
