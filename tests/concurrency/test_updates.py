"""Changes of one contact at once: each is whole, and none is lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from contactory.domain.contacts import Contact
from contactory.ops.crm import Crm
from tests.concurrency.changing import racing
from tests.concurrency.happened import faults, happened
from tests.concurrency.people import person
from tests.servers import run_command
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

WRITERS = 32
WAYS = ("one process", "four processes", "a server")
CHANGED = "CONTACT_ALREADY_CHANGED"


async def made(store: StoreUnderTest, *emails: str) -> list[Contact]:
    """Contacts that have one e-mail each."""
    async with await Crm.open(store.url) as crm:
        infos = [person(0, email) for email in emails]
        return [await crm.contacts.create_contact(info) for info in infos]


def left(store: StoreUnderTest, contact_id: str) -> dict[str, Any]:
    """The contact as it is now, once the store is seen to be whole."""
    found = happened(store)
    assert faults(found) == []
    checked = run_command(store, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return found.contacts[contact_id]


@pytest.mark.parametrize("way", WAYS)
async def test_of_32_updates_of_one_revision_one_wins_and_31_are_told_so(
    store: StoreUnderTest, way: str
) -> None:
    (contact,) = await made(store, "one@example.com")
    names = [f"Name {at}" for at in range(WRITERS)]
    async with racing(way, store) as race:
        told = await race([("update", [contact.id, 1, name]) for name in names])
    counts = Counter(told)
    (winner,) = counts.keys() & set(names)
    assert counts == {winner: 1, CHANGED: WRITERS - 1}
    after = left(store, contact.id)
    assert (after["revision"], after["info"]["name"]["first"]) == (2, winner)
    assert [slug for slug, *_ in happened(store).events[contact.id]] == ["created", "updated"]


@pytest.mark.parametrize("way", WAYS)
async def test_32_labels_given_at_once_are_all_there(store: StoreUnderTest, way: str) -> None:
    (contact,) = await made(store, "one@example.com")
    keys = [f"custom.label-{at}" for at in range(WRITERS)]
    async with await Crm.open(store.url) as crm:
        for at in range(WRITERS):
            await crm.labels.find_or_create_label(f"Label {at}")
    async with racing(way, store) as race:
        told = await race([("label", [contact.id, key]) for key in keys])
    assert sorted(told) == sorted(keys)
    after = left(store, contact.id)
    assert after["revision"] == 1 + WRITERS
    assert sorted(after["info"]["labelKeys"]["items"]) == sorted(keys)


@pytest.mark.parametrize("way", WAYS)
async def test_one_contact_merged_into_many_at_once_goes_into_one_of_them(
    store: StoreUnderTest, way: str
) -> None:
    source, *targets = await made(store, *(f"{at}@example.com" for at in range(9)))
    async with racing(way, store) as race:
        told = await race([("merge", [target.id, 1, source.id]) for target in targets])
    assert Counter(told) == {source.id: 1, "CONTACT_NOT_FOUND": 7}
    (winner,) = happened(store).holders("0@example.com")
    assert winner in [target.id for target in targets]
    assert left(store, winner)["revision"] == 2
    assert sorted(one["revision"] for one in happened(store).contacts.values()) == [1] * 7 + [2]


@pytest.mark.parametrize("way", WAYS)
async def test_an_update_and_merges_of_one_revision_let_one_win(
    store: StoreUnderTest, way: str
) -> None:
    target, *sources = await made(store, *(f"{at}@example.com" for at in range(9)))
    tasks: list[tuple[str, list[Any]]] = [
        ("merge", [target.id, 1, source.id]) for source in sources
    ]
    tasks += [("update", [target.id, 1, f"Name {at}"]) for at in range(8)]
    async with racing(way, store) as race:
        told = Counter(await race(tasks))
    refusals = told["FAILED_PRECONDITION"] + told[CHANGED]
    assert refusals == len(tasks) - 1
    assert left(store, target.id)["revision"] == 2
