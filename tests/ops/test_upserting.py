"""Writing over a contact that may be there or not, one or many (CONTRACT B.14)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contactory.domain.contact_upserting import UpsertAction
from contactory.domain.contacts import Contact, ContactInfo, Name
from contactory.domain.errors import (
    DuplicateContact,
    InsufficientContactData,
    InvalidArgument,
    LabelNotFound,
    MultiplePrimaryInfo,
    PermissionDenied,
)
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.crm import Crm
from tests.ops.surroundings import call, counted, fields_named, mail, next_millisecond, stored
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


def emails(contact: Contact) -> list[tuple[str, bool | None]]:
    return [(entry.email, entry.primary) for entry in contact.info.emails.items]


async def test_an_unknown_person_is_created(crm: Crm) -> None:
    done = await crm.contacts.upsert_contact(mail("ada@example.com", company="Engines"))
    assert done.action is UpsertAction.CREATED
    assert await crm.contacts.get_contact(done.contact.id) == done.contact
    assert done.contact.info.company == "Engines"
    with pytest.raises(DuplicateContact):
        await crm.contacts.create_contact(mail("ada@example.com"))


async def test_of_a_known_one_single_values_are_overwritten_and_lists_grow(crm: Crm) -> None:
    before = await crm.contacts.create_contact(
        mail(
            "ada@example.com",
            name={"first": "Ada", "last": "Byron"},
            company="Engines",
            jobTitle="Countess",
            labelKeys={"items": ["custom.a"]},
            extendedFields={"items": {"custom.food": "Tea", "custom.pet": "Cat"}},
        )
    )
    sent = mail(
        "ADA@example.com",
        "new@example.com",
        name={"last": "Lovelace"},
        company="Looms",
        jobTitle="",
        labelKeys={"items": ["custom.b"]},
        extendedFields={"items": {"custom.food": "Cake", "custom.age": 36}},
    )
    done = await crm.contacts.upsert_contact(sent)
    after = await crm.contacts.get_contact(before.id)
    assert done.action is UpsertAction.UPDATED
    assert done.contact == after
    assert after.revision == 2
    assert after.info.name == Name(first="Ada", last="Lovelace")
    assert (after.info.company, after.info.job_title) == ("Looms", "Countess")
    assert emails(after) == [("ada@example.com", True), ("new@example.com", False)]
    assert after.info.emails.items[0] == before.info.emails.items[0]
    assert after.info.label_keys.items == ("custom.a", "custom.b")
    fields = after.info.extended_fields.items
    assert (fields["custom.food"], fields["custom.pet"], fields["custom.age"]) == (
        "Cake",
        "Cat",
        36,
    )
    assert fields["contacts.displayByFirstName"] == "Ada Lovelace"
    assert after.last_activity == before.last_activity
    assert (after.source, after.created_date) == (before.source, before.created_date)
    assert await crm.maintenance.check() == []
    by_value = await crm.contacts.find_contacts(
        {"filter": {"info.extendedFields.custom.food": "Cake"}}
    )
    assert by_value.contacts == (after,)


async def test_without_an_email_the_phone_finds_and_with_one_it_does_not(crm: Crm) -> None:
    before = await crm.contacts.create_contact(call("6465676359"))
    done = await crm.contacts.upsert_contact(call("(646) 567-6359", company="Looms"))
    assert (done.contact.id, done.action) == (before.id, UpsertAction.UPDATED)
    other = await crm.contacts.upsert_contact(mail("a@example.com") | call("6465676359"))
    assert other.action is UpsertAction.CREATED
    assert other.contact.id != before.id


async def test_a_name_alone_finds_nobody(crm: Crm) -> None:
    info = {"name": {"first": "Ada"}}
    done = [await crm.contacts.upsert_contact(info) for _ in range(2)]
    assert [one.action for one in done] == [UpsertAction.CREATED] * 2
    assert done[0].contact.id != done[1].contact.id


async def test_an_email_of_a_third_contact_is_not_gained(crm: Crm, store: StoreUnderTest) -> None:
    first = await crm.contacts.create_contact(mail("a@example.com"))
    second = await crm.contacts.create_contact(mail("b@example.com"))
    before = stored(store)
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.upsert_contact(mail("a@example.com", "n@example.com", "B@example.com"))
    assert (refused.value.contact_id, refused.value.email) == (second.id, "B@example.com")
    assert stored(store) == before
    assert await crm.contacts.get_contact(first.id) == first


async def test_lists_that_would_become_too_long_are_refused_not_cut(crm: Crm) -> None:
    addresses = [f"{at}@example.com" for at in range(49)]
    before = await crm.contacts.create_contact(mail(*addresses))
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.upsert_contact(mail("0@example.com", "x@example.com", "y@example.com"))
    (violation,) = refused.value.violations
    assert (violation.field, violation.violated_rule) == ("info.emails.items", "MAX_SIZE")
    assert violation.data == {"threshold": 50}
    assert await crm.contacts.get_contact(before.id) == before
    done = await crm.contacts.upsert_contact(mail("0@example.com", "x@example.com"))
    assert len(done.contact.info.emails.items) == 50


async def test_a_contact_that_shares_its_email_can_be_upserted(crm: Crm) -> None:
    first = await crm.contacts.create_contact(mail("a@example.com"))
    await next_millisecond()
    await crm.contacts.create_contact(mail("a@example.com"), {"allowDuplicates": True})
    done = await crm.contacts.upsert_contact(mail("a@example.com", "n@example.com"))
    assert (done.contact.id, done.action) == (first.id, UpsertAction.UPDATED)
    with pytest.raises(DuplicateContact):
        await crm.contacts.create_contact(mail("n@example.com"))


async def test_a_phone_is_no_longer_guarded_beside_an_email(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.contacts.create_contact(call("6465676359"))
    assert counted(store, "contact_phones WHERE exclusive") == 1
    await crm.contacts.upsert_contact(call("6465676359"))
    assert counted(store, "contact_phones WHERE exclusive") == 1
    done = await crm.contacts.create_contact(mail("b@example.com"))
    await crm.contacts.upsert_contact(mail("b@example.com") | call("2025550123"))
    assert counted(store, "contact_phones WHERE exclusive") == 1
    assert len((await crm.contacts.get_contact(done.id)).info.phones.items) == 1


@pytest.mark.parametrize(
    ("info", "error"),
    [
        ({"company": "X"}, InsufficientContactData),
        (mail("x"), InvalidArgument),
        (None, InvalidArgument),
        (mail("a@example.com", labelKeys={"items": ["else.where"]}), LabelNotFound),
        (
            {"emails": {"items": [{"email": f"{n}@x.com", "primary": True} for n in "ab"]}},
            MultiplePrimaryInfo,
        ),
    ],
)
async def test_what_cannot_be_is_refused(
    crm: Crm, store: StoreUnderTest, info: Any, error: type[Exception]
) -> None:
    await crm.contacts.create_contact(mail("a@example.com"))
    before = stored(store)
    with pytest.raises(error):
        await crm.contacts.upsert_contact(info)
    assert stored(store) == before


async def test_upserts_of_one_email_at_once_make_one_contact(crm: Crm) -> None:
    done = await asyncio.gather(
        *[
            crm.contacts.upsert_contact(mail("a@example.com", f"{at}@example.com"))
            for at in range(16)
        ]
    )
    assert [one.action for one in done].count(UpsertAction.CREATED) == 1
    assert len({one.contact.id for one in done}) == 1
    (contact,) = (await crm.contacts.list_contacts()).contacts
    assert (contact.revision, len(contact.info.emails.items)) == (16, 17)


async def test_a_bulk_upsert_says_what_became_of_each_and_one_stops_no_other(crm: Crm) -> None:
    known = await crm.contacts.create_contact(mail("known@example.com"))
    items = [
        mail("known@example.com", company="Looms"),
        mail("x"),
        {"company": "X"},
        mail("new@example.com"),
        mail("NEW@example.com", company="Engines"),
        7,
    ]
    done = await crm.contacts.bulk_upsert_contacts(items)  # type: ignore[arg-type]
    told = [
        (
            one.metadata.original_index,
            one.metadata.success,
            str(one.metadata.action),
            one.metadata.error and one.metadata.error.code,
        )
        for one in done.results
    ]
    assert told == [
        (0, True, "UPDATED", None),
        (1, False, "UNKNOWN", "INVALID_ARGUMENT"),
        (2, False, "UNKNOWN", "INSUFFICIENT_CONTACT_DATA"),
        (3, True, "CREATED", None),
        (4, True, "UPDATED", None),
        (5, False, "UNKNOWN", "INVALID_ARGUMENT"),
    ]
    assert done.results[0].metadata.id == known.id
    assert done.results[3].metadata.id == done.results[4].metadata.id
    assert done.results[1].metadata.id is None
    error = done.results[1].metadata.error
    assert error is not None
    assert error.message.startswith("info[1].emails.items[0].email ")
    totals = done.metadata
    assert (totals.total_success, totals.total_failure) == (3, 3)
    assert (totals.total_created, totals.total_updated) == (1, 2)
    assert {one.contact for one in done.results} == {None}
    assert (await crm.contacts.get_contact(known.id)).info.company == "Looms"
    assert (await crm.contacts.count_contacts()).count == 2


async def test_a_bulk_upsert_returns_the_contacts_when_asked(crm: Crm) -> None:
    infos = [ContactInfo(name=Name(first="Ada")), mail("x")]
    done = await crm.contacts.bulk_upsert_contacts(infos, {"return_full_entity": True})
    first, second = done.results
    assert first.contact is not None
    assert await crm.contacts.get_contact(first.contact.id) == first.contact
    assert second.contact is None


@pytest.mark.parametrize("infos", [None, [], "text", {"name": {}}, [mail("a@x.com")] * 101])
async def test_a_bulk_upsert_takes_1_to_100(crm: Crm, store: StoreUnderTest, infos: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.bulk_upsert_contacts(infos)
    assert fields_named(refused.value) == ["info"]
    assert counted(store, "contacts") == 0


async def test_100_items_are_taken_and_what_is_not_stored_is_told(crm: Crm) -> None:
    infos = [mail(f"{at}@example.com") for at in range(99)] + [mail("z@example.com", shoeSize=7)]
    with pytest.warns(IgnoredValues, match=r"info\[99\]\.shoeSize"):
        done = await crm.contacts.bulk_upsert_contacts(infos)
    assert done.metadata.total_created == 100
    assert (await crm.contacts.count_contacts()).count == 100


async def test_only_who_may_modify_upserts(crm: Crm) -> None:
    async with crm.acting_as(Identity.visitor("v")):
        with pytest.raises(PermissionDenied):
            await crm.contacts.upsert_contact(mail("a@example.com"))
