"""Idempotency keys: one call, one contact, however often it is sent."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import Any

import pytest

from contactory.domain.contacts import ContactInfo, Name
from contactory.domain.errors import DuplicateContact, IdempotencyKeyReused, MalformedRequest
from contactory.domain.identities import Identity
from contactory.domain.permissions import MANAGE_CONTACTS
from contactory.ops.crm import Crm
from tests.ops.surroundings import code_of, counted, mail, stored
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


def _circle() -> dict[str, Any]:
    circle: dict[str, Any] = {}
    circle["itself"] = circle
    return circle


async def test_the_same_key_and_body_answer_the_first_result_again(
    crm: Crm, store: StoreUnderTest
) -> None:
    info = mail("ada@example.com", extendedFields={"items": {"custom.age": 36}})
    first = await crm.contacts.create_contact(info, idempotency_key="k-1")
    before = stored(store)
    again = await crm.contacts.create_contact(info, None, idempotency_key="k-1")
    assert again == first
    assert again.to_json() == first.to_json()
    assert stored(store) == before


async def test_another_key_is_another_call(crm: Crm, store: StoreUnderTest) -> None:
    info = {"name": {"first": "Ada"}}
    one = await crm.contacts.create_contact(info, idempotency_key="k-1")
    two = await crm.contacts.create_contact(info, idempotency_key="k-2")
    assert one.id != two.id
    assert counted(store, "idempotency_keys") == 2


async def test_the_same_key_with_another_body_is_refused(crm: Crm, store: StoreUnderTest) -> None:
    await crm.contacts.create_contact({"name": {"first": "Ada"}}, idempotency_key="k-1")
    for info, options in (
        ({"name": {"first": "Bob"}}, None),
        ({"name": {"first": "Ada"}}, {"allowDuplicates": True}),
    ):
        with pytest.raises(IdempotencyKeyReused):
            await crm.contacts.create_contact(info, options, idempotency_key="k-1")
    assert counted(store, "contacts") == 1


async def test_callers_and_sites_do_not_share_keys(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    info = {"name": {"first": "Ada"}}
    made = [
        await site.contacts.create_contact(info, idempotency_key="k") for site in (crm, elsewhere)
    ]
    for user_id in ("u-1", "u-2"):
        async with crm.acting_as(Identity.user(MANAGE_CONTACTS, user_id)):
            made.append(await crm.contacts.create_contact(info, idempotency_key="k"))
    assert len({contact.id for contact in made}) == 4


async def test_the_same_key_at_once_makes_one_contact_and_one_answer(
    crm: Crm, store: StoreUnderTest
) -> None:
    info = {"name": {"first": "Ada"}}
    async with await Crm.open(store.url) as other:
        calls = [
            site.contacts.create_contact(info, idempotency_key="k")
            for _ in range(8)
            for site in (crm, other)
        ]
        made = await asyncio.gather(*calls)
    assert len({contact.to_json() for contact in made}) == 1
    assert counted(store, "contacts") == counted(store, "outbox") == 1


async def test_the_same_key_at_once_with_two_bodies_is_won_by_one(crm: Crm) -> None:
    calls = [
        crm.contacts.create_contact({"name": {"first": name}}, idempotency_key="k")
        for name in ("Ada", "Bob")
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    codes = sorted(code_of(outcome) for outcome in outcomes)
    assert codes == ["Contact", "IDEMPOTENCY_KEY_REUSED"]


async def test_a_refused_call_does_not_use_up_its_key(crm: Crm, store: StoreUnderTest) -> None:
    await crm.contacts.create_contact(mail("ada@example.com"))
    with pytest.raises(DuplicateContact):
        await crm.contacts.create_contact(mail("ada@example.com"), idempotency_key="k")
    assert counted(store, "idempotency_keys") == 0
    await crm.contacts.create_contact(mail("bob@example.com"), idempotency_key="k")


async def test_a_key_is_free_again_after_24_hours(crm: Crm, store: StoreUnderTest) -> None:
    first = await crm.contacts.create_contact({"name": {"first": "Ada"}}, idempotency_key="k")
    _age_keys(store, 24 * 3600 - 60)
    again = await crm.contacts.create_contact({"name": {"first": "Ada"}}, idempotency_key="k")
    assert again == first
    _age_keys(store, 60)
    second = await crm.contacts.create_contact({"name": {"first": "Bob"}}, idempotency_key="k")
    assert second.id != first.id
    assert counted(store, "idempotency_keys") == 1


def _age_keys(store: StoreUnderTest, seconds: int) -> None:
    store.change(f"UPDATE idempotency_keys SET created_at = created_at - {seconds * 1000}")


@pytest.mark.parametrize("key", ["", "k" * 256, "a\nb", "\0", "\ud800", 5, b"k"])
async def test_a_key_is_1_to_255_printable_characters(
    crm: Crm, store: StoreUnderTest, key: Any
) -> None:
    with pytest.raises(MalformedRequest):
        await crm.contacts.create_contact({"name": {"first": "Ada"}}, idempotency_key=key)
    assert counted(store, "contacts") == 0
    assert await crm.contacts.create_contact({"name": {"first": "A"}}, idempotency_key="k" * 255)


@pytest.mark.parametrize(
    "unusable",
    [{1: "a", "b": 2}, {"n": 10**5000}, {"nested": _circle()}],
    ids=["names of two kinds", "an endless number", "a circle"],
)
async def test_with_a_key_what_has_no_form_in_json_is_refused(
    crm: Crm, store: StoreUnderTest, unusable: dict[Any, Any]
) -> None:
    info = {"name": {"first": "Ada"}, "unknown": unusable}
    with pytest.raises(MalformedRequest, match="form in JSON"):
        await crm.contacts.create_contact(info, idempotency_key="k")
    assert counted(store, "contacts") == 0


async def test_a_struct_and_its_mapping_are_one_call(crm: Crm, store: StoreUnderTest) -> None:
    first = await crm.contacts.create_contact(
        ContactInfo(name=Name(first="Ada")), idempotency_key="k"
    )
    again = await crm.contacts.create_contact(
        MappingProxyType({"name": {"first": "Ada"}}), idempotency_key="k"
    )
    assert again == first
    assert counted(store, "contacts") == 1
