"""Copies on SQLite of contacts whose ids give one number: its index of words goes by numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from contactory.domain.contact_events import contact_created
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, Source
from contactory.domain.identities import OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, number_of
from contactory.ops.crm import Crm
from contactory.ops.event_delivering import DeliveryQueue
from contactory.ops.maintenance import copy
from contactory.store.contacts import ContactWrite, insert_contact
from tests.ops.test_copying import content
from tests.stores import SqliteFile, StoreUnderTest

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("store", ["postgres"], indirect=True),
]


async def twins(crm: Crm, elsewhere: Crm) -> list[Contact]:
    """Contacts whose ids give one number: two at one site, one at another; and the next number.

    Two processes may make such ids in one millisecond.
    """
    now = Timestamp.current()
    ids = []
    for count, tail in ((0, 1), (0, 2), (0, 3), (1, 1)):
        whole = (now.ms << 80) | (7 << 76) | (2 << 62) | (count << 59) | tail
        ids.append(str(UUID(int=whole)))
    numbers = [number_of(RowId(one)) for one in ids]
    assert numbers == [numbers[0], numbers[0], numbers[0], numbers[0] + 1]
    sites = (crm, crm, elsewhere, crm)
    return [
        await made_with_id(site, contact_id, f"Twin{at}", now)
        for at, (site, contact_id) in enumerate(zip(sites, ids, strict=True))
    ]


async def made_with_id(crm: Crm, contact_id: str, name: str, now: Timestamp) -> Contact:
    read = read_info({"name": {"first": name, "last": "Common"}})
    source = Source(source_type="ADMIN")
    contact = new_contact(read, {}, contact_id=contact_id, source=source, now=now)
    write = ContactWrite(contact=contact, events=[contact_created(contact, OWNER, now)])
    await crm.store.write(lambda tx: insert_contact(tx, crm.context.site, write))
    return contact


async def test_contacts_of_one_number_are_all_in_a_copy(
    store: StoreUnderTest, crm: Crm, elsewhere: Crm, tmp_path: Path
) -> None:
    target = SqliteFile(tmp_path / "target.db")
    first, second, abroad, third = await twins(crm, elsewhere)
    await DeliveryQueue(crm.store, crm.settings).place_all()
    await copy(store.url, target.url)

    assert content(target) == content(store)
    order = [row[0] for row in target.rows("SELECT id FROM contacts ORDER BY site_id, number")]
    assert [one for one in order if one != abroad.id] == [first.id, second.id, third.id]
    async with await Crm.open(target.url) as copied:
        assert await copied.maintenance.check() == []
        assert await walked(copied, "common") == [first.id, second.id, third.id]
        changed = {"name": {"first": "Changed", "last": "Common"}}
        await copied.contacts.update_contact(second.id, changed, 1)
        assert await found(copied, "twin1") == []
        assert await found(copied, "changed") == [second.id]
        await copied.contacts.delete_contact(second.id)
        assert await found(copied, "common") == [first.id, third.id]
        assert await copied.maintenance.check() == []
    words = target.words()
    assert {one for one, _, _ in words} == {first.id, abroad.id, third.id}


async def walked(crm: Crm, words: str) -> list[str]:
    """The contacts that a search finds, one page after the other."""
    asked = {
        "search": {"expression": words},
        "sort": [{"fieldName": "createdDate", "order": "ASC"}],
    }
    ids: list[str] = []
    paging: dict[str, Any] = {"limit": 1}
    while True:
        page = await crm.contacts.search_contacts(asked | {"cursorPaging": paging})
        ids += [contact.id for contact in page.contacts]
        assert page.cursor_paging_metadata is not None
        cursors = page.cursor_paging_metadata.cursors
        if cursors is None or cursors.next is None:
            return ids
        paging = {"limit": 1, "cursor": cursors.next}


async def found(crm: Crm, words: str) -> list[str]:
    return [contact.id for contact in (await crm.contacts.search_contacts(words)).contacts]
