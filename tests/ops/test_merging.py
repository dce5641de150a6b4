"""Merges: what the target gains, what becomes of the sources, what is refused (CONTRACT E.2)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.errors import (
    ContactNotFound,
    ContactoryError,
    DuplicateContact,
    FailedPrecondition,
    IllegalMerge,
    InvalidArgument,
    PermissionDenied,
)
from contactory.domain.identities import Identity
from contactory.domain.merges import MergeContactsOptions
from contactory.domain.modified_fields import modified_fields_json
from contactory.domain.permissions import Permission
from contactory.kit.clock import Timestamp
from contactory.ops.crm import Crm
from contactory.store.email_statuses import record_email_status
from tests.ops.merge_rows import all_rows, derived, guarded, told
from tests.ops.merges_made import (
    ALLOWING,
    NOBODY,
    all_contacts,
    attach,
    made,
    made_for_member,
    merged,
    three,
    visitor_contact,
)
from tests.ops.surroundings import call, code_of, fields_named, mail
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

# What a merge does


async def test_the_target_gains_what_it_lacks_and_keeps_what_it_has(crm: Crm) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    info = contact.info
    assert contact.id == target.id
    assert contact.revision == 2
    assert [entry.email for entry in info.emails.items] == [
        "ada@example.com",
        "byron@example.com",
        "a.b@example.com",
        "king@example.com",
    ]
    assert [entry.primary for entry in info.emails.items] == [True, False, False, False]
    assert [entry.primary for entry in info.phones.items] == [True, False]
    assert (info.company, info.job_title, info.locale) == ("Engines", "Writer", "en-GB")
    assert info.label_keys.items == ("custom.vip", "custom.poet")
    custom = {key: value for key, value in info.extended_fields.items.items() if "custom" in key}
    assert custom == {"custom.food": "Tea", "custom.born": "1815-12-10", "custom.age": 36}
    assert contact.last_activity is not None
    assert contact.last_activity.activity_type == "CONTACT_MERGED"
    assert contact.last_activity.activity_date == contact.updated_date
    assert await crm.contacts.get_contact(target.id) == contact


async def test_j13_sources_are_gone_and_their_ids_give_the_target(crm: Crm) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    assert await all_contacts(crm) == [contact]
    assert (await crm.contacts.count_contacts()).count == 1
    for source in (first, second):
        assert await crm.contacts.get_contact(source.id) == contact
        for refused in (
            crm.contacts.update_contact(source.id, {"company": "X"}, source.revision),
            crm.contacts.delete_contact(source.id),
            crm.contacts.label_contact(source.id, ["custom.vip"]),
            merged(crm, contact, source),
            merged(crm, source, contact),
        ):
            with pytest.raises(ContactNotFound):
                await refused


async def test_a_chain_of_merges_gives_its_last_target(crm: Crm) -> None:
    a, b, c = [await made(crm, {"name": {"first": name}}) for name in "ABC"]
    await merged(crm, b, a)
    last = await merged(crm, c, await crm.contacts.get_contact(b.id))
    assert [await crm.contacts.get_contact(one.id) for one in (a, b, c)] == [last] * 3
    await crm.contacts.delete_contact(c.id)
    for gone in (a, b, c):
        with pytest.raises(ContactNotFound):
            await crm.contacts.get_contact(gone.id)


async def test_what_follows_from_contacts_is_that_of_the_target_alone(
    crm: Crm, store: StoreUnderTest, another_store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    found = derived(store)
    async with await Crm.open(another_store.url) as fresh:
        await fresh.extended_fields.find_or_create_extended_field("Born", "DATE")
        await fresh.contacts.create_contact(contact.info)
    plain = derived(another_store)
    assert found["counts"] == plain["counts"]
    assert [row[1:] for row in found["words"]] == [row[1:] for row in plain["words"]]
    values = [
        [(row[1], *row[3:]) for row in rows["contact_field_values"]] for rows in (found, plain)
    ]
    assert values[0] == values[1]
    assert len(values[0]) == 3
    assert len(found["contact_terms"]) == len(plain["contact_terms"])
    assert await crm.maintenance.check() == []


async def test_values_that_are_gained_are_found_by_their_types(crm: Crm) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    for filtered in (
        {"info.extendedFields.custom.age": {"$gt": 30}},
        {"info.extendedFields.custom.born": {"$lt": "1900-01-01"}},
        {"info.labelKeys": {"$hasAll": ["custom.vip", "custom.poet"]}},
        {"info.emails.email": "king@example.com"},
        {"info.addresses.city": "London"},
    ):
        page = await crm.contacts.find_contacts({"filter": filtered})
        assert list(page.contacts) == [contact]


async def test_the_recorded_status_of_a_gained_primary_email_shows(crm: Crm) -> None:
    target = await made(crm, {"name": {"first": "Ada"}})
    source = await made(crm, mail("ada@example.com"))
    status = EmailStatus("SUBSCRIBED", "VALID")
    now = Timestamp.current()
    await crm.store.write(
        lambda tx: record_email_status(tx, crm.context.site, "ada@example.com", status, now)
    )
    contact = await merged(crm, target, source)
    assert contact.primary_email is not None
    assert contact.primary_email.subscription_status == "SUBSCRIBED"
    assert await crm.contacts.get_contact(target.id) == contact


async def test_visitors_of_a_source_are_the_targets_then(crm: Crm, store: StoreUnderTest) -> None:
    target, source = await made(crm, call("2025550111")), await made(crm, mail("a@example.com"))
    await attach(crm, "visitor-1", source)
    await attach(crm, "visitor-2", target)
    await merged(crm, target, source)
    assert [await visitor_contact(crm, one) for one in ("visitor-1", "visitor-2")] == [
        target.id,
        target.id,
    ]


async def test_events_tell_of_the_update_the_merge_and_the_deletions(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    plain, modified = contact.to_rest(), json.loads(modified_fields_json(target, contact))
    assert told(store, target.id)[1:] == [
        (
            "updated",
            3,
            {
                "updatedEvent": {"currentEntity": plain, "modifiedFields": modified},
                "originatedFrom": "merge",
            },
        ),
        (
            "merged",
            4,
            {
                "actionEvent": {
                    "body": {
                        "targetContactId": target.id,
                        "sourceContactIds": [first.id, second.id],
                        "targetContact": plain,
                    }
                }
            },
        ),
    ]
    for source in (first, second):
        assert told(store, source.id)[1:] == [
            ("deleted", 3, {"deletedEvent": {}, "originatedFrom": "merge"})
        ]


async def test_the_options_may_be_a_struct_and_one_id_may_stand_alone(crm: Crm) -> None:
    a, b, c = [await made(crm, {"name": {"first": name}}) for name in "ABC"]
    options = MergeContactsOptions(source_contact_ids=[b.id.upper()])
    contact = await crm.contacts.merge_contacts(a.id.upper(), 1, options)
    assert contact.id == a.id
    await crm.contacts.merge_contacts(a.id, 2, {"source_contact_ids": c.id})
    assert len(await all_contacts(crm)) == 1


async def test_a_member_can_be_the_target_and_stays_a_member(crm: Crm) -> None:
    member = await made_for_member(crm, mail("m@example.com"))
    source = await made(crm, mail("a@example.com"))
    contact = await merged(crm, await crm.contacts.get_contact(member.id), source)
    assert contact.info.extended_fields.items["members.membershipStatus"] == "APPROVED"
    assert await crm.contacts.get_contact(source.id) == contact


# The guard


async def test_nobody_else_can_take_a_sources_email_or_phone(
    crm: Crm, store: StoreUnderTest
) -> None:
    target = await made(crm, {"name": {"first": "Ada"}})
    source = await made(crm, call("2025550111"))
    other = await made(crm, mail("a@example.com"))
    await merged(crm, await merged(crm, target, source), other)
    for taken in (mail("A@example.com"), call("(202) 555-0111")):
        with pytest.raises(DuplicateContact) as refused:
            await made(crm, taken)
        assert refused.value.contact_id == target.id
    assert guarded(store, "email") == {target.id: {"a@example.com": True}}
    # With an e-mail, phones are not compared (CONTRACT F).
    assert list(guarded(store, "phone")[target.id].values()) == [False]


async def test_a_gained_phone_is_exclusive_where_there_is_no_email(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, source = await made(crm, {"name": {"first": "A"}}), await made(crm, call("2025550111"))
    await merged(crm, target, source)
    assert list(guarded(store, "phone")[target.id].values()) == [True]


async def test_entries_are_as_exclusive_as_the_most_exclusive_of_those_merged(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await made(crm, mail("a@example.com", "b@example.com"))
    target = await made(crm, mail("a@example.com", "t@example.com"), **ALLOWING)
    shared = await made(crm, mail("b@example.com", "s@example.com"), **ALLOWING)
    await merged(crm, target, shared, first)
    assert guarded(store, "email") == {
        target.id: {
            "a@example.com": True,
            "b@example.com": True,
            "t@example.com": False,
            "s@example.com": False,
        }
    }


async def test_an_email_shared_with_an_outsider_stays_his(crm: Crm, store: StoreUnderTest) -> None:
    outsider = await made(crm, mail("a@example.com"))
    source = await made(crm, mail("a@example.com"), **ALLOWING)
    target = await made(crm, {"name": {"first": "Ada"}})
    await merged(crm, target, source)
    assert guarded(store, "email") == {
        outsider.id: {"a@example.com": True},
        target.id: {"a@example.com": False},
    }


# Previews


async def test_a_preview_shows_the_merge_and_writes_nothing(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    before = all_rows(store)
    ids = {"sourceContactIds": [first.id, second.id]}
    preview = await crm.contacts.preview_merge_contacts(target.id, ids)
    assert all_rows(store) == before
    contact = await merged(crm, target, first, second)
    assert preview.info == contact.info
    assert preview.revision == contact.revision


# Refusals


def many(count: int, letter: str) -> dict[str, Any]:
    return mail(*[f"{letter}{at}@example.com" for at in range(count)])


async def test_refused_merges_change_nothing(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    target, first, _ = await three(crm)
    full, more = await made(crm, many(30, "f")), await made(crm, many(21, "m"))
    member = await made_for_member(crm, mail("m@example.com"))
    foreign = await made(elsewhere, {"name": {"first": "Eve"}})
    refusals: list[tuple[str, int, Any, type[ContactoryError]]] = [
        (target.id, 2, [first.id], FailedPrecondition),
        (target.id, 1, [member.id], FailedPrecondition),
        (target.id, 1, [first.id, member.id], FailedPrecondition),
        (target.id, 1, [target.id.upper()], IllegalMerge),
        (target.id, 1, [first.id, first.id.upper()], IllegalMerge),
        (full.id, 1, [more.id], IllegalMerge),
        (target.id, 1, [first.id, NOBODY], ContactNotFound),
        (NOBODY, 1, [first.id], ContactNotFound),
        ("x", 1, [first.id], ContactNotFound),
        (target.id, 1, [foreign.id], ContactNotFound),
        (foreign.id, 1, [first.id], ContactNotFound),
    ]
    before = all_rows(store)
    for target_id, revision, source_ids, kind in refusals:
        ids = {"sourceContactIds": source_ids}
        with pytest.raises(kind):
            await crm.contacts.merge_contacts(target_id, revision, ids)
        if revision == 1:
            with pytest.raises(kind):
                await crm.contacts.preview_merge_contacts(target_id, ids)
    assert all_rows(store) == before


@pytest.mark.parametrize(
    ("revision", "sources", "named"),
    [
        (1, None, ["sourceContactIds"]),
        (1, [], ["sourceContactIds"]),
        (1, [NOBODY] * 6, ["sourceContactIds"]),
        (1, ["x", 5, NOBODY, None], [f"sourceContactIds[{at}]" for at in (0, 1, 3)]),
        (1, {"id": NOBODY}, ["sourceContactIds"]),
        (None, [NOBODY], ["targetContactRevision"]),
        ("one", [], ["targetContactRevision", "sourceContactIds"]),
        (-1, [NOBODY], ["targetContactRevision"]),
    ],
)
async def test_all_problems_of_a_call_are_named_at_once(
    crm: Crm, revision: Any, sources: Any, named: list[str]
) -> None:
    target = await made(crm, {"name": {"first": "Ada"}})
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.merge_contacts(target.id, revision, {"sourceContactIds": sources})
    assert fields_named(refused.value) == named


async def test_an_unknown_option_is_refused(crm: Crm) -> None:
    target, source = [await made(crm, {"name": {"first": name}}) for name in "AB"]
    with pytest.raises(InvalidArgument):
        await crm.contacts.merge_contacts(target.id, 1, {"sources": [source.id]})


async def test_who_may_modify_may_not_merge(crm: Crm) -> None:
    target, source = [await made(crm, {"name": {"first": name}}) for name in "AB"]
    ids = {"sourceContactIds": [source.id]}
    async with crm.acting_as(Identity.api_key("k", [Permission.CONTACTS_MODIFY])):
        for refused in (
            crm.contacts.merge_contacts(target.id, 1, ids),
            crm.contacts.preview_merge_contacts(target.id, ids),
            crm.contacts.unmerge_contacts(NOBODY),
            crm.contacts.preview_unmerge_contacts(NOBODY),
            crm.contacts.list_merges(target.id),
        ):
            with pytest.raises(PermissionDenied):
                await refused


# Races


async def test_of_many_merges_of_one_source_one_wins(crm: Crm, store: StoreUnderTest) -> None:
    source = await made(crm, mail("a@example.com"))
    targets = [await made(crm, {"name": {"first": f"T{at}"}}) for at in range(16)]
    outcomes = await asyncio.gather(
        *[merged(crm, target, source) for target in targets], return_exceptions=True
    )
    winners = [one for one in outcomes if isinstance(one, Contact)]
    assert len(winners) == 1
    assert {code_of(one) for one in outcomes} == {"Contact", "CONTACT_NOT_FOUND"}
    assert guarded(store, "email") == {winners[0].id: {"a@example.com": True}}


async def test_merges_updates_and_deletes_of_the_same_contacts_at_once_lose_nothing(
    crm: Crm, store: StoreUnderTest
) -> None:
    async with await Crm.open(store.url) as other:
        for turn in range(8):
            addresses = [f"t{turn}-{at}@example.com" for at in range(4)]
            a, b, c, d = [await made(crm, mail(address)) for address in addresses]
            outcomes = await asyncio.gather(
                merged(crm, a, b, c),
                merged(other, b, a),
                other.contacts.update_contact(a.id, {"company": "X"}, 1),
                crm.contacts.update_contact(c.id, mail(f"new{turn}@example.com"), 1),
                other.contacts.delete_contact(d.id),
                merged(crm, d, c),
                *[made(other, mail(address)) for address in addresses[:3]],
                return_exceptions=True,
            )
            told_codes = {code_of(one) for one in outcomes}
            assert told_codes <= {
                *("Contact", "NoneType", "CONTACT_NOT_FOUND", "FAILED_PRECONDITION"),
                *("CONTACT_ALREADY_CHANGED", "DUPLICATE_CONTACT_EXISTS"),
            }
    holders = [key for entries in guarded(store, "email").values() for key in entries]
    assert len(holders) == len(set(holders))
    assert await crm.maintenance.check() == []
