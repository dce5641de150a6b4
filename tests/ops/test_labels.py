"""Labels: found or made, renamed, deleted, listed, and what is told of it (CONTRACT B.11, H.1)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import contactory
from contactory.domain.errors import (
    AlreadyExists,
    InvalidArgument,
    LabelsQuotaReached,
    NotFound,
    SystemDefinition,
)
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.domain.labels import Label, LabelType
from contactory.kit.ids import RowId, new_id
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from tests.ops.surroundings import counted, fields_named
from tests.ops.told_events import told_events
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

FQDN = "wix.contacts.v4.label"
MANY = 130
"""More carriers than one transaction takes."""
BAD_NAMES: list[tuple[Any, str]] = [
    (None, "REQUIRED_FIELD"),
    ("", "REQUIRED_FIELD"),
    ("  \t ", "REQUIRED_FIELD"),
    ("x" * 181, "MAX_LENGTH"),
    ("a\x00b", "FORMAT"),
    ("a\ud800", "FORMAT"),
    (5, "OTHER"),
    ({"displayName": "x"}, "OTHER"),
]


@pytest.fixture
def tight(crm: Crm) -> Crm:
    """The same store, where a site has two labels at most."""
    return Crm(crm.store, Settings(labels_quota=2))


async def made(crm: Crm, name: str) -> Label:
    found = await crm.labels.find_or_create_label(name)
    assert found.new_label
    return found.label


async def keys_of(crm: Crm) -> list[str]:
    return [label.key for label in (await crm.labels.list_labels()).labels]


# Find or create


async def test_j20_the_second_call_finds_what_the_first_one_made(crm: Crm) -> None:
    first = await crm.labels.find_or_create_label("At Risk")
    second = await crm.labels.find_or_create_label("At Risk")
    assert (first.new_label, second.new_label) == (True, False)
    assert first.label == second.label
    assert first.label.key == "custom.at-risk"


async def test_a_new_label_shows_all_that_the_contract_lists(crm: Crm) -> None:
    label = (await made(crm, "At Risk")).to_rest()
    created = label.pop("createdDate")
    assert label.pop("updatedDate") == created
    assert label == {
        "namespace": "custom",
        "namespaceDisplayName": "Labels",
        "key": "custom.at-risk",
        "displayName": "At Risk",
        "labelType": "USER_DEFINED",
    }


async def test_labels_show_the_seeds_names_to_programs_of_the_site(crm: Crm) -> None:
    label = (await made(crm, "At Risk")).to_dict()
    assert {"_createdDate", "_updatedDate"} <= label.keys()
    assert not {"createdDate", "updatedDate"} & label.keys()


async def test_names_differ_by_letter_case_and_then_have_keys_of_their_own(crm: Crm) -> None:
    names = ["At Risk", "at risk", "AT RISK", "At-Risk!"]
    assert [(await made(crm, name)).key for name in names] == [
        "custom.at-risk",
        "custom.at-risk-1",
        "custom.at-risk-2",
        "custom.at-risk-3",
    ]


async def test_blanks_around_a_name_do_not_count(crm: Crm) -> None:
    label = await made(crm, "  VIP\n")
    assert label.display_name == "VIP"
    assert not (await crm.labels.find_or_create_label("VIP ")).new_label


@pytest.mark.parametrize("name", ["Customers", "Clientes", "Contacted Me", "Me contactaron"])
async def test_names_of_system_labels_find_these_in_every_language(crm: Crm, name: str) -> None:
    found = await crm.labels.find_or_create_label(name)
    assert not found.new_label
    assert found.label.label_type is LabelType.SYSTEM
    assert await keys_of(crm) == ["contacts.contacted-me", "contacts.customers"]


@pytest.mark.parametrize(("name", "rule"), BAD_NAMES)
async def test_a_name_has_1_to_180_characters(crm: Crm, name: Any, rule: str) -> None:
    label = await made(crm, "x" * 180)
    with pytest.raises(InvalidArgument) as made_none:
        await crm.labels.find_or_create_label(name)
    with pytest.raises(InvalidArgument) as renamed_none:
        await crm.labels.rename_label(label.key, name)
    for refused in (made_none.value, renamed_none.value):
        assert [(one.field, one.violated_rule) for one in refused.violations] == [
            ("displayName", rule)
        ]


async def test_all_that_is_wrong_is_told_at_once(crm: Crm) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await crm.labels.find_or_create_label("", {"language": "english"})
    assert fields_named(refused.value) == ["displayName", "language"]


async def test_many_at_once_make_one_label(crm: Crm, store: StoreUnderTest) -> None:
    calls = [crm.labels.find_or_create_label("At Risk") for _ in range(20)]
    found = await asyncio.gather(*calls)
    assert sum(one.new_label for one in found) == 1
    assert {one.label.key for one in found} == {"custom.at-risk"}
    assert len(told_events(store)) == counted(store, "labels") == 1


async def test_the_quota_counts_the_sites_own_labels(tight: Crm, elsewhere: Crm) -> None:
    await made(elsewhere, "There")
    await made(tight, "One")
    await made(tight, "Two")
    with pytest.raises(LabelsQuotaReached) as refused:
        await tight.labels.find_or_create_label("Three")
    assert refused.value.data == {"labelsQuota": "2", "labelsCurrentTotal": "2"}
    assert not (await tight.labels.find_or_create_label("Two")).new_label
    assert not (await tight.labels.find_or_create_label("Customers")).new_label
    await tight.labels.delete_label("custom.one")
    await made(tight, "Three")


async def test_sites_do_not_see_each_others_labels(crm: Crm, elsewhere: Crm) -> None:
    await made(crm, "VIP")
    with pytest.raises(NotFound):
        await elsewhere.labels.get_label("custom.vip")
    with pytest.raises(NotFound):
        await elsewhere.labels.rename_label("custom.vip", "Other")
    with pytest.raises(NotFound):
        await elsewhere.labels.delete_label("custom.vip")
    assert await keys_of(elsewhere) == ["contacts.contacted-me", "contacts.customers"]
    await made(elsewhere, "VIP")
    assert await keys_of(crm) == ["custom.vip", "contacts.contacted-me", "contacts.customers"]
    await elsewhere.labels.delete_label("custom.vip")
    assert (await crm.labels.get_label("custom.vip")).display_name == "VIP"


# Get, rename


async def test_system_labels_are_named_in_english_and_spanish(crm: Crm) -> None:
    english = await crm.labels.get_label("contacts.customers")
    spanish = await crm.labels.get_label("contacts.customers", {"language": "es"})
    assert (english.display_name, english.namespace_display_name) == ("Customers", "Labels")
    assert (spanish.display_name, spanish.namespace_display_name) == ("Clientes", "Etiquetas")
    assert english.to_rest().keys().isdisjoint({"createdDate", "updatedDate"})


@pytest.mark.parametrize(
    "key", ["custom.none", "vip", "", "contacts.other", None, 5, "custom.\x00"]
)
async def test_a_key_that_is_nowhere_is_not_found(crm: Crm, key: Any) -> None:
    for call in (
        crm.labels.get_label(key),
        crm.labels.rename_label(key, "X"),
        crm.labels.delete_label(key),
    ):
        with pytest.raises(NotFound, match="no such label"):
            await call


async def test_a_renamed_label_keeps_key_and_creation(crm: Crm) -> None:
    label = await made(crm, "At Risk")
    await asyncio.sleep(0.002)
    renamed = await crm.labels.rename_label(label.key, " Needs care ", {"language": "es"})
    assert (renamed.key, renamed.display_name) == ("custom.at-risk", "Needs care")
    assert renamed.namespace_display_name == "Etiquetas"
    assert renamed.created_date == label.created_date
    assert renamed.updated_date is not None
    assert label.updated_date is not None
    assert renamed.updated_date > label.updated_date
    assert renamed == await crm.labels.get_label(label.key, {"language": "es"})
    assert (await made(crm, "At Risk")).key == "custom.at-risk-1"


async def test_a_label_cannot_take_the_name_of_another(crm: Crm, store: StoreUnderTest) -> None:
    await made(crm, "One")
    await made(crm, "Two")
    with pytest.raises(AlreadyExists) as refused:
        await crm.labels.rename_label("custom.two", "One")
    assert refused.value.data == {"key": "custom.one"}
    with pytest.raises(AlreadyExists) as refused:
        await crm.labels.rename_label("custom.two", "Clientes")
    assert refused.value.data == {"key": "contacts.customers"}
    assert (await crm.labels.get_label("custom.two")).display_name == "Two"
    assert {event.slug for event in told_events(store)} == {"created"}


async def test_the_same_name_again_changes_nothing(crm: Crm, store: StoreUnderTest) -> None:
    label = await made(crm, "One")
    await asyncio.sleep(0.002)
    assert await crm.labels.rename_label("custom.one", "One") == label
    assert [event.slug for event in told_events(store)] == ["created"]
    assert (await crm.labels.rename_label("custom.one", "ONE")).display_name == "ONE"


async def test_two_that_take_one_name_at_once_do_not_both_get_it(crm: Crm) -> None:
    await made(crm, "One")
    await made(crm, "Two")
    calls = [crm.labels.rename_label(key, "Three") for key in ("custom.one", "custom.two")]
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["AlreadyExists", "Label"]


@pytest.mark.parametrize("key", ["contacts.customers", "contacts.contacted-me"])
async def test_system_labels_stay_as_they_are(crm: Crm, key: str) -> None:
    with pytest.raises(SystemDefinition) as refused:
        await crm.labels.rename_label(key, "X")
    assert refused.value.data == {"key": key}
    with pytest.raises(SystemDefinition):
        await crm.labels.delete_label(key)


# Delete


async def labelled(crm: Crm, name: str, *keys: str) -> str:
    info = {"name": {"first": name}, "labelKeys": {"items": list(keys)}}
    return (await crm.contacts.create_contact(info)).id


async def test_a_deleted_label_is_off_every_contact(crm: Crm, store: StoreUnderTest) -> None:
    both = await labelled(crm, "Both", "custom.a", "custom.b", "contacts.customers")
    only = await labelled(crm, "Only", "custom.a")
    other = await labelled(crm, "Other", "custom.b")
    before = {one: await crm.contacts.get_contact(one) for one in (both, only, other)}
    await asyncio.sleep(0.002)

    await crm.labels.delete_label("custom.a")

    with pytest.raises(NotFound):
        await crm.labels.get_label("custom.a")
    after = {one: await crm.contacts.get_contact(one) for one in (both, only, other)}
    assert after[both].info.label_keys.items == ("custom.b", "contacts.customers")
    assert after[only].info.label_keys.items == ()
    assert after[other] == before[other]
    for one in (both, only):
        assert after[one].revision == 2
        assert str(after[one].updated_date) > str(before[one].updated_date)
        assert after[one].last_activity == before[one].last_activity
        assert after[one].info.name == before[one].info.name
    assert counted(store, "contact_labels") == 3


async def test_contacts_tell_nothing_of_a_deleted_label(crm: Crm, store: StoreUnderTest) -> None:
    await labelled(crm, "Only", "custom.a")
    before = counted(store, "outbox")
    await crm.labels.delete_label("custom.a")
    assert counted(store, "outbox") == before + 1


async def test_more_carriers_than_one_transaction_takes(crm: Crm, elsewhere: Crm) -> None:
    await labelled(elsewhere, "There", "custom.a")
    carriers = [await labelled(crm, f"N{at}", "custom.a") for at in range(MANY)]
    await crm.labels.delete_label("custom.a")
    for one in carriers:
        assert (await crm.contacts.get_contact(one)).info.label_keys.items == ()
    assert (await elsewhere.labels.get_label("custom.a")).key == "custom.a"


async def test_others_write_while_a_label_is_deleted(crm: Crm, store: StoreUnderTest) -> None:
    for at in range(MANY):
        await labelled(crm, f"N{at}", "custom.a")
    deleting = asyncio.create_task(crm.labels.delete_label("custom.a"))
    await labelled(crm, "New")
    if store.kind == "sqlite":  # There the turns are known: one of the writer between two parts.
        assert 0 < counted(store, "contact_labels") < MANY
    await deleting
    assert counted(store, "contact_labels") == 0


async def test_a_row_that_no_contact_bears_out_does_not_keep_a_label(
    crm: Crm, store: StoreUnderTest
) -> None:
    contact = await labelled(crm, "John", "custom.a")
    stray = {"site_id": crm.context.site, "label_key": "custom.a", "contact_id": RowId(new_id())}
    await crm.store.write(lambda tx: tx.run("put_contact_label", labels=" custom.a ", **stray))
    await asyncio.wait_for(crm.labels.delete_label("custom.a"), 10)
    assert counted(store, "contact_labels") == 0
    assert (await crm.contacts.get_contact(contact)).revision == 2


async def test_a_contact_labelled_meanwhile_loses_it_or_has_the_label_made_again(crm: Crm) -> None:
    for at in range(MANY):
        await labelled(crm, f"N{at}", "custom.a")
    deleting = asyncio.create_task(crm.labels.delete_label("custom.a"))
    late = [await labelled(crm, f"L{at}", "custom.a") for at in range(10)]
    await deleting
    shown = [(await crm.contacts.get_contact(one)).info.label_keys.items for one in late]
    exists = "custom.a" in await keys_of(crm)
    assert exists is (("custom.a",) in shown)


async def test_a_deleted_key_can_be_made_again(crm: Crm) -> None:
    first = await made(crm, "VIP")
    await crm.labels.delete_label(first.key)
    await asyncio.sleep(0.002)
    again = await made(crm, "VIP")
    assert again.key == first.key
    assert again.created_date != first.created_date


# Events


async def test_every_change_is_told_in_its_order(crm: Crm, store: StoreUnderTest) -> None:
    label = await made(crm, "VIP")
    renamed = await crm.labels.rename_label(label.key, "Very important", {"language": "es"})
    await crm.labels.delete_label(label.key)
    again = await made(crm, "VIP")
    await made(crm, "Other")

    told = told_events(store, "custom.vip")
    assert [(event.fqdn, event.slug, event.sequence) for event in told] == [
        (FQDN, "created", 1),
        (FQDN, "updated", 2),
        (FQDN, "deleted", 3),
        (FQDN, "created", 4),
    ]
    in_english = renamed.to_rest() | {"namespaceDisplayName": "Labels"}
    assert [event.body for event in told] == [
        {"createdEvent": {"entity": label.to_rest()}},
        {"updatedEvent": {"currentEntity": in_english, "modifiedFields": {"displayName": "VIP"}}},
        {"deletedEvent": {}},
        {"createdEvent": {"entity": again.to_rest()}},
    ]
    assert [event.sequence for event in told_events(store, "custom.other")] == [1]


async def test_events_name_who_did_it(crm: Crm, store: StoreUnderTest) -> None:
    async with crm.acting_as(Identity.app("an-app")):
        await crm.labels.find_or_create_label("VIP")
    (event,) = told_events(store)
    assert event.identity == {"identityType": "APP", "appId": "an-app"}


async def test_labels_made_for_a_contact_are_told_too(crm: Crm, store: StoreUnderTest) -> None:
    await labelled(crm, "John", "custom.vip", "custom.at-risk", "contacts.customers")
    told = told_events(store)
    assert [(event.key, event.slug, event.sequence) for event in told] == [
        ("custom.at-risk", "created", 1),
        ("custom.vip", "created", 1),
    ]
    assert told[0].body["createdEvent"]["entity"]["displayName"] == "At Risk"
    await labelled(crm, "Jane", "custom.vip")
    assert len(told_events(store)) == 2


async def test_a_failed_create_tells_of_no_label(crm: Crm, store: StoreUnderTest) -> None:
    tight = Crm(crm.store, Settings(labels_quota=1))
    with pytest.raises(LabelsQuotaReached):
        await labelled(tight, "John", "custom.a", "custom.b")
    assert told_events(store) == []


async def test_a_label_made_for_a_contact_finds_a_free_name(crm: Crm) -> None:
    await made(crm, "custom.vip")
    other = await made(crm, "Other")
    await crm.labels.rename_label(other.key, "Vip")
    await labelled(crm, "John", "custom.vip", "custom.customers")
    assert (await crm.labels.get_label("custom.vip")).display_name == "Vip 2"
    assert (await crm.labels.get_label("custom.customers")).display_name == "custom.customers"


# Lists and queries


async def test_lists_show_the_language_asked_for(crm: Crm) -> None:
    await made(crm, "VIP")
    spanish = await crm.labels.list_labels({"language": "es", "startsWith": "C"})
    assert [label.display_name for label in spanish.labels] == ["Clientes"]
    assert (spanish.metadata.count, spanish.metadata.total) == (1, 1)
    asked = {"filter": {"displayName": {"$startsWith": "me "}}}
    found = await crm.labels.find_labels(asked, {"language": "es"})
    assert [label.key for label in found.labels] == ["contacts.contacted-me"]
    assert (await crm.labels.find_labels(asked)).labels == []


async def test_queries_say_their_place_under_both_names(crm: Crm) -> None:
    found = await crm.labels.find_labels({"paging": {"limit": 1, "offset": 1}})
    assert found.metadata == found.paging_metadata
    assert (found.metadata.count, found.metadata.offset, found.metadata.total) == (1, 1, 2)


async def test_what_a_query_does_not_know_is_told(crm: Crm) -> None:
    with pytest.warns(IgnoredValues, match=r"query\.limit"):
        await crm.labels.find_labels({"limit": 3})


async def test_a_query_is_built_step_by_step(crm: Crm) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        await made(crm, name)
        await asyncio.sleep(0.002)
    query = crm.labels.query_labels().eq("labelType", "USER_DEFINED").ascending("_createdDate")
    result = await query.limit(2).find()
    assert [label.display_name for label in result.items] == ["Alpha", "Beta"]
    assert (result.total_count, result.total_pages, result.has_next()) == (3, 2, True)
    following = await result.next()
    assert [label.display_name for label in following.items] == ["Gamma"]
    assert [label.display_name async for label in query.limit(1)] == ["Alpha", "Beta", "Gamma"]
    spanish = await crm.labels.query_labels({"language": "es"}).eq("key", "contacts.customers")
    assert [label.display_name for label in spanish.items] == ["Clientes"]


async def test_namespaces_are_named_in_the_language(crm: Crm) -> None:
    found = await crm.labels.list_label_namespaces({"language": "es-MX"})
    assert [(one.key, one.display_name) for one in found] == [
        ("custom", "Etiquetas"),
        ("contacts", "Etiquetas"),
    ]


async def test_module_level_calls_act_for_the_caller(crm: Crm) -> None:
    async with crm.acting_as(Identity.user(["CONTACTS_LABELS.MODIFY"])):
        await contactory.labels.find_or_create_label("VIP")
        with pytest.raises(contactory.errors.PermissionDenied):
            await contactory.labels.query_labels().find()
    async with crm.acting_as(Identity.visitor()):
        elevated = contactory.elevate(contactory.labels.get_label)
        assert (await elevated("custom.vip")).display_name == "VIP"
