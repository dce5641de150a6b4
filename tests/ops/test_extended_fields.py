"""Extended fields: found or made, renamed, deleted, listed, told of (CONTRACT B.12, H.1)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

import contactory
from contactory.domain.errors import (
    AlreadyExists,
    FieldsQuotaExceeded,
    InvalidArgument,
    InvalidExtendedFieldValue,
    NotFound,
    SystemDefinition,
)
from contactory.domain.extended_fields import READ_ONLY, VAT_ID, FieldType
from contactory.domain.field_definitions import SYSTEM_FIELDS, DefinedBy, ExtendedField
from contactory.domain.identities import Identity
from contactory.kit.ids import RowId, new_id
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from tests.ops.surroundings import counted, fields_named
from tests.ops.told_events import told_events
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

FQDN = "wix.contacts.v4.extended-field"
MANY = 130
"""More carriers than one transaction takes."""


async def made(crm: Crm, name: str, data_type: str = "TEXT") -> ExtendedField:
    found = await crm.extended_fields.find_or_create_extended_field(name, data_type)
    assert found.new_field
    return found.field


async def with_values(crm: Crm, name: str, **values: Any) -> str:
    items = {f"custom.{key}": value for key, value in values.items()}
    info = {"name": {"first": name}, "extendedFields": {"items": items}}
    return (await crm.contacts.create_contact(info)).id


async def values_of(crm: Crm, contact_id: str) -> dict[str, Any]:
    items = (await crm.contacts.get_contact(contact_id)).info.extended_fields.items
    return {key: value for key, value in items.items() if key.startswith("custom.")}


# Find or create


@pytest.mark.parametrize("data_type", list(FieldType))
async def test_a_new_field_shows_all_that_the_contract_lists(crm: Crm, data_type: str) -> None:
    field = (await made(crm, "My Field", data_type)).to_rest()
    created = field.pop("createdDate")
    assert field.pop("updatedDate") == created
    assert field == {
        "namespace": "custom",
        "key": "custom.my-field",
        "displayName": "My Field",
        "dataType": data_type,
        "fieldType": "USER_DEFINED",
    }


async def test_the_same_name_finds_the_field_whatever_type_is_sent(crm: Crm) -> None:
    field = await made(crm, "Age", "NUMBER")
    for data_type in ("NUMBER", "TEXT", None, ""):
        found = await crm.extended_fields.find_or_create_extended_field(" Age ", data_type)
        assert found.field == field
        assert not found.new_field


async def test_a_name_in_other_letters_is_another_field_with_random_letters_in_its_key(
    crm: Crm,
) -> None:
    await made(crm, "My Field")
    other = await made(crm, "my field")
    assert re.fullmatch(r"custom\.my-field-[a-z]{19}", other.key)


@pytest.mark.parametrize("name", ["VAT ID", "# of Purchases", "Email efectivo"])
async def test_names_of_system_fields_find_these(crm: Crm, name: str) -> None:
    found = await crm.extended_fields.find_or_create_extended_field(name, "TEXT")
    assert (found.new_field, found.field.field_type) == (False, DefinedBy.SYSTEM)


@pytest.mark.parametrize(
    ("name", "data_type", "fields"),
    [
        ("", "TEXT", ["displayName"]),
        ("x" * 151, "TEXT", ["displayName"]),
        ("Age", None, ["dataType"]),
        ("Age", "", ["dataType"]),
        ("Age", "INTEGER", ["dataType"]),
        ("Age", "number", ["dataType"]),
        ("Age", ["NUMBER"], ["dataType"]),
        (None, "WORD", ["displayName", "dataType"]),
    ],
)
async def test_what_does_not_fit_is_told_together(
    crm: Crm, store: StoreUnderTest, name: Any, data_type: Any, fields: list[str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.extended_fields.find_or_create_extended_field(name, data_type)
    assert fields_named(refused.value) == fields
    assert counted(store, "extended_fields") == 0


async def test_j21_a_site_has_100_custom_fields_at_most(crm: Crm, elsewhere: Crm) -> None:
    await made(elsewhere, "There")
    for number in range(100):
        await made(crm, f"Field {number}")
    with pytest.raises(FieldsQuotaExceeded):
        await crm.extended_fields.find_or_create_extended_field("Field 100", "TEXT")
    found = await crm.extended_fields.find_or_create_extended_field("Field 99", "TEXT")
    assert not found.new_field
    await crm.extended_fields.delete_extended_field("custom.field-0")
    await made(crm, "Field 100")


async def test_the_quota_can_be_chosen(crm: Crm) -> None:
    tight = Crm(crm.store, Settings(fields_quota=1))
    await made(tight, "One")
    with pytest.raises(FieldsQuotaExceeded):
        await tight.extended_fields.find_or_create_extended_field("Two", "TEXT")


async def test_many_at_once_make_one_field(crm: Crm) -> None:
    calls = [crm.extended_fields.find_or_create_extended_field("Age", "NUMBER") for _ in range(20)]
    found = await asyncio.gather(*calls)
    assert sum(one.new_field for one in found) == 1
    assert {one.field.key for one in found} == {"custom.age"}


async def test_the_made_field_takes_values_of_its_type_only(crm: Crm) -> None:
    await made(crm, "Age", "NUMBER")
    await made(crm, "Since", "DATE")
    contact = await with_values(crm, "John", age="24", since="2026-11-24")
    assert await values_of(crm, contact) == {"custom.age": 24, "custom.since": "2026-11-24"}
    with pytest.raises(InvalidExtendedFieldValue):
        await with_values(crm, "Jane", age="old")


# Get, rename


async def test_every_site_has_twelve_system_fields_with_names_in_two_languages(crm: Crm) -> None:
    listed = await crm.extended_fields.list_extended_fields()
    spanish = await crm.extended_fields.list_extended_fields({"language": "es"})
    assert len(listed.fields) == 12
    assert {field.key for field in listed.fields} == SYSTEM_FIELDS == READ_ONLY | {VAT_ID}
    for field, other in zip(listed.fields, spanish.fields, strict=True):
        shown = field.to_rest()
        assert shown["fieldType"] == "SYSTEM"
        assert shown["namespace"] == field.key.split(".")[0]
        assert 1 <= len(shown["description"]) <= 150
        assert shown.keys().isdisjoint({"createdDate", "updatedDate"})
        assert (other.key, other.display_name != field.display_name) == (field.key, True)
        assert await crm.extended_fields.get_extended_field(field.key) == field
        assert await crm.extended_fields.get_extended_field(field.key, {"language": "es"}) == other


async def test_system_fields_have_the_types_of_the_contract(crm: Crm) -> None:
    found = (await crm.extended_fields.list_extended_fields()).fields
    others = {field.key: field.data_type.value for field in found if field.data_type != "TEXT"}
    assert others == {
        "ecom.numOfPurchases": "NUMBER",
        "ecom.totalSpentAmount": "NUMBER",
        "ecom.lastPurchaseDate": "DATE",
    }


@pytest.mark.parametrize("key", sorted(SYSTEM_FIELDS))
async def test_system_fields_stay_as_they_are(crm: Crm, key: str) -> None:
    with pytest.raises(SystemDefinition) as refused:
        await crm.extended_fields.rename_extended_field(key, "X")
    assert refused.value.data == {"key": key}
    with pytest.raises(SystemDefinition):
        await crm.extended_fields.delete_extended_field(key)


@pytest.mark.parametrize("key", ["custom.none", "age", "", "ecom.other", None, 5, "custom.\x00"])
async def test_a_key_that_is_nowhere_is_not_found(crm: Crm, elsewhere: Crm, key: Any) -> None:
    await made(elsewhere, "None")
    for call in (
        crm.extended_fields.get_extended_field(key),
        crm.extended_fields.rename_extended_field(key, "X"),
        crm.extended_fields.delete_extended_field(key),
    ):
        with pytest.raises(NotFound, match="no such extended field"):
            await call


async def test_a_renamed_field_keeps_key_type_and_values(crm: Crm) -> None:
    field = await made(crm, "Age", "NUMBER")
    contact = await with_values(crm, "John", age=24)
    await asyncio.sleep(0.002)
    renamed = await crm.extended_fields.rename_extended_field("custom.age", "Years")
    assert (renamed.key, renamed.display_name, renamed.data_type) == (
        "custom.age",
        "Years",
        "NUMBER",
    )
    assert renamed.created_date == field.created_date
    assert renamed.updated_date != field.updated_date
    assert renamed == await crm.extended_fields.get_extended_field("custom.age")
    assert await values_of(crm, contact) == {"custom.age": 24}


async def test_a_field_cannot_take_the_name_of_another(crm: Crm) -> None:
    await made(crm, "One")
    await made(crm, "Two")
    with pytest.raises(AlreadyExists) as refused:
        await crm.extended_fields.rename_extended_field("custom.two", "One")
    assert refused.value.data == {"key": "custom.one"}
    with pytest.raises(AlreadyExists) as refused:
        await crm.extended_fields.rename_extended_field("custom.two", "VAT ID")
    assert refused.value.data == {"key": "invoices.vatId"}
    with pytest.raises(InvalidArgument) as invalid:
        await crm.extended_fields.rename_extended_field("custom.two", "x" * 151)
    assert fields_named(invalid.value) == ["displayName"]


async def test_the_sdks_spelling_of_a_key_names_the_same_field(crm: Crm) -> None:
    field = await made(crm, "_id")
    assert field.key == "custom.id"
    assert await crm.extended_fields.get_extended_field("custom._id") == field
    await crm.extended_fields.delete_extended_field("custom._id")
    assert not (
        await crm.extended_fields.list_extended_fields({"fieldType": "USER_DEFINED"})
    ).fields


# Delete


async def test_a_deleted_field_leaves_no_value_behind(crm: Crm, store: StoreUnderTest) -> None:
    await made(crm, "Age", "NUMBER")
    both = await with_values(crm, "Both", age=24, food="soup")
    other = await with_values(crm, "Other", food="bread")
    before = {one: await crm.contacts.get_contact(one) for one in (both, other)}
    events = counted(store, "outbox")
    await asyncio.sleep(0.002)

    await crm.extended_fields.delete_extended_field("custom.age")

    after = {one: await crm.contacts.get_contact(one) for one in (both, other)}
    assert after[other] == before[other]
    assert await values_of(crm, both) == {"custom.food": "soup"}
    kept = dict(before[both].info.extended_fields.items)
    del kept["custom.age"]
    assert dict(after[both].info.extended_fields.items) == kept
    assert after[both].revision == 2
    assert str(after[both].updated_date) > str(before[both].updated_date)
    assert counted(store, "contact_field_values") == 2
    assert counted(store, "outbox") == events + 1


async def test_more_carriers_than_one_transaction_takes(crm: Crm, elsewhere: Crm) -> None:
    there = await with_values(elsewhere, "There", age=1)
    carriers = [await with_values(crm, f"N{at}", age=at) for at in range(MANY)]
    await crm.extended_fields.delete_extended_field("custom.age")
    for one in carriers:
        assert await values_of(crm, one) == {}
    assert await values_of(elsewhere, there) == {"custom.age": 1}


async def test_a_row_that_no_contact_bears_out_does_not_keep_a_field(
    crm: Crm, store: StoreUnderTest
) -> None:
    await with_values(crm, "John", age=24)
    stray = {
        "site_id": crm.context.site,
        "field_key": "custom.age",
        "contact_id": RowId(new_id()),
        "text_key": None,
        "text_value": None,
        "number_value": 1.0,
    }
    await crm.store.write(lambda tx: tx.run("insert_field_value", **stray))
    await asyncio.wait_for(crm.extended_fields.delete_extended_field("custom.age"), 10)
    assert counted(store, "contact_field_values") == 0


async def test_a_deleted_field_can_come_back_with_another_type(crm: Crm) -> None:
    contact = await with_values(crm, "John", age=24)
    await crm.extended_fields.delete_extended_field("custom.age")
    assert (await made(crm, "Age", "TEXT")).key == "custom.age"
    assert await values_of(crm, contact) == {}
    await with_values(crm, "Jane", age="old")


async def test_a_value_written_meanwhile_is_erased_or_has_its_field(crm: Crm) -> None:
    for at in range(MANY):
        await with_values(crm, f"N{at}", age=at)
    deleting = asyncio.create_task(crm.extended_fields.delete_extended_field("custom.age"))
    late = [await with_values(crm, f"L{at}", age=at) for at in range(10)]
    await deleting
    is_kept = any([await values_of(crm, one) for one in late])
    own = (await crm.extended_fields.list_extended_fields({"namespace": "custom"})).fields
    assert [field.key for field in own] == (["custom.age"] if is_kept else [])


# Events


async def test_every_change_is_told_in_its_order(crm: Crm, store: StoreUnderTest) -> None:
    field = await made(crm, "Age", "NUMBER")
    renamed = await crm.extended_fields.rename_extended_field(field.key, "Years")
    await crm.extended_fields.delete_extended_field(field.key)
    again = await made(crm, "Age", "TEXT")

    told = told_events(store, "custom.age")
    assert [(event.fqdn, event.slug, event.sequence) for event in told] == [
        (FQDN, "created", 1),
        (FQDN, "updated", 2),
        (FQDN, "deleted", 3),
        (FQDN, "created", 4),
    ]
    assert [event.body for event in told] == [
        {"createdEvent": {"entity": field.to_rest()}},
        {
            "updatedEvent": {
                "currentEntity": renamed.to_rest(),
                "modifiedFields": {"displayName": "Age"},
            }
        },
        {"deletedEvent": {}},
        {"createdEvent": {"entity": again.to_rest()}},
    ]


async def test_a_label_and_a_field_of_one_key_are_told_apart(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.labels.find_or_create_label("VIP")
    await made(crm, "VIP")
    assert [event.sequence for event in told_events(store, "custom.vip")] == [1, 1]


async def test_fields_made_for_a_contact_are_told_too(crm: Crm, store: StoreUnderTest) -> None:
    async with crm.acting_as(Identity.app("an-app")):
        await with_values(crm, "John", age=24)
    (event,) = told_events(store)
    assert (event.fqdn, event.slug, event.sequence) == (FQDN, "created", 1)
    assert event.identity == {"identityType": "APP", "appId": "an-app"}
    shown = event.body["createdEvent"]["entity"]
    assert (shown["displayName"], shown["dataType"]) == ("Age", "NUMBER")
    await with_values(crm, "Jane", age=25)
    assert len(told_events(store)) == 1


async def test_a_field_made_for_a_contact_finds_a_free_name(crm: Crm) -> None:
    other = await made(crm, "Other")
    await crm.extended_fields.rename_extended_field(other.key, "Age")
    await with_values(crm, "John", age=24)
    assert (await crm.extended_fields.get_extended_field("custom.age")).display_name == "custom.age"


# Lists and queries


@pytest.mark.parametrize(
    ("sought", "keys"),
    [
        ({"dataType": "NUMBER", "fieldType": "USER_DEFINED"}, ["custom.age"]),
        ({"dataType": {"$ne": "TEXT"}}, ["custom.since", "custom.age"]),
        ({"namespace": "invoices"}, ["invoices.vatId"]),
        ({"fieldType": {"$eq": "USER_DEFINED"}}, ["custom.since", "custom.age", "custom.food"]),
        ({"key": {"$in": ["custom.food", "members.mobile"]}}, ["custom.food", "members.mobile"]),
        ({"displayName": {"$startsWith": "si"}}, ["custom.since"]),
    ],
)
async def test_queries_find_by_every_field_of_the_table(
    crm: Crm, sought: Any, keys: list[str]
) -> None:
    for name, data_type in (("Food", "TEXT"), ("Age", "NUMBER"), ("Since", "DATE")):
        await made(crm, name, data_type)
        await asyncio.sleep(0.002)
    found = await crm.extended_fields.find_extended_fields({"filter": sought})
    shown = [field.key for field in found.fields if not field.key.startswith("ecom.")]
    assert shown == keys
    assert found.metadata == found.paging_metadata


async def test_a_query_is_built_step_by_step(crm: Crm) -> None:
    await made(crm, "Age", "NUMBER")
    query = crm.extended_fields.query_extended_fields().descending("displayName").limit(5)
    result = await query
    assert (result.length, result.total_count, result.total_pages) == (5, 13, 3)
    names = [field.display_name async for field in query]
    assert names == sorted(names, key=str.casefold, reverse=True)
    assert len(names) == 13


async def test_a_list_takes_what_the_contract_names(crm: Crm) -> None:
    await made(crm, "Age", "NUMBER")
    own = await crm.extended_fields.list_extended_fields({"field_type": "USER_DEFINED"})
    assert [field.key for field in own.fields] == ["custom.age"]
    page = await crm.extended_fields.list_extended_fields(
        {"paging": {"limit": 2, "offset": 1}, "sort": {"fieldName": "displayName"}}
    )
    assert [field.display_name for field in page.fields] == [
        "Age",
        "Display Name (start with first)",
    ]
    with pytest.raises(InvalidArgument) as refused:
        await crm.extended_fields.list_extended_fields({"paging": {"limit": 1001}})
    assert fields_named(refused.value) == ["paging.limit"]


async def test_module_level_calls_act_for_the_caller(crm: Crm) -> None:
    async with crm.acting_as(Identity.user(["CONTACTS_SCHEMA.MODIFY"])):
        await contactory.extended_fields.find_or_create_extended_field("Age", "NUMBER")
        with pytest.raises(contactory.errors.PermissionDenied):
            await contactory.extended_fields.get_extended_field("custom.age")
