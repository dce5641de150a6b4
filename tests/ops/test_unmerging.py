"""Undone merges: what comes back, what stays, what stands in the way, and their history."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.errors import (
    ContactNotFound,
    DuplicateContact,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from contactory.domain.ignored_values import IgnoredValues
from contactory.domain.merges import UnmergeContactsOptions, UnmergedContacts, UnmergeDuplicate
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
    merged,
    three,
    visitor_contact,
)
from tests.ops.surroundings import call, code_of, fields_named, mail
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


async def latest(crm: Crm, contact_id: str) -> str:
    return (await crm.contacts.list_merges(contact_id))[0].id


async def undone(crm: Crm, contact: Contact, **options: Any) -> UnmergedContacts:
    return await crm.contacts.unmerge_contacts(await latest(crm, contact.id), options)


def as_before(now: Contact, before: Contact) -> Contact:
    """The contact of now with revision and date of before: all else must be equal."""
    return msgspec.structs.replace(now, revision=before.revision, updated_date=before.updated_date)


# What comes back


async def test_an_undo_gives_back_what_was_there(crm: Crm, store: StoreUnderTest) -> None:
    contacts = target, first, second = await three(crm)
    await attach(crm, "visitor-1", first)
    before = derived(store)
    await merged(crm, target, first, second)
    found = await undone(crm, target)
    assert derived(store) == before
    assert found.target is not None
    shown = [found.target, *found.sources]
    assert [as_before(now, was) for now, was in zip(shown, contacts, strict=True)] == [*contacts]
    assert [one.revision for one in shown] == [3, 2, 2]
    assert found.duplicates == ()
    assert [await crm.contacts.get_contact(one.id) for one in contacts] == shown
    assert {one.id for one in await all_contacts(crm)} == {one.id for one in contacts}
    assert await visitor_contact(crm, "visitor-1") == first.id
    assert await crm.maintenance.check() == []


async def test_restored_contacts_are_contacts_like_any_other(crm: Crm) -> None:
    target, first, second = await three(crm)
    await merged(crm, target, first, second)
    found = await undone(crm, target)
    changed = await crm.contacts.update_contact(first.id, {"company": "Looms"}, 2)
    assert changed.revision == 3
    again = await crm.contacts.merge_contacts(
        second.id, found.sources[1].revision, {"sourceContactIds": [first.id]}
    )
    assert await crm.contacts.get_contact(first.id) == again
    await undone(crm, second)
    assert as_before(await crm.contacts.get_contact(first.id), changed) == changed


async def test_a_restored_contact_that_is_deleted_stands_for_nobody(crm: Crm) -> None:
    target, source = await made(crm, mail("t@x.de")), await made(crm, mail("a@x.de"))
    await merged(crm, target, source)
    await undone(crm, target)
    await crm.contacts.delete_contact(source.id)
    with pytest.raises(ContactNotFound):
        await crm.contacts.get_contact(source.id)


async def test_what_was_changed_on_the_target_since_stays(crm: Crm) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    change = {
        "company": "Own",
        "extendedFields": {"items": {"custom.age": 37}},
        "name": {"last": "Lovelace"},
        "emails": {
            "items": [
                *msgspec.to_builtins(contact.info.emails.items[:2]),
                {"email": "new@example.com"},
            ]
        },
    }
    await crm.contacts.update_contact(target.id, change, contact.revision)
    found = await undone(crm, target)
    assert found.target is not None
    info = found.target.info
    assert (info.company, info.name.last) == ("Own", "Lovelace")
    assert info.extended_fields.items["custom.age"] == 37
    assert [entry.email for entry in info.emails.items] == ["ada@example.com", "new@example.com"]
    assert info.job_title is None
    assert [as_before(*pair) for pair in zip(found.sources, (first, second), strict=True)] == [
        first,
        second,
    ]


async def test_what_was_recorded_of_a_sources_email_meanwhile_shows(crm: Crm) -> None:
    target, source = await made(crm, {"name": {"first": "A"}}), await made(crm, mail("a@x.de"))
    await merged(crm, target, source)
    status, now = EmailStatus("SUBSCRIBED", "VALID"), Timestamp.current()
    await crm.store.write(
        lambda tx: record_email_status(tx, crm.context.site, "a@x.de", status, now)
    )
    found = await undone(crm, target)
    assert found.sources[0].primary_email is not None
    assert found.sources[0].primary_email.subscription_status == "SUBSCRIBED"
    assert await crm.contacts.get_contact(source.id) == found.sources[0]


async def test_labels_and_fields_that_were_deleted_since_are_reported(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    await merged(crm, target, first, second)
    await crm.labels.delete_label("custom.poet")
    await crm.extended_fields.delete_extended_field("custom.born")
    await crm.extended_fields.delete_extended_field("custom.age")
    await crm.extended_fields.find_or_create_extended_field("Age", "DATE")
    with pytest.warns(IgnoredValues) as warned:
        found = await undone(crm, target)
    told_of = str(warned[0].message)
    assert len(warned) == 1
    assert "sources[0].info.labelKeys.custom.poet" in told_of
    assert "sources[0].info.extendedFields.custom.born" in told_of
    assert "sources[1].info.extendedFields.custom.age" in told_of
    restored, other = found.sources
    assert restored.info.label_keys.items == ("custom.vip",)
    assert "custom.born" not in restored.info.extended_fields.items
    assert restored.info.extended_fields.items["custom.food"] == "Cake"
    assert "custom.age" not in other.info.extended_fields.items
    rows = derived(store)
    assert len(rows["contact_field_values"]) == 3
    assert len(rows["contact_labels"]) == 2


async def test_visitors_who_moved_on_since_stay_where_they_are(crm: Crm) -> None:
    target, source = await made(crm, mail("t@x.de")), await made(crm, mail("a@x.de"))
    other = await made(crm, mail("o@x.de"))
    await attach(crm, "gone on", source)
    await attach(crm, "still there", source)
    await attach(crm, "the target's", target)
    await merged(crm, target, source)
    await attach(crm, "gone on", other)
    await undone(crm, target)
    found = [await visitor_contact(crm, one) for one in ("gone on", "still there", "the target's")]
    assert found == [other.id, source.id, target.id]


async def test_events_tell_of_an_undo_in_an_order_that_only_rises(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, source = await made(crm, mail("t@x.de")), await made(crm, mail("a@x.de"))
    for _ in range(2):
        await merged(crm, await crm.contacts.get_contact(target.id), source)
        source = (await undone(crm, target)).sources[0]
    await crm.contacts.update_contact(source.id, {"company": "X"}, source.revision)
    for contact_id, slugs in (
        (target.id, "created updated merged updated updated merged updated"),
        (source.id, "created deleted created deleted created updated"),
    ):
        events = told(store, contact_id)
        assert [slug for slug, _, _ in events] == slugs.split()
        sequences = [sequence for _, sequence, _ in events]
        assert all(one < next_one for one, next_one in pairwise(sequences))
    came_back = told(store, source.id)[-2][2]
    assert came_back == {
        "createdEvent": {"entity": source.to_rest()},
        "originatedFrom": "unmerge",
    }
    assert told(store, target.id)[-1][2]["originatedFrom"] == "unmerge"


# The guard


async def test_exclusive_entries_are_their_first_owners_again(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await made(crm, mail("a@x.de", "b@x.de"))
    target = await made(crm, mail("a@x.de", "t@x.de"), **ALLOWING)
    shared = await made(crm, mail("b@x.de", "s@x.de"), **ALLOWING)
    before = guarded(store, "email")
    await merged(crm, target, shared, first)
    await undone(crm, target)
    assert guarded(store, "email") == before
    for address, owner in (("a@x.de", first), ("t@x.de", target), ("s@x.de", shared)):
        with pytest.raises(DuplicateContact) as refused:
            await made(crm, mail(address))
        assert refused.value.contact_id == owner.id


async def test_a_phone_is_exclusive_again_once_the_email_is_gone(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, source = await made(crm, call("2025550111")), await made(crm, mail("a@x.de"))
    before = guarded(store, "phone")
    assert list(before[target.id].values()) == [True]
    await merged(crm, target, source)
    assert list(guarded(store, "phone")[target.id].values()) == [False]
    await undone(crm, target)
    assert guarded(store, "phone") == before


@pytest.mark.parametrize(
    ("entry", "told_of"),
    [
        (mail("a@x.de"), {"duplicate_email": "a@x.de"}),
        (call("2025550111"), {"duplicate_phone": "202-555-0111"}),
    ],
)
async def test_an_undo_is_refused_where_somebody_has_an_entry_by_now(
    crm: Crm, store: StoreUnderTest, entry: dict[str, Any], told_of: dict[str, str]
) -> None:
    target, source = await made(crm, {"name": {"first": "A"}}), await made(crm, entry)
    contact = await merged(crm, target, source)
    cleared = {"emails": {"items": []}, "phones": {"items": []}}
    await crm.contacts.update_contact(target.id, cleared, contact.revision)
    other = await made(crm, entry)
    merge_id = await latest(crm, target.id)
    rows = all_rows(store)
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.unmerge_contacts(merge_id)
    assert refused.value.contact_id == other.id
    assert {refused.value.email, refused.value.phone} == {None, *told_of.values()}
    preview = await crm.contacts.preview_unmerge_contacts(merge_id)
    expected = UnmergeDuplicate(contact_id=source.id, duplicate_contact_id=other.id, **told_of)
    assert preview.duplicates == (expected,)
    assert all_rows(store) == rows
    found = await crm.contacts.unmerge_contacts(
        merge_id, UnmergeContactsOptions(allow_duplicates=True)
    )
    assert as_before(found.sources[0], source) == source
    assert found.duplicates == (expected,)
    kind = "email" if "emails" in entry else "phone"
    guard = guarded(store, kind)
    assert list(guard[other.id].values()) == [True]
    assert list(guard[source.id].values()) == [False]
    assert await crm.maintenance.check() == []


async def test_phones_beside_emails_stand_in_nobodys_way(crm: Crm) -> None:
    target = await made(crm, {"name": {"first": "A"}})
    source = await made(crm, mail("a@x.de") | call("2025550111"))
    contact = await merged(crm, target, source)
    await crm.contacts.update_contact(target.id, {"phones": {"items": []}}, contact.revision)
    await made(crm, call("2025550111"))
    assert (await undone(crm, target)).duplicates == ()


async def test_who_shared_an_email_before_the_merge_may_share_it_after_the_undo(
    crm: Crm, store: StoreUnderTest
) -> None:
    await made(crm, mail("a@x.de"))
    source = await made(crm, mail("a@x.de"), **ALLOWING)
    target = await made(crm, {"name": {"first": "A"}})
    before = guarded(store, "email")
    await merged(crm, target, source)
    assert (await undone(crm, target)).duplicates == ()
    assert guarded(store, "email") == before


async def test_an_email_shared_by_target_and_source_alone_may_not_be_a_third_ones_by_now(
    crm: Crm,
) -> None:
    source = await made(crm, mail("a@x.de"))
    target = await made(crm, mail("a@x.de"), **ALLOWING)
    contact = await merged(crm, target, source)
    await crm.contacts.update_contact(target.id, mail("t@x.de"), contact.revision)
    third = await made(crm, mail("a@x.de"))
    with pytest.raises(DuplicateContact) as refused:
        await undone(crm, target)
    assert refused.value.contact_id == third.id


async def test_an_email_that_a_sharer_owns_by_now_is_not_taken_from_him(
    crm: Crm, store: StoreUnderTest
) -> None:
    source = await made(crm, mail("a@x.de"))
    sharer = await made(crm, mail("a@x.de"), **ALLOWING)
    target = await made(crm, {"name": {"first": "A"}})
    contact = await merged(crm, target, source)
    await crm.contacts.update_contact(target.id, {"emails": {"items": []}}, contact.revision)
    await crm.contacts.update_contact(sharer.id, mail("a@x.de"), sharer.revision)
    assert guarded(store, "email") == {sharer.id: {"a@x.de": True}}
    await undone(crm, target)
    assert guarded(store, "email") == {
        sharer.id: {"a@x.de": True},
        source.id: {"a@x.de": False},
    }


async def test_what_a_target_gets_back_rather_than_be_empty_is_compared_too(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, source = await made(crm, mail("t@x.de")), await made(crm, mail("a@x.de"))
    contact = await merged(crm, target, source)
    await crm.contacts.update_contact(target.id, mail("a@x.de"), contact.revision)
    other = await made(crm, mail("t@x.de"))
    rows = all_rows(store)
    with pytest.raises(DuplicateContact) as refused:
        await undone(crm, target)
    assert (refused.value.contact_id, refused.value.email) == (other.id, "t@x.de")
    assert all_rows(store) == rows
    await undone(crm, target, allowDuplicates=True)
    assert guarded(store, "email") == {
        target.id: {"t@x.de": False},
        source.id: {"a@x.de": True},
        other.id: {"t@x.de": True},
    }


# Which merge, and in which order


async def test_a_merge_is_undone_once(crm: Crm, store: StoreUnderTest) -> None:
    target, source = await made(crm, mail("t@x.de")), await made(crm, mail("a@x.de"))
    await merged(crm, target, source)
    merge_id = await latest(crm, target.id)
    await crm.contacts.unmerge_contacts(merge_id)
    rows = all_rows(store)
    for again in (crm.contacts.unmerge_contacts, crm.contacts.preview_unmerge_contacts):
        with pytest.raises(FailedPrecondition, match="undone before"):
            await again(merge_id)
    with pytest.raises(FailedPrecondition, match="left to undo"):
        await crm.contacts.unmerge_contacts(None, {"targetContactId": target.id})
    assert all_rows(store) == rows


async def test_a_later_merge_of_the_target_must_be_undone_first(
    crm: Crm, store: StoreUnderTest
) -> None:
    contacts = a, b, c = [await made(crm, mail(f"{name}@x.de")) for name in "abc"]
    before = derived(store)
    await merged(crm, b, a)
    await merged(crm, c, await crm.contacts.get_contact(b.id))
    first, second = await latest(crm, a.id), await latest(crm, c.id)
    with pytest.raises(FailedPrecondition) as refused:
        await crm.contacts.unmerge_contacts(first)
    assert refused.value.data == {"mergeId": second}
    await crm.contacts.unmerge_contacts(second)
    between = await crm.contacts.get_contact(a.id)
    assert between.id == b.id
    await crm.contacts.unmerge_contacts(first)
    assert derived(store) == before
    for one in contacts:
        now = await crm.contacts.get_contact(one.id)
        assert as_before(now, one) == one


async def test_merges_into_one_target_are_undone_in_any_order(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    before = derived(store)
    contact = await merged(crm, target, first)
    await merged(crm, contact, second)
    later, earlier = await crm.contacts.list_merges(target.id)
    await crm.contacts.unmerge_contacts(earlier.id)
    assert (await crm.contacts.get_contact(second.id)).id == target.id
    await crm.contacts.unmerge_contacts(later.id)
    assert derived(store)["contact_emails"] == before["contact_emails"]
    assert derived(store)["counts"] == before["counts"]
    for source in (first, second):
        assert as_before(await crm.contacts.get_contact(source.id), source) == source


async def test_sources_come_back_alone_where_the_target_was_deleted(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    await merged(crm, target, first, second)
    await crm.contacts.delete_contact(target.id)
    found = await undone(crm, target)
    assert found.target is None
    assert [as_before(*pair) for pair in zip(found.sources, (first, second), strict=True)] == [
        first,
        second,
    ]
    assert {one.id for one in await all_contacts(crm)} == {first.id, second.id}
    assert await crm.maintenance.check() == []
    with pytest.raises(ContactNotFound):
        await crm.contacts.get_contact(target.id)


async def test_a_preview_answers_as_the_undo_and_writes_nothing(
    crm: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    await merged(crm, target, first, second)
    rows = all_rows(store)
    preview = await crm.contacts.preview_unmerge_contacts(await latest(crm, target.id))
    assert all_rows(store) == rows
    found = await undone(crm, target)
    shown = [preview.target, *preview.sources]
    for one, other in zip(shown, [found.target, *found.sources], strict=True):
        assert one is not None
        assert other is not None
        assert as_before(one, other) == other


async def test_a_target_may_be_named_beside_the_merge_or_for_its_latest_one(
    crm: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first)
    await merged(crm, contact, second)
    merge_id = await latest(crm, target.id)
    rows = all_rows(store)
    with pytest.raises(NotFound):
        await crm.contacts.unmerge_contacts(merge_id, {"targetContactId": first.id})
    with pytest.raises(NotFound):
        await elsewhere.contacts.unmerge_contacts(merge_id)
    with pytest.raises(NotFound):
        await crm.contacts.unmerge_contacts(NOBODY)
    for unknown in (NOBODY, "x", 5):
        with pytest.raises(ContactNotFound):
            await crm.contacts.unmerge_contacts(None, {"targetContactId": unknown})
    assert all_rows(store) == rows
    found = await crm.contacts.unmerge_contacts(None, {"target_contact_id": target.id.upper()})
    assert [one.id for one in found.sources] == [second.id]
    found = await crm.contacts.unmerge_contacts(
        (await latest_standing(crm, target)).upper(), {"targetContactId": target.id}
    )
    assert [one.id for one in found.sources] == [first.id]


async def latest_standing(crm: Crm, target: Contact) -> str:
    merges = await crm.contacts.list_merges(target.id)
    return next(one.id for one in merges if one.undone_date is None)


@pytest.mark.parametrize(
    ("merge_id", "options", "named"),
    [
        (None, {}, ["mergeId"]),
        ("", {"targetContactId": "-"}, ["mergeId"]),
        ("x", {}, ["mergeId"]),
        (5, {"allowDuplicates": "perhaps"}, ["allowDuplicates", "mergeId"]),
        (NOBODY, {"force": True}, ["options.force"]),
    ],
)
async def test_all_problems_of_an_undo_are_named(
    crm: Crm, merge_id: Any, options: Any, named: list[str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.unmerge_contacts(merge_id, options)
    assert fields_named(refused.value) == named


# History


async def test_the_history_of_a_contact_has_its_merges_newest_first(
    crm: Crm, elsewhere: Crm
) -> None:
    target, first, second = await three(crm)
    alone = await made(crm, mail("alone@x.de"))
    contact = await merged(crm, target, first)
    await merged(crm, contact, second)
    await crm.contacts.unmerge_contacts(None, {"targetContactId": target.id})
    later, earlier = await crm.contacts.list_merges(target.id.upper())
    assert (later.target_contact_id, later.source_contact_ids) == (target.id, (second.id,))
    assert (earlier.target_contact_id, earlier.source_contact_ids) == (target.id, (first.id,))
    assert earlier.merged_date == contact.updated_date
    assert earlier.undone_date is None
    assert later.undone_date is not None
    assert later.undone_date >= later.merged_date
    assert await crm.contacts.list_merges(first.id) == [earlier]
    assert await crm.contacts.list_merges(second.id) == [later]
    assert await crm.contacts.list_merges(alone.id) == []
    await crm.contacts.delete_contact(target.id)
    assert await crm.contacts.list_merges(target.id) == [later, earlier]
    for nobody in (NOBODY, "x"):
        with pytest.raises(ContactNotFound):
            await crm.contacts.list_merges(nobody)
    with pytest.raises(ContactNotFound):
        await elsewhere.contacts.list_merges(target.id)


async def test_sources_stand_in_the_order_in_which_they_were_merged(crm: Crm) -> None:
    target, first, second = await three(crm)
    await merged(crm, target, second, first)
    (only,) = await crm.contacts.list_merges(first.id)
    assert only.source_contact_ids == (second.id, first.id)
    found = await undone(crm, target)
    assert [one.id for one in found.sources] == [second.id, first.id]


# Races


async def test_of_many_undos_at_once_one_is_done(crm: Crm, store: StoreUnderTest) -> None:
    target, first, second = await three(crm)
    before = derived(store)
    await merged(crm, target, first, second)
    merge_id = await latest(crm, target.id)
    async with await Crm.open(store.url) as other:
        outcomes = await asyncio.gather(
            *[one.contacts.unmerge_contacts(merge_id) for one in [crm, other] * 8],
            return_exceptions=True,
        )
    codes = [code_of(one) for one in outcomes]
    assert sorted(codes) == ["FAILED_PRECONDITION"] * 15 + ["UnmergedContacts"]
    assert derived(store) == before


async def test_undos_and_creators_of_the_same_emails_break_no_guard(
    crm: Crm, store: StoreUnderTest
) -> None:
    async with await Crm.open(store.url) as other:
        for turn in range(8):
            address = f"a{turn}@x.de"
            target, source = (
                await made(crm, call(f"20255501{turn:02}")),
                await made(crm, mail(address)),
            )
            contact = await merged(crm, target, source)
            merge_id = await latest(crm, target.id)
            outcomes = await asyncio.gather(
                other.contacts.update_contact(
                    target.id, {"emails": {"items": []}}, contact.revision
                ),
                made(crm, mail(address)),
                made(other, mail(address)),
                other.contacts.unmerge_contacts(merge_id),
                made(crm, mail(address)),
                return_exceptions=True,
            )
            assert {code_of(one) for one in outcomes} <= {
                *("Contact", "UnmergedContacts"),
                *("DUPLICATE_CONTACT_EXISTS", "CONTACT_ALREADY_CHANGED"),
            }
            holders = [one for one, keys in guarded(store, "email").items() if address in keys]
            assert len(holders) == 1
    assert await crm.maintenance.check() == []
