"""Totals and orders that are kept with every write instead of read from every match."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.ops.contact_updating import delete_in
from contactory.ops.crm import Crm
from contactory.store.contacts import load_contact
from contactory.store.engine import Transaction
from contactory.store.queries import fingerprint, migrations
from tests.ops.surroundings import counted
from tests.stores import StoreUnderTest, sqlite_only

pytestmark = pytest.mark.anyio

KEPT = ("contact_terms", "contact_labels", "contact_value_counts")
MANY = [f"custom.label-{number}" for number in range(20)]


def living(first: str, last: str, city: str, **more: Any) -> dict[str, Any]:
    address = {"city": city, "country": "DE"}
    return {
        "name": {"first": first, "last": last},
        "addresses": {"items": [{"tag": "HOME", "address": address}]},
    } | more


def tier(text: str) -> dict[str, Any]:
    return {"extendedFields": {"items": {"custom.tier": text}}}


@pytest.fixture
async def filled(crm: Crm) -> dict[str, str]:
    """Ids by first name."""
    people = [
        living("Ada", "Zuse", "Ulm", company="Looms", **tier("gold")),
        living("Bob", "Abel", "Ulm", labelKeys={"items": ["custom.a", "custom.b"]}),
        living("Cem", "Meyer", "Bonn", labelKeys={"items": ["custom.b"]}, **tier("gold")),
        living("Dora", "Meyer", "Ulm", labelKeys={"items": [*MANY, "custom.a"]}),
        {"name": {"first": "Eve"}, "company": "Looms", "jobTitle": "Smith"},
    ]
    await crm.extended_fields.find_or_create_extended_field("Tier", "TEXT")
    found = {}
    for info in people:
        contact = await crm.contacts.create_contact(info, {"allowDuplicates": True})
        found[info["name"]["first"]] = contact.id
    return found


async def asked(crm: Crm, filters: dict[str, Any], sort: str = "createdDate") -> tuple[Any, ...]:
    """The total and the first names."""
    query = {"filter": filters, "sort": [{"fieldName": sort, "order": "ASC"}]}
    page = await crm.contacts.find_contacts(query)
    assert page.paging_metadata.total is not None
    return page.paging_metadata.total, *[one.info.name.first for one in page.contacts]


EVENTS = "SELECT position, id FROM outbox ORDER BY position"


def dumped(store: StoreUnderTest) -> dict[str, list[Any]]:
    return {table: sorted(store.rows(f"SELECT * FROM {table}"), key=repr) for table in KEPT}


@pytest.mark.usefixtures("filled")
async def test_totals_are_those_of_the_contacts(crm: Crm) -> None:
    city, company, custom = "info.addresses.city", "info.company", "info.extendedFields.custom.tier"
    assert await asked(crm, {city: "Ulm"}) == (3, "Ada", "Bob", "Dora")
    assert await asked(crm, {city: {"$ne": "Ulm"}}) == (2, "Cem", "Eve")
    assert await asked(crm, {city: "ulm"}) == (0,)
    assert await asked(crm, {company: None}) == (3, "Bob", "Cem", "Dora")
    assert await asked(crm, {company: {"$exists": True}}) == (2, "Ada", "Eve")
    assert await asked(crm, {custom: "gold"}) == (2, "Ada", "Cem")
    assert await asked(crm, {custom: None}) == (3, "Bob", "Dora", "Eve")


@pytest.mark.usefixtures("filled")
async def test_people_of_a_city_are_sorted_by_their_names(crm: Crm) -> None:
    city = {"info.addresses.city": "Ulm"}
    assert await asked(crm, city, "info.name.last") == (3, "Bob", "Dora", "Ada")
    assert await asked(crm, city, "info.name.first") == (3, "Ada", "Bob", "Dora")


@pytest.mark.usefixtures("filled")
async def test_several_labels_are_found_on_contacts_of_few_and_of_many(crm: Crm) -> None:
    def all_of(*labels: str) -> dict[str, Any]:
        return {"info.labelKeys": {"$hasAll": labels}}

    assert await asked(crm, all_of("custom.a", "custom.b")) == (1, "Bob")
    assert await asked(crm, all_of("custom.a", "custom.label-7")) == (1, "Dora")
    assert await asked(crm, all_of("custom.label-1", "custom.b")) == (0,)
    named = all_of("custom.a") | {"info.name.last": {"$ne": "Abel"}}
    assert await asked(crm, named) == (1, "Dora")
    without = {"$and": [all_of("custom.a"), {"$not": all_of("custom.b")}]}
    assert await asked(crm, without) == (1, "Dora")


@pytest.mark.usefixtures("filled")
async def test_labels_are_tested_beside_conditions_on_other_columns(crm: Crm) -> None:
    filters = {
        "info.labelKeys": {"$hasAll": ["custom.a", "custom.b"]},
        "info.name.first": {"$exists": True},
    }
    assert await asked(crm, filters) == (1, "Bob")
    assert await asked(crm, filters, "info.company") == (1, "Bob")
    assert await asked(crm, {"info.name.last": "Meyer"}, "info.name.last") == (2, "Cem", "Dora")


@pytest.mark.usefixtures("filled")
async def test_who_has_several_of_the_values_is_found_once(crm: Crm) -> None:
    assert await asked(crm, {"info.labelKeys": {"$hasSome": ["custom.a", "custom.b"]}}) == (
        3,
        "Bob",
        "Cem",
        "Dora",
    )
    moved = living("Fay", "Aal", "Ulm")
    moved["addresses"]["items"].append({"tag": "WORK", "address": {"city": "Bonn"}})
    await crm.contacts.create_contact(moved)
    both = {"info.addresses.city": {"$in": ["Ulm", "Bonn"]}}
    assert await asked(crm, both, "info.name.last") == (5, "Fay", "Bob", "Cem", "Dora", "Ada")
    begun = {"info.addresses.city": {"$startsWith": ""}}
    assert (await asked(crm, begun, "info.name.last"))[0] == 5


async def test_what_is_kept_follows_every_change(crm: Crm, filled: dict[str, str]) -> None:
    bob = await crm.contacts.get_contact(filled["Bob"])
    change = living("Bob", "Zzz", "Bonn", company="Mills", **tier("iron"))
    await crm.contacts.update_contact(bob.id, change, bob.revision)
    assert await asked(crm, {"info.addresses.city": "Ulm"}) == (2, "Ada", "Dora")
    assert await asked(crm, {"info.addresses.city": "Bonn"}, "info.name.last") == (2, "Cem", "Bob")
    assert await asked(crm, {"info.company": {"$exists": True}}) == (3, "Ada", "Bob", "Eve")
    renamed = {"name": {"first": "Cem", "last": "Zzzz"}}
    cem = await crm.contacts.get_contact(filled["Cem"])
    await crm.contacts.update_contact(cem.id, renamed, cem.revision)
    assert await asked(crm, {"info.addresses.city": "Bonn"}, "info.name.last") == (2, "Bob", "Cem")
    await crm.contacts.unlabel_contact(filled["Bob"], ["custom.b"])
    assert await asked(crm, {"info.labelKeys": {"$hasAll": ["custom.a", "custom.b"]}}) == (0,)
    assert await crm.maintenance.check() == []


async def test_a_write_that_fails_leaves_no_count_to_the_next(
    crm: Crm, filled: dict[str, str]
) -> None:
    async def breaks_off(tx: Transaction) -> None:
        stored = await load_contact(tx, crm.context.site, filled["Ada"])
        assert stored is not None
        await delete_in(tx, crm.context, stored)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await crm.store.write(breaks_off)
    await crm.contacts.label_contact(filled["Bob"], ["custom.a"])
    assert await asked(crm, {"info.addresses.city": "Ulm"}) == (3, "Ada", "Bob", "Dora")
    assert await crm.maintenance.check() == []


async def test_values_that_are_not_counted_leave_nothing_when_they_go(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.extended_fields.find_or_create_extended_field("Age", "NUMBER")
    info = {"name": {"first": "Ada"}, "extendedFields": {"items": {"custom.age": 36}}}
    ada = await crm.contacts.create_contact(info)
    await crm.contacts.delete_contact(ada.id)
    assert counted(store, "contact_value_counts") == 0


async def test_nothing_is_kept_of_those_who_are_deleted(
    crm: Crm, filled: dict[str, str], store: StoreUnderTest
) -> None:
    assert counted(store, "contact_value_counts") > 0
    for contact in filled.values():
        await crm.contacts.delete_contact(contact)
    assert {table: counted(store, table) for table in KEPT} == dict.fromkeys(KEPT, 0)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE contact_terms SET last_key = 'x'", "has other names"),
        ("UPDATE contact_labels SET labels = ' x '", "has other labels beside one"),
        ("UPDATE contact_labels SET labels = ''", "has other labels beside one"),
        ("UPDATE contact_value_counts SET total = 9 WHERE field = 'city'", "city"),
        ("DELETE FROM contact_value_counts WHERE field = 'columns'", "columns"),
        ("DELETE FROM contact_value_counts WHERE field = 'fields'", "fields"),
        ("DELETE FROM contact_value_counts WHERE value = 'gold'", "custom.tier"),
    ],
)
async def test_the_check_tells_what_is_kept_wrong(
    crm: Crm, store: StoreUnderTest, statement: str, problem: str
) -> None:
    assert await crm.maintenance.check() == []
    store.change(statement)
    problems = await crm.maintenance.check()
    assert problems
    assert all(problem in one for one in problems)
    assert not any("gold" in one or "Ulm" in one for one in problems)


@sqlite_only  # PostgreSQL has no store of the first schema.
@pytest.mark.usefixtures("filled")
async def test_a_store_of_the_first_schema_is_brought_up_to_date(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.close()
    expected = dumped(store)
    assert all(expected.values())
    for table, column in (
        ("contact_terms", "first_key"),
        ("contact_terms", "last_key"),
        ("contact_labels", "labels"),
    ):
        store.change(f"ALTER TABLE {table} DROP COLUMN {column}")
    store.change("DROP TABLE contact_value_counts")
    store.change("DROP TABLE contact_search_vocabulary")
    placed = store.rows(EVENTS)
    assert [position for position, _ in placed] == [*range(1, len(placed) + 1)]
    for table in ("deliveries", "subscriptions", "signing_keys", "forgotten_events"):
        store.change(f"DROP TABLE {table}")
    for index in ("outbox_position", "outbox_unplaced"):
        store.change(f"DROP INDEX {index}")
    for part in ("company", "job"):
        store.change(f"DROP INDEX contacts_{part}_names")
        columns = f"site_id, {part}_key, id, {part}_text"
        store.change(f"CREATE INDEX contacts_{part} ON contacts ({columns})")
    store.change("ALTER TABLE outbox DROP COLUMN position")
    store.change("PRAGMA user_version = 1")
    first = fingerprint(migrations("sqlite")[:1])
    store.change(f"PRAGMA application_id = {first}")

    async with await Crm.open(store.url) as opened:
        assert await opened.maintenance.check() == []
        assert dumped(store) == expected
        assert store.rows(EVENTS) == placed


async def test_a_broken_statement_is_a_fault_and_not_a_reason_to_wait(crm: Crm) -> None:
    async def broken(tx: Transaction) -> Any:
        return await tx.select("SELECT nothing FROM nowhere", {})

    with pytest.raises(RuntimeError, match="a statement is broken"):
        await crm.store.read(broken)
    with pytest.raises(RuntimeError, match="a statement is broken"):
        await crm.store.write(broken)


async def test_the_fault_does_not_quote_what_was_searched_for(crm: Crm) -> None:
    async def broken(tx: Transaction) -> Any:
        sql = "SELECT rowid FROM contact_search WHERE contact_search MATCH :words"
        return await tx.select(sql, {"words": "secret )"})

    with pytest.raises(RuntimeError) as raised:
        await crm.store.read(broken)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
