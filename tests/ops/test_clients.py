"""OAuth clients: made, listed, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import InvalidArgument, NotFound, PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity
from contactory.domain.permissions import GRANTABLE, Permission
from contactory.ops.authentication import authenticate
from contactory.ops.crm import Crm
from tests.ops.surroundings import counted, fields_named
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def test_clients_are_listed_oldest_first(crm: Crm) -> None:
    first, second = await crm.clients.create_client("web"), await crm.clients.create_client("web")
    assert await crm.clients.list_clients() == [first, second]
    assert (first.name, first.site_id) == ("web", crm.context.site_id)
    assert first.client_id != second.client_id


async def test_a_client_needs_a_name(crm: Crm, store: StoreUnderTest) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.clients.create_client("")
    assert fields_named(refused.value) == ["name"]
    assert counted(store, "oauth_clients") == 0


async def test_only_who_manages_access_handles_clients(crm: Crm) -> None:
    client = await crm.clients.create_client("web")
    async with crm.acting_as(Identity.user(GRANTABLE - {Permission.ACCESS_MANAGE})):
        for call in (
            crm.clients.create_client("web"),
            crm.clients.list_clients(),
            crm.clients.delete_client(client.client_id),
        ):
            with pytest.raises(PermissionDenied):
                await call
    assert await crm.clients.list_clients() == [client]


async def test_a_deleted_client_takes_along_the_tokens_had_through_it(
    crm: Crm, store: StoreUnderTest
) -> None:
    client, other = await crm.clients.create_client("web"), await crm.clients.create_client("app")
    lost = await crm.tokens.anonymous(client.client_id)
    kept = await crm.tokens.anonymous(other.client_id)
    await crm.clients.delete_client(client.client_id.upper())
    with pytest.raises(Unauthenticated):
        await authenticate(crm.store, lost.access_token)
    with pytest.raises(Unauthenticated):
        await crm.tokens.refresh(client.client_id, lost.refresh_token or "")
    with pytest.raises(Unauthenticated):
        await crm.tokens.anonymous(client.client_id)
    assert (await authenticate(crm.store, kept.access_token)).credential == "access_token"
    assert counted(store, "tokens") == 2


@pytest.mark.parametrize("client_id", ["", "x", None, "01900000-0000-7000-8000-000000000000"])
async def test_what_is_no_client_is_not_found(crm: Crm, client_id: Any) -> None:
    with pytest.raises(NotFound):
        await crm.clients.delete_client(client_id)
