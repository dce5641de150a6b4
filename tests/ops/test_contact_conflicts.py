"""What the store itself refuses, when two writers both looked and found nobody."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from contactory.domain.contact_events import contact_created
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, Source
from contactory.domain.errors import ContactIdAlreadyExists, DuplicateContact
from contactory.domain.identities import OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id_at
from contactory.ops.crm import Crm
from contactory.store.contacts import ContactWrite, Entry, insert_contact
from contactory.store.engine import Transaction
from tests.ops.surroundings import counted
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def insert(
    crm: Crm, *emails: str, phone: str = "", contact_id: str = "", allow: bool = False
) -> Contact:
    """Insert without looking first, as the later one of two racing writers does."""
    info = {
        "name": {"first": "Ada"},
        "emails": {"items": [{"email": email} for email in emails]},
        "phones": {"items": [{"phone": phone, "countryCode": "US"}] if phone else []},
    }
    read, now = read_info(info), Timestamp.current()
    contact = new_contact(
        read,
        {},
        contact_id=contact_id or new_id_at(now.ms),
        source=Source(source_type="ADMIN"),
        now=now,
    )
    write = ContactWrite(
        contact=contact,
        emails=[Entry(key, not allow) for key in read.email_keys],
        phones=[Entry(key, not (allow or emails)) for key in read.phone_keys],
        events=[contact_created(contact, OWNER, now)],
    )

    async def work(tx: Transaction) -> Contact:
        await insert_contact(tx, crm.context.site, write)
        return contact

    return await crm.store.write(work)


def rows(store: StoreUnderTest) -> list[int]:
    tables = ("contacts", "contact_emails", "contact_phones", "outbox")
    return [counted(store, table) for table in tables]


async def test_the_later_writer_of_an_email_is_refused_with_the_first_ones_id(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await insert(crm, "a@example.com")
    with pytest.raises(DuplicateContact) as refused:
        await insert(crm, "b@example.com", "A@example.com")
    assert refused.value.contact_id == first.id
    assert refused.value.email == "A@example.com"
    assert rows(store) == [1, 1, 0, 1]


async def test_the_later_writer_of_a_phone_alone_is_refused(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await insert(crm, phone="6465676359")
    with pytest.raises(DuplicateContact) as refused:
        await insert(crm, phone="(646) 567-6359")
    assert refused.value.contact_id == first.id
    assert refused.value.phone == "646-567-6359"
    assert rows(store) == [1, 0, 1, 1]


async def test_a_taken_id_is_refused_and_adds_nothing_to_who_has_it(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await insert(crm, "a@example.com", phone="6465676359")
    for emails in ((), ("b@example.com",), ("b@example.com", "c@example.com")):
        with pytest.raises(ContactIdAlreadyExists):
            await insert(crm, *emails, contact_id=first.id)
    assert rows(store) == [1, 1, 1, 1]


async def test_writers_of_one_group_do_not_suffer_from_a_refused_one(
    crm: Crm, store: StoreUnderTest
) -> None:
    emails = [f"{number % 20}@example.com" for number in range(30)]
    done = await asyncio.gather(*(insert(crm, email) for email in emails), return_exceptions=True)
    assert Counter(type(one) for one in done) == {Contact: 20, DuplicateContact: 10}
    assert rows(store) == [20, 20, 0, 20]


async def test_an_allowed_duplicate_is_inserted_beside_the_first(
    crm: Crm, store: StoreUnderTest
) -> None:
    await insert(crm, "a@example.com")
    await insert(crm, "a@example.com", allow=True)
    assert rows(store) == [2, 2, 0, 2]
