"""Bulk calls: what is refused when they are ordered, and what their jobs do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from contactory.domain.bulk_jobs import (
    BulkDeleteContactsOptions,
    BulkJob,
    BulkUpdateContactsOptions,
)
from contactory.domain.contacts import ContactInfo
from contactory.domain.errors import (
    ContactoryError,
    FieldsQuotaExceeded,
    InvalidArgument,
    InvalidExtendedFieldValue,
    LabelNotFound,
    NeitherFilterNorSearch,
    NotFound,
    PermissionDenied,
)
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from tests.ops.jobs_done import (
    ACME,
    MORE_THAN_A_CHUNK,
    current,
    errors,
    member,
    names,
    people,
    told,
    totals,
)
from tests.ops.surroundings import counted, fields_named, mail
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

NOBODY = "00000000-0000-4000-8000-000000000000"


async def delete(crm: Crm, options: Any) -> BulkJob:
    return await crm.wait_for_bulk_job((await crm.contacts.bulk_delete_contacts(options)).job_id)


async def update(crm: Crm, info: Any, **more: Any) -> BulkJob:
    options = {"filter": ACME, "info": info, **more}
    return await crm.wait_for_bulk_job((await crm.contacts.bulk_update_contacts(options)).job_id)


async def label(crm: Crm, **labels: Any) -> BulkJob:
    options = {"filter": ACME, **labels}
    started = await crm.contacts.bulk_label_and_unlabel_contacts(options)
    return await crm.wait_for_bulk_job(started.job_id)


async def test_contacts_that_match_are_deleted_and_no_others(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, MORE_THAN_A_CHUNK)
    await people(crm, 3, company="Other")

    job = await delete(crm, {"filter": ACME})

    assert totals(job) == ("COMPLETED", len(made), len(made), 0)
    assert job.errors == ()
    assert job.finished_date is not None
    assert job.finished_date >= job.started_date
    assert counted(store, "contacts") == 3
    assert Counter(who for who, _ in told(store, "deleted")) == Counter(c.id for c in made)
    assert await crm.maintenance.check() == []


async def test_filter_and_search_together_mean_those_of_both(crm: Crm) -> None:
    await people(crm, 3)
    await people(crm, 1, company="Other")

    job = await delete(crm, {"filter": ACME, "search": "p0"})

    assert totals(job) == ("COMPLETED", 1, 1, 0)
    assert sorted(map(str, await names(crm))) == ["P0", "P1", "P2"]


async def test_contacts_made_after_the_order_are_not_meant(crm: Crm) -> None:
    await people(crm, 2)
    started = await crm.contacts.bulk_delete_contacts({"filter": ACME})
    await asyncio.sleep(0.002)  # Ids of one millisecond have no order.
    (later,) = await people(crm, 1)

    job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", 2, 2, 0)
    assert await current(crm, [later]) == [later]


async def test_an_update_writes_what_it_names_over_each_contact(
    crm: Crm, store: StoreUnderTest
) -> None:
    made = await people(crm, MORE_THAN_A_CHUNK, jobTitle="Clerk")
    (other,) = await people(crm, 1, company="Other")
    robot = Identity.app("robot")
    info = {
        "company": "New Acme",
        "addresses": {"items": [{"address": {"city": "Paris", "country": "FR"}}]},
        "labelKeys": {"items": ["custom.moved"]},
        "extendedFields": {"items": {"custom.team": "Red"}},
    }

    async with crm.acting_as(robot) as acting:
        started = await acting.contacts.bulk_update_contacts({"filter": ACME, "info": info})
    job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", len(made), len(made), 0)
    after = await current(crm, made)
    assert {contact.revision for contact in after} == {2}
    assert {contact.info.company for contact in after} == {"New Acme"}
    assert {contact.info.job_title for contact in after} == {"Clerk"}
    assert {contact.info.label_keys.items for contact in after} == {("custom.moved",)}
    assert {contact.info.extended_fields.items["custom.team"] for contact in after} == {"Red"}
    ids = [contact.info.addresses.items[0].id for contact in after]
    assert len(set(ids)) == len(ids)
    assert [c.info.name for c in after] == [c.info.name for c in made]
    assert await current(crm, [other]) == [other]
    events = told(store, "updated")
    assert Counter(who for who, _ in events) == Counter(contact.id for contact in made)
    assert all(by == {"identityType": "APP", "appId": "robot"} for _, by in events)


async def test_what_an_update_names_exists_once_it_is_ordered(crm: Crm) -> None:
    info = {
        "labelKeys": {"items": ["custom.vip"]},
        "extendedFields": {"items": {"custom.team": "Red"}},
    }

    await crm.contacts.bulk_update_contacts({"filter": ACME, "info": info})

    assert (await crm.labels.get_label("custom.vip")).key == "custom.vip"
    assert (await crm.extended_fields.get_extended_field("custom.team")).key == "custom.team"


async def test_a_field_mask_writes_and_clears_exactly_what_it_names(crm: Crm) -> None:
    made = await people(crm, 2, jobTitle="Clerk", locale="en-US")

    with pytest.warns(IgnoredValues, match=r"info\.locale"):
        job = await update(crm, {"locale": "fr-FR"}, fieldMask=["jobTitle"])

    assert totals(job) == ("COMPLETED", 2, 2, 0)
    for contact in await current(crm, made):
        assert (contact.info.job_title, contact.info.locale) == (None, "en-US")


async def test_of_an_info_struct_only_what_it_names_is_written(crm: Crm) -> None:
    made = await people(crm, 2)
    options = BulkUpdateContactsOptions(filter=ACME, info=ContactInfo(job_title="Clerk"))

    started = await crm.contacts.bulk_update_contacts(options)
    await crm.wait_for_bulk_job(started.job_id)

    after = await current(crm, made)
    assert [contact.info.name for contact in after] == [contact.info.name for contact in made]
    assert {(c.info.company, c.info.job_title) for c in after} == {("Acme", "Clerk")}


async def test_what_one_contact_refuses_is_counted_by_its_code(
    crm: Crm, store: StoreUnderTest
) -> None:
    nameless = []
    for number in range(2):
        info = mail(f"{number}@example.com", company="Acme", name={"first": "Mailed"})
        nameless.append(await crm.contacts.create_contact(info))
    named = await people(crm, MORE_THAN_A_CHUNK)

    job = await update(crm, {"name": {"first": None}})

    assert totals(job) == ("COMPLETED", len(named) + 2, 2, len(named))
    assert errors(job) == {"INSUFFICIENT_CONTACT_DATA": len(named)}
    assert await current(crm, named) == named
    assert {who for who, _ in told(store, "updated")} == {c.id for c in nameless}


async def test_one_email_for_all_is_the_first_ones(crm: Crm) -> None:
    first, *others = sorted(await people(crm, 4), key=lambda contact: contact.id)

    job = await update(crm, mail("shared@example.com"))

    assert totals(job) == ("COMPLETED", 4, 1, 3)
    assert errors(job) == {"DUPLICATE_CONTACT_EXISTS": 3}
    assert (await current(crm, [first]))[0].info.emails.items[0].email == "shared@example.com"
    assert await current(crm, others) == others


async def test_members_stay_unless_they_are_meant_too(crm: Crm, store: StoreUnderTest) -> None:
    await people(crm, 1)
    kept = await member(crm, "m-1")

    job = await delete(crm, {"filter": ACME})

    assert totals(job) == ("COMPLETED", 2, 1, 1)
    assert errors(job) == {"CANNOT_DELETE_SITE_MEMBERS": 1}
    assert (await crm.contacts.get_contact(kept.id)).id == kept.id
    job = await delete(crm, BulkDeleteContactsOptions(filter=ACME, delete_member=True))
    assert totals(job) == ("COMPLETED", 1, 1, 0)
    assert counted(store, "contacts") == 0


async def test_members_are_deleted_by_those_alone_who_may(crm: Crm, store: StoreUnderTest) -> None:
    manager = Identity.user(["CONTACTS.MODIFY"])
    async with crm.acting_as(manager) as acting:
        options = {"filter": ACME, "deleteMember": True}
        with pytest.raises(PermissionDenied) as refused:
            await acting.contacts.bulk_delete_contacts(options)
        assert refused.value.data == {"permission": "MEMBERS.MEMBER_DELETE"}
        assert counted(store, "bulk_jobs") == 0
        await acting.contacts.bulk_delete_contacts(options | {"deleteMember": False})


async def test_labels_come_and_go_and_those_that_are_right_stay_unwritten(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.labels.find_or_create_label("Vip")
    await crm.labels.find_or_create_label("New")
    has_it = await people(crm, 2, labelKeys={"items": ["custom.vip"]})
    lacks_it = await people(crm, 3, labelKeys={"items": ["custom.new"]})

    added = await label(crm, labelKeysToAdd=["custom.vip"])

    assert added.type == "ADD_LABELS"
    assert totals(added) == ("COMPLETED", 5, 5, 0)
    assert await current(crm, has_it) == has_it
    assert {who for who, _ in told(store, "updated")} == {c.id for c in lacks_it}
    both = await label(
        crm, labelKeysToAdd=["contacts.customers"], labelKeysToRemove=["custom.new", "custom.vip"]
    )
    assert both.type == "ADD_REMOVE_LABELS"
    after = await current(crm, has_it + lacks_it)
    assert {contact.info.label_keys.items for contact in after} == {("contacts.customers",)}
    removed = await label(crm, labelKeysToRemove="contacts.customers")
    assert removed.type == "REMOVE_LABELS"
    after = await current(crm, has_it + lacks_it)
    assert {contact.info.label_keys.items for contact in after} == {()}


async def test_a_label_that_is_deleted_meanwhile_is_told_by_the_job(crm: Crm) -> None:
    await people(crm, 2)
    await crm.labels.find_or_create_label("Vip")
    options = {"filter": ACME, "labelKeysToAdd": ["custom.vip"]}
    started = await crm.contacts.bulk_label_and_unlabel_contacts(options)
    await crm.labels.delete_label("custom.vip")

    job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", 2, 0, 2)
    assert errors(job) == {"LABEL_NOT_FOUND": 2}


async def test_a_custom_field_that_is_deleted_meanwhile_ends_no_job(crm: Crm) -> None:
    await people(crm, 2, extendedFields={"items": {"custom.team": "Red"}})
    options = {"filter": {"info.extendedFields.items.custom.team": "Red"}}
    started = await crm.contacts.bulk_delete_contacts(options)
    await crm.extended_fields.delete_extended_field("custom.team")

    job = await crm.wait_for_bulk_job(started.job_id)

    assert totals(job) == ("COMPLETED", 0, 0, 0)
    assert len(await names(crm)) == 2


CALLS: Mapping[str, Mapping[str, Any]] = {
    "bulk_delete_contacts": {},
    "bulk_update_contacts": {"info": {"company": "X"}},
    "bulk_label_and_unlabel_contacts": {"labelKeysToAdd": ["contacts.customers"]},
}


@pytest.mark.parametrize(
    "which",
    [{}, {"filter": {}}, {"filter": None}, {"filter": {"$and": []}}, {"search": " "}],
    ids=str,
)
@pytest.mark.parametrize("call", CALLS)
async def test_no_call_means_all_contacts_by_accident(
    crm: Crm, store: StoreUnderTest, call: str, which: dict[str, Any]
) -> None:
    with pytest.raises(NeitherFilterNorSearch):
        await getattr(crm.contacts, call)({**which, **CALLS[call]})
    assert counted(store, "bulk_jobs") == 0


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("sent", "code", "path"),
    [
        ({"info.nothing": 1}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN", "filter.info.nothing"),
        ({"info.company": {"$gt": "x"}}, "UNSUPPORTED_FILTER_OPERATOR", "filter.info.company.$gt"),
        ({"createdDate": {"$gt": "soon"}}, "UNSUPPORTED_FILTER_VALUE", "filter.createdDate.$gt"),
        ("{}", "MALFORMED_FILTER", "filter"),
    ],
)
async def test_a_bad_filter_is_refused_before_there_is_a_job(
    crm: Crm, store: StoreUnderTest, call: str, sent: Any, code: str, path: str
) -> None:
    with pytest.raises(ContactoryError) as refused:
        await getattr(crm.contacts, call)({"filter": sent, **CALLS[call]})
    assert (refused.value.code, refused.value.data["path"]) == (code, path)
    assert counted(store, "bulk_jobs") == 0


@pytest.mark.parametrize(
    ("call", "options", "fields"),
    [
        ("bulk_delete_contacts", {"search": "x" * 101}, ["search"]),
        ("bulk_delete_contacts", {"deleteMember": 7}, ["deleteMember"]),
        ("bulk_delete_contacts", {"info": {}}, ["options.info"]),
        ("bulk_update_contacts", {"info": mail("x")}, ["info.emails.items[0].email"]),
        ("bulk_update_contacts", {"info": {"company": 7}, "fieldMask": "no"}, ["fieldMask"]),
        ("bulk_label_and_unlabel_contacts", {}, ["labelKeysToAdd"]),
        (
            "bulk_label_and_unlabel_contacts",
            {"labelKeysToAdd": [""], "labelKeysToRemove": ["custom.x"] * 101},
            ["labelKeysToAdd[0]", "labelKeysToRemove"],
        ),
    ],
)
async def test_what_is_wrong_is_named_before_there_is_a_job(
    crm: Crm, store: StoreUnderTest, call: str, options: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await getattr(crm.contacts, call)({"filter": ACME, **options})
    assert fields_named(refused.value) == fields
    assert counted(store, "bulk_jobs") == 0


async def test_unknown_labels_are_refused_before_there_is_a_job(
    crm: Crm, store: StoreUnderTest
) -> None:
    options = {"filter": ACME, "labelKeysToAdd": ["custom.a", "contacts.customers"]}
    with pytest.raises(LabelNotFound) as refused:
        await crm.contacts.bulk_label_and_unlabel_contacts(
            options | {"labelKeysToRemove": ["custom.b"]}
        )
    assert refused.value.data == {"labelKeys": ["custom.a", "custom.b"]}
    assert counted(store, "bulk_jobs") == 0


async def test_an_info_that_fits_no_contact_is_refused_before_there_is_a_job(
    store: StoreUnderTest,
) -> None:
    async with await Crm.open(store.url, Settings(fields_quota=1)) as crm:
        await crm.extended_fields.find_or_create_extended_field("Age", "NUMBER")

        def order(fields: dict[str, Any]) -> Any:
            info = {"labelKeys": {"items": ["custom.a"]}, "extendedFields": {"items": fields}}
            return crm.contacts.bulk_update_contacts({"filter": ACME, "info": info})

        with pytest.raises(InvalidExtendedFieldValue):
            await order({"custom.age": "old"})
        with pytest.raises(FieldsQuotaExceeded):
            await order({"custom.other": "x"})
        assert counted(store, "bulk_jobs") == 0
        assert counted(store, "labels") == 0


async def test_jobs_are_listed_newest_first_up_to_a_hundred(crm: Crm) -> None:
    ids = [(await crm.contacts.bulk_delete_contacts({"search": "x"})).job_id for _ in range(101)]

    jobs = await crm.contacts.list_bulk_jobs()

    assert [job.id for job in jobs] == ids[:0:-1]
    assert await crm.contacts.get_bulk_job(ids[0].upper()) not in jobs


@pytest.mark.parametrize("job_id", [NOBODY, "", "x", None, 7])
async def test_a_job_that_is_not_there_is_not_found(crm: Crm, job_id: Any) -> None:
    with pytest.raises(NotFound):
        await crm.contacts.get_bulk_job(job_id)
