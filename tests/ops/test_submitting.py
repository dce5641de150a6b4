"""What visitors, members and programs submit, and whose contact it becomes (CONTRACT E.7)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from contactory.domain.contacts import Contact
from contactory.domain.errors import (
    ContactNotFound,
    DuplicateContact,
    InsufficientContactData,
    InsufficientPermission,
    InvalidArgument,
    InvalidExtendedFieldValue,
    LabelNotFound,
    MultiplePrimaryInfo,
)
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.domain.permissions import GRANTABLE, Permission
from contactory.domain.submissions import SubmitAnswer, SubmittedAs
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.contacts import Contacts
from contactory.ops.context import entered
from contactory.ops.crm import Crm
from contactory.ops.submitted_contact import SubmittedContact
from tests.ops.surroundings import (
    call,
    counted,
    fields_named,
    mail,
    next_millisecond,
    over_http,
    stored,
)
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

NEW = (SubmittedAs.CONTACT, True)
KNOWN = (SubmittedAs.CONTACT, False)


async def submit(crm: Crm, who: Identity, submission: Any) -> SubmitAnswer:
    async with crm.acting_as(who):
        return await crm.submitted_contact.append_or_create_contact(submission)


async def submitted(crm: Crm, who: Identity, info: dict[str, Any]) -> SubmitAnswer:
    return await submit(crm, who, {"info": info})


def told(answer: SubmitAnswer) -> tuple[SubmittedAs, bool]:
    return answer.identity_type, answer.new_contact


def visitor(name: str = "v-1") -> Identity:
    return Identity.visitor(name)


async def whole(crm: Crm, answer: SubmitAnswer) -> Contact:
    return await crm.contacts.get_contact(answer.contact_id)


def slugs(store: StoreUnderTest, contact_id: str) -> list[str]:
    found = store.rows(
        "SELECT slug FROM outbox WHERE entity_id = ? ORDER BY entity_sequence",
        contact_id,
    )
    return [slug for (slug,) in found]


async def test_the_first_submit_of_a_visitor_makes_a_contact(
    crm: Crm, store: StoreUnderTest
) -> None:
    answer = await submitted(crm, visitor(), mail("ada@example.com", company="Engines"))
    contact = await whole(crm, answer)
    assert told(answer) == NEW
    assert contact.info.company == "Engines"
    assert contact.last_activity is not None
    assert contact.last_activity.activity_type == "CONTACT_CREATED"
    assert "contacts.contacted-me" not in contact.info.label_keys.items
    assert slugs(store, contact.id) == ["created"]
    assert await crm.maintenance.check() == []


async def test_a_contact_from_outside_says_that_it_came_from_a_form(crm: Crm) -> None:
    with entered(over_http(crm, visitor())):
        answer = await crm.submitted_contact.append_or_create_contact({"info": mail("a@x.com")})
    source = (await whole(crm, answer)).source
    assert source is not None
    assert (source.source_type, source.app_id) == ("WIX_FORMS", None)


async def test_a_known_email_appends_and_overwrites_nothing(
    crm: Crm, store: StoreUnderTest
) -> None:
    before = await crm.contacts.create_contact(
        mail(
            "ada@example.com",
            name={"first": "Ada"},
            company="Engines",
            extendedFields={"items": {"custom.food": "Tea"}},
        )
    )
    sent = mail(
        "new@example.com",
        "ADA@example.com",
        name={"first": "Somebody", "last": "Else"},
        company="Looms",
        jobTitle="Writer",
        labelKeys={"items": ["custom.hot"]},
        extendedFields={"items": {"custom.food": "Cake", "custom.pet": "Cat"}},
    )
    answer = await submitted(crm, visitor(), sent)
    after = await whole(crm, answer)
    assert (answer.contact_id, told(answer)) == (before.id, KNOWN)
    assert after.revision == 2
    assert (after.info.name, after.info.company) == (before.info.name, "Engines")
    assert after.info.job_title == "Writer"
    assert [entry.email for entry in after.info.emails.items] == [
        "ada@example.com",
        "new@example.com",
    ]
    assert [entry.primary for entry in after.info.emails.items] == [True, False]
    assert after.info.extended_fields.items["custom.food"] == "Tea"
    assert after.info.extended_fields.items["custom.pet"] == "Cat"
    assert after.info.label_keys.items == ("custom.hot",)
    assert (await crm.labels.get_label("custom.hot")).display_name == "Hot"
    assert (await crm.extended_fields.get_extended_field("custom.pet")).key == "custom.pet"
    assert after.source == before.source
    assert after.last_activity is not None
    assert before.last_activity is not None
    assert after.last_activity.activity_type == "GENERAL"
    assert after.last_activity.activity_date >= before.last_activity.activity_date
    assert slugs(store, before.id) == ["created", "updated"]
    assert await crm.maintenance.check() == []


async def test_what_was_gained_is_guarded_from_then_on(crm: Crm, store: StoreUnderTest) -> None:
    await crm.contacts.create_contact(mail("ada@example.com"))
    await submitted(crm, visitor(), mail("ada@example.com", "new@example.com"))
    assert counted(store, "contact_emails WHERE exclusive") == 2
    with pytest.raises(DuplicateContact):
        await crm.contacts.create_contact(mail("new@example.com"))


async def test_an_email_of_a_third_contact_is_gained_without_taking_it_away(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await crm.contacts.create_contact(mail("a@example.com"))
    second = await crm.contacts.create_contact(mail("b@example.com"))
    answer = await submitted(crm, visitor(), mail("b@example.com", "a@example.com"))
    assert answer.contact_id == second.id
    assert await crm.contacts.get_contact(first.id) == first
    assert counted(store, "contact_emails WHERE exclusive") == 2
    assert counted(store, "contact_emails") == 3


async def test_a_phone_finds_too_but_an_email_goes_before_it(crm: Crm) -> None:
    by_phone = await crm.contacts.create_contact(call("6465676359"))
    by_email = await crm.contacts.create_contact(mail("a@example.com"))
    phone = call("(646) 567-6359")
    assert (await submitted(crm, visitor("v-1"), phone)).contact_id == by_phone.id
    both = await submitted(crm, visitor("v-2"), mail("a@example.com") | phone)
    assert both.contact_id == by_email.id
    unknown = await submitted(crm, visitor("v-3"), mail("c@example.com") | phone)
    assert unknown.contact_id == by_phone.id


async def test_of_several_holders_the_oldest_is_meant(crm: Crm) -> None:
    oldest = await crm.contacts.create_contact(mail("a@example.com"), {"allowDuplicates": True})
    await next_millisecond()
    await crm.contacts.create_contact(mail("a@example.com"), {"allowDuplicates": True})
    assert (await submitted(crm, visitor(), mail("a@example.com"))).contact_id == oldest.id
    first = await crm.contacts.create_contact(call("1", name={"first": "A"}) | mail("x@x.com"))
    await next_millisecond()
    await crm.contacts.create_contact(call("1"), {"allowDuplicates": True})
    assert (await submitted(crm, visitor("v-2"), call("1"))).contact_id == first.id


async def test_a_visitor_goes_on_with_the_contact_of_the_session(crm: Crm) -> None:
    first = await submitted(crm, visitor(), mail("a@example.com"))
    second = await submitted(crm, visitor(), {"company": "Looms"})
    third = await submitted(crm, visitor(), mail("b@example.com"))
    assert (second.contact_id, told(second)) == (first.contact_id, KNOWN)
    assert third.contact_id == first.contact_id
    info = (await whole(crm, first)).info
    assert (info.company, len(info.emails.items)) == ("Looms", 2)
    other = await submitted(crm, visitor("v-2"), mail("c@example.com"))
    assert other.contact_id != first.contact_id


async def test_a_match_moves_the_session_to_what_it_found(crm: Crm) -> None:
    known = await crm.contacts.create_contact(mail("known@example.com"))
    await submitted(crm, visitor(), mail("a@example.com"))
    await submitted(crm, visitor(), mail("known@example.com"))
    after = await submitted(crm, visitor(), {"company": "Looms"})
    assert after.contact_id == known.id


async def test_a_session_of_another_site_or_a_deleted_contact_counts_nothing(
    crm: Crm, elsewhere: Crm
) -> None:
    first = await submitted(crm, visitor(), mail("a@example.com"))
    with pytest.raises(InsufficientContactData):
        await submitted(elsewhere, visitor(), {"company": "Looms"})
    assert told(await submitted(elsewhere, visitor(), mail("a@example.com"))) == NEW
    await crm.contacts.delete_contact(first.contact_id)
    with pytest.raises(InsufficientContactData):
        await submitted(crm, visitor(), {"company": "Looms"})


async def test_a_visitor_without_an_id_has_no_session(crm: Crm, store: StoreUnderTest) -> None:
    await submitted(crm, Identity.visitor(), mail("a@example.com"))
    assert counted(store, "contact_visitors") == 0
    with pytest.raises(InsufficientContactData):
        await submitted(crm, Identity.visitor(), {"company": "Looms"})


async def test_a_member_writes_the_members_own_contact_whoever_has_the_email(crm: Crm) -> None:
    other = await crm.contacts.create_contact(mail("ada@example.com"))
    member = Identity.member("m-1")
    first = await submitted(crm, member, mail("ada@example.com", "m@example.com"))
    second = await submitted(crm, member, {"company": "Looms"})
    assert told(first) == (SubmittedAs.MEMBER, True)
    assert (second.contact_id, told(second)) == (first.contact_id, (SubmittedAs.MEMBER, False))
    assert first.contact_id != other.id
    assert await crm.contacts.get_contact(other.id) == other
    contact = await whole(crm, first)
    assert contact.info.company == "Looms"
    assert contact.info.extended_fields.items["members.membershipStatus"] == "APPROVED"
    # The other one keeps what is guarded.
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(mail("ada@example.com"))
    assert refused.value.contact_id == other.id
    assert await crm.maintenance.check() == []


async def test_an_email_that_is_free_is_guarded_for_the_member(
    crm: Crm, store: StoreUnderTest
) -> None:
    first = await submitted(crm, Identity.member("m-1"), mail("m@example.com"))
    assert counted(store, "contact_emails WHERE exclusive") == 1
    with pytest.raises(DuplicateContact) as refused:
        await crm.contacts.create_contact(mail("m@example.com"))
    assert refused.value.contact_id == first.contact_id


async def test_members_are_counted_as_long_as_their_contacts_are_there(crm: Crm) -> None:
    async def members() -> int | None:
        facets = (await crm.contacts.list_facets()).facets
        return {facet.facet_key: facet.count for facet in facets}["membershipStatus.approved"]

    member = Identity.member("m-1")
    await submitted(crm, member, mail("m@example.com"))
    await submitted(crm, member, {"company": "Looms"})
    assert await members() == 1


async def test_a_member_needs_enough_for_a_contact_at_first(
    crm: Crm, store: StoreUnderTest
) -> None:
    with pytest.raises(InsufficientContactData):
        await submitted(crm, Identity.member("m-1"), {"company": "Looms"})
    assert counted(store, "contacts") == 0


@pytest.mark.parametrize("info", [mail("m@example.com", company="Q"), call("6465676359")])
async def test_nothing_is_written_to_the_contact_of_a_member_who_is_not_signed_in(
    crm: Crm, store: StoreUnderTest, info: dict[str, Any]
) -> None:
    sent = mail("m@example.com") | call("6465676359")
    first = await submitted(crm, Identity.member("m-1"), sent)
    before, rows = await whole(crm, first), stored(store)
    answer = await submitted(crm, visitor(), info)
    assert answer.contact_id == first.contact_id
    assert told(answer) == (SubmittedAs.NOT_AUTHENTICATED_MEMBER, False)
    assert await whole(crm, first) == before
    assert stored(store) == rows
    assert counted(store, "contact_visitors") == 0


async def test_programs_submit_as_well_without_a_session(crm: Crm, store: StoreUnderTest) -> None:
    for who in (Identity.app("a-1"), Identity.api_key("k-1", GRANTABLE), Identity.user()):
        answer = await submitted(crm, who, mail(f"{who.type}@example.com"))
        assert told(answer) == NEW
        with pytest.raises(InsufficientContactData):
            await submitted(crm, who, {"company": "Looms"})
    assert counted(store, "contact_visitors") == 0


async def test_a_program_may_name_the_contact_also_a_members(crm: Crm) -> None:
    contact = await crm.contacts.create_contact(mail("a@example.com"))
    other = await crm.contacts.create_contact(mail("b@example.com"))
    named = {"contactId": contact.id.upper(), "info": mail("b@example.com", jobTitle="Writer")}
    answer = await submit(crm, Identity.user(), named)
    assert (answer.contact_id, told(answer)) == (contact.id, KNOWN)
    assert (await whole(crm, answer)).info.job_title == "Writer"
    assert await crm.contacts.get_contact(other.id) == other
    member = await submitted(crm, Identity.member("m-1"), mail("m@example.com"))
    spelled = {"contact_id": member.contact_id, "info": {"company": "Looms"}}
    answer = await submit(crm, Identity.user(), spelled)
    assert (answer.contact_id, told(answer)) == (member.contact_id, (SubmittedAs.MEMBER, False))
    with pytest.raises(ContactNotFound):
        await submit(crm, Identity.user(), {"contactId": new_id(), "info": mail("c@example.com")})


@pytest.mark.parametrize(
    "extra",
    [
        {"contactId": new_id()},
        {"contactId": "x"},
        {"activity": {"activityType": "ECOM_PURCHASE"}},
        {"options": {"overrideMemberId": "m-1"}},
        {"passThroughData": "x"},
        {"pass_through_data": "x"},
    ],
)
async def test_more_than_an_info_needs_a_permission_of_its_own(
    crm: Crm, store: StoreUnderTest, extra: dict[str, Any]
) -> None:
    needed = Permission.CONTACTS_SUBMIT_WITH_OVERRIDES
    limited = Identity.api_key("k-1", GRANTABLE - {needed})
    before = stored(store)
    for who in (visitor(), Identity.member("m-1"), limited):
        with pytest.raises(InsufficientPermission) as refused:
            await submit(crm, who, {"info": mail("a@example.com")} | extra)
        assert refused.value.data == {"permission": needed.value}
    assert stored(store) == before


async def test_the_reported_activity_shows_as_the_last_one(crm: Crm) -> None:
    sent = {"info": mail("a@example.com"), "activity": {"activityType": "ECOM_PURCHASE"}}
    answer = await submit(crm, Identity.user(), sent)
    last = (await whole(crm, answer)).last_activity
    assert last is not None
    assert last.activity_type == "ECOM_PURCHASE"
    past = {"activityType": "EVENTS_RSVP", "activityDate": "2020-01-02T03:04:05Z"}
    await submit(crm, Identity.user(), sent | {"activity": past})
    assert (await whole(crm, answer)).last_activity == last, "an older activity is not the last"
    future = (Timestamp.current() + timedelta(days=9)).isoformat()
    await submit(
        crm,
        Identity.user(),
        sent | {"activity": {"activityType": "EVENTS_RSVP", "activityDate": future}},
    )
    last = (await whole(crm, answer)).last_activity
    assert last is not None
    assert last.activity_type == "EVENTS_RSVP"
    assert last.activity_date <= Timestamp.current()


async def test_a_program_submits_for_a_visitor_or_a_member(crm: Crm) -> None:
    for_member = {"info": mail("m@example.com"), "options": {"overrideMemberId": "m-1"}}
    answer = await submit(crm, Identity.user(), for_member)
    assert told(answer) == (SubmittedAs.MEMBER, True)
    again = await submitted(crm, Identity.member("m-1"), {"company": "Looms"})
    assert again.contact_id == answer.contact_id
    for_visitor = {"info": mail("v@example.com"), "options": {"overrideVisitorId": "v-1"}}
    answer = await submit(crm, Identity.user(), for_visitor)
    again = await submitted(crm, visitor("v-1"), {"company": "Looms"})
    assert again.contact_id == answer.contact_id


async def test_what_is_not_stored_is_told(crm: Crm) -> None:
    sent = {
        "info": mail("a@example.com", shoeSize=7),
        "passThroughData": "from a test",
        "options": {"hideFromContactList": True},
    }
    with pytest.warns(IgnoredValues) as warned:
        await submit(crm, Identity.user(), sent)
    text = str(warned[0].message)
    assert "info.shoeSize" in text
    assert "passThroughData" in text
    assert "options.hideFromContactList" in text


@pytest.mark.parametrize(
    "nothing",
    [None, {}, {"info": None}, {"info": {}}, {"info": {"company": "X"}}],
)
async def test_who_cannot_be_told_from_anybody_is_refused(
    crm: Crm, store: StoreUnderTest, nothing: Any
) -> None:
    with pytest.raises(InsufficientContactData):
        await submit(crm, visitor(), nothing)
    assert stored(store) == dict.fromkeys(stored(store), 0)


async def test_every_problem_is_named_at_once(crm: Crm, store: StoreUnderTest) -> None:
    sent = {
        "info": mail("x", birthdate="soon"),
        "contactId": "x",
        "passThroughData": "x" * 301,
        "activity": {"activityType": "CONTACT_CREATED", "activityDate": "soon"},
        "options": {"overrideVisitorId": 7},
    }
    with pytest.raises(InvalidArgument) as refused:
        await submit(crm, Identity.user(), sent)
    assert sorted(fields_named(refused.value)) == [
        "activity.activityDate",
        "activity.activityType",
        "contactId",
        "info.birthdate",
        "info.emails.items[0].email",
        "options.overrideVisitorId",
        "passThroughData",
    ]
    for wrong in ("a text", 7, [], {"info": 7}):
        with pytest.raises(InvalidArgument):
            await submit(crm, Identity.user(), wrong)
    assert counted(store, "contacts") == 0


@pytest.mark.parametrize(
    ("info", "error"),
    [
        (mail("a@example.com", labelKeys={"items": ["else.where"]}), LabelNotFound),
        (mail("a@example.com", extendedFields={"items": {"x.y": 1}}), InvalidExtendedFieldValue),
    ],
)
async def test_keys_that_cannot_be_are_refused_for_new_and_known_contacts(
    crm: Crm, info: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await submitted(crm, visitor(), info)
    before = await crm.contacts.create_contact(mail("a@example.com"))
    with pytest.raises(error):
        await submitted(crm, visitor(), info)
    assert await crm.contacts.get_contact(before.id) == before


async def test_two_primary_emails_are_refused(crm: Crm) -> None:
    items = [{"email": f"{name}@example.com", "primary": True} for name in "ab"]
    with pytest.raises(MultiplePrimaryInfo):
        await submitted(crm, visitor(), {"emails": {"items": items}})


async def test_32_visitors_with_one_email_make_one_contact(crm: Crm, store: StoreUnderTest) -> None:
    async def one(at: int) -> SubmitAnswer:
        info = mail("ada@example.com", f"{at}@example.com")
        with entered(over_http(crm, visitor(f"v-{at}"))):
            return await SubmittedContact().append_or_create_contact({"info": info})

    answers = await asyncio.gather(*map(one, range(32)))
    assert len({answer.contact_id for answer in answers}) == 1
    assert sum(answer.new_contact for answer in answers) == 1
    contact = await whole(crm, answers[0])
    assert contact.revision == 32
    assert len(contact.info.emails.items) == 33
    assert counted(store, "contact_visitors") == 32
    assert counted(store, "outbox WHERE slug = 'updated'") == 31
    assert await crm.maintenance.check() == []


async def test_a_member_who_submits_many_times_at_once_has_one_contact(crm: Crm) -> None:
    with entered(over_http(crm, Identity.member("m-1"))):
        answers = await asyncio.gather(
            *[
                SubmittedContact().append_or_create_contact({"info": mail(f"{at}@example.com")})
                for at in range(16)
            ]
        )
    assert len({answer.contact_id for answer in answers}) == 1
    assert sum(answer.new_contact for answer in answers) == 1
    assert (await crm.contacts.count_contacts()).count == 1


async def test_updates_and_submits_at_once_lose_nothing(crm: Crm) -> None:
    contact = await crm.contacts.create_contact(mail("a@example.com"))
    labels = [f"custom.l{at}" for at in range(10)]
    for label in labels:
        await crm.labels.find_or_create_label(label.removeprefix("custom."))

    async def one(at: int) -> None:
        with entered(over_http(crm, visitor(f"v-{at}"))):
            info = mail("a@example.com", f"{at}@example.com")
            await SubmittedContact().append_or_create_contact({"info": info})

    await asyncio.gather(
        *map(one, range(10)),
        *[Contacts(crm.context).label_contact(contact.id, [label]) for label in labels],
    )
    after = await crm.contacts.get_contact(contact.id)
    assert after.revision == 21
    assert set(after.info.label_keys.items) == set(labels)
    assert len(after.info.emails.items) == 11


async def test_the_answer_has_the_names_of_the_wire(crm: Crm) -> None:
    answer = await submitted(crm, visitor(), mail("a@example.com"))
    assert json.loads(msgspec.json.encode(answer)) == {
        "contactId": answer.contact_id,
        "identityType": "CONTACT",
        "newContact": True,
    }
