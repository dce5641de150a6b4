"""The longest texts in the rarest letters, which take more room than a database's index has."""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

from contactory.domain.errors import UnsupportedFilterValue
from contactory.ops.crm import Crm
from tests.ops.surroundings import mail

pytestmark = pytest.mark.anyio

LONGEST: Final = 1000
HAN: Final = (0x20000, 0x2A6DF)
"""Letters of four bytes without letter case."""

PATHS: Final = (
    "info.name.first",
    "info.name.last",
    "info.company",
    "info.jobTitle",
    "info.addresses.city",
    "info.addresses.street",
    "info.extendedFields.custom.motto",
)
LONG_EMAIL: Final = f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.com"


def rare(letters: random.Random, length: int) -> str:
    """A text that no database can make shorter."""
    return "".join(chr(letters.randint(*HAN)) for _ in range(length))


def of_longest_texts(seed: int) -> dict[str, Any]:
    letters = random.Random(seed)
    address = {"city": rare(letters, LONGEST), "addressLine": rare(letters, LONGEST)}
    return {
        "name": {"first": rare(letters, LONGEST), "last": rare(letters, LONGEST)},
        "company": rare(letters, LONGEST),
        "jobTitle": rare(letters, LONGEST),
        "addresses": {"items": [{"address": address}]},
        "extendedFields": {"items": {"custom.motto": rare(letters, LONGEST)}},
    }


async def found_by(crm: Crm, path: str, test: Any) -> list[str]:
    found = await crm.contacts.query_contacts({"filter": {path: test}})
    return [contact.id for contact in found.items]


async def paged(crm: Crm, path: str) -> list[str]:
    """All ids in the order of the field, one page of one after the other."""
    query = {"sort": [{"fieldName": path}]}
    paging: dict[str, Any] = {"limit": 1}
    ids: list[str] = []
    while True:
        page = await crm.contacts.find_contacts({**query, "cursorPaging": paging})
        ids += [contact.id for contact in page.contacts]
        cursors = page.paging_metadata.cursors
        if cursors is None or cursors.next is None:
            return ids
        paging = {"limit": 1, "cursor": cursors.next}


async def test_contacts_of_the_longest_texts_are_found_by_beginnings_and_paged_in_order(
    crm: Crm,
) -> None:
    made = [await crm.contacts.create_contact(of_longest_texts(seed)) for seed in range(4)]
    for contact in made:
        assert (await crm.contacts.get_contact(contact.id)).info == contact.info
    for path in PATHS:
        texts = {contact.id: text_at(contact.to_rest(), path) for contact in made}
        for contact_id, text in texts.items():
            assert await found_by(crm, path, {"$startsWith": text[:150]}) == [contact_id]
            assert await found_by(crm, path, text[:150]) == []
            with pytest.raises(UnsupportedFilterValue, match="200 characters and 600 bytes"):
                await found_by(crm, path, text[:151])
        if ".addresses." not in path:
            assert await paged(crm, path) == sorted(texts, key=lambda one: texts[one])


async def test_texts_of_200_characters_are_found_whole(crm: Crm) -> None:
    text = "字" * 200
    made = await crm.contacts.create_contact({"name": {"last": "Sun"}, "company": text})
    await crm.contacts.create_contact({"name": {"last": "Moon"}, "company": text + "字"})
    assert await found_by(crm, "info.company", text) == [made.id]


async def test_the_longest_email_is_found_and_paged_by(crm: Crm) -> None:
    assert len(LONG_EMAIL) > 200
    long = await crm.contacts.create_contact(mail(LONG_EMAIL.upper()))
    other = await crm.contacts.create_contact(mail("z@example.com"))
    for path in ("info.emails.email", "primaryInfo.email"):
        assert await found_by(crm, path, LONG_EMAIL) == [long.id]
    assert await paged(crm, "primaryInfo.email") == [long.id, other.id]


def text_at(contact: dict[str, Any], path: str) -> str:
    """The text of a contact in the REST names at the path of a filter."""
    info = contact["info"]
    match path.split(".")[1:]:
        case ["addresses", "street"]:
            return str(info["addresses"]["items"][0]["address"]["addressLine"])
        case ["addresses", part]:
            return str(info["addresses"]["items"][0]["address"][part])
        case ["extendedFields", *key]:
            return str(info["extendedFields"]["items"][".".join(key)])
        case ["name", part]:
            return str(info["name"][part])
        case [part]:
            return str(info[part])
        case _:
            raise ValueError(path)
