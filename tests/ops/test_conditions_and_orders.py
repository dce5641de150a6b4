"""Conditions and orders together: what a list is sorted by, how far it goes, empty lists."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contactory.domain.filter_fields import CONTACT_FIELDS, EXTENDED, contact_field
from contactory.domain.filters import Field, Kind
from contactory.ops.crm import Crm
from tests.contract.test_query_plans import CUSTOM, VALUES
from tests.ops.surroundings import mail

pytestmark = pytest.mark.anyio

PEOPLE = 120
"""More than are found and sorted at once."""

FIELDS = [
    field
    for field in (
        *CONTACT_FIELDS.values(),
        *(contact_field(f"info.extendedFields.{key}", CUSTOM) for key in CUSTOM),
    )
    if field and field.is_sortable
]


def conditions(field: Field) -> list[dict[str, Any]]:
    """One with each operator of the field."""
    value = field.words[0] if field.kind is Kind.WORD else VALUES[field.kind]
    operands = {"$exists": True, "$in": [value], "$nin": [value], "$hasSome": [value]}
    operands |= {"$hasAll": [value]}
    return [
        {field.path: {operator: operands.get(operator, value)}}
        for operator in sorted(field.operators)
    ]


async def test_conditions_on_the_field_that_sorts_find_what_they_find_in_any_order(
    crm: Crm,
) -> None:
    for key, kind in CUSTOM.items():
        name = key.removeprefix("custom.")
        await crm.extended_fields.find_or_create_extended_field(name, kind.value)
    infos = [person(number) for number in range(PEOPLE)]
    await asyncio.gather(*map(crm.contacts.create_contact, infos))
    everybody = {"info.name.last": {"$startsWith": "s"}}
    for field in FIELDS:
        for condition in conditions(field):
            filters = {"$and": [condition, everybody]}
            found = [await asked(crm, filters, path) for path in ("createdDate", field.path)]
            assert found[0] == found[1], condition


async def test_a_walk_goes_on_where_a_custom_field_sorts_after_a_column(crm: Crm) -> None:
    await crm.extended_fields.find_or_create_extended_field("account", "TEXT")
    infos = [
        {"name": {"first": f"P{number}"}, "company": f"C{number % 3}"} for number in range(PEOPLE)
    ]
    await asyncio.gather(*map(crm.contacts.create_contact, infos))
    query = {
        "filter": {"info.name.first": {"$startsWith": "p"}, "info.company": {"$ne": "x"}},
        "sort": [{"fieldName": "info.company"}, {"fieldName": f"{EXTENDED}custom.account"}],
    }
    met: list[str] = []
    paging: dict[str, Any] = {"limit": 7}
    while len(met) < PEOPLE:
        page = await crm.contacts.find_contacts({**query, "cursorPaging": paging})
        met += [contact.id for contact in page.contacts]
        assert page.paging_metadata.cursors
        paging = {"limit": 7, "cursor": page.paging_metadata.cursors.next}
    assert paging["cursor"] is None
    assert len(set(met)) == PEOPLE


@pytest.mark.parametrize("path", ["id", "info.company", "info.labelKeys", "info.emails.email"])
async def test_a_list_of_no_values_is_met_by_nobody(crm: Crm, path: str) -> None:
    await crm.contacts.create_contact(mail("ada@example.com", company="Engines"))
    nobody = {path: {"$hasSome" if path == "info.labelKeys" else "$in": []}}
    for filters, total in ((nobody, 0), ({"$not": nobody}, 1)):
        page = await crm.contacts.find_contacts({"filter": filters})
        assert page.paging_metadata.total == total


def person(number: int) -> dict[str, Any]:
    """Somebody with a value of each kind, or without."""
    info: dict[str, Any] = {"name": {"first": f"P{number}", "last": "Smith"}}
    if number % 3 == 0:
        info |= {
            "company": "Smith",
            "jobTitle": "Smith",
            "birthdate": VALUES[Kind.DAY][:10],
            "emails": {"items": [{"email": f"ada{number}@example.com"}]},
        }
    if number % 3 == 1:
        values = {"custom.account": "Smith", "custom.score": 7, "custom.renewal": "2026-01-01"}
        info["extendedFields"] = {"items": values}
    return info


async def asked(crm: Crm, filters: dict[str, Any], path: str) -> tuple[Any, set[str]]:
    query = {
        "filter": filters,
        "sort": [{"fieldName": path, "order": "DESC"}],
        "paging": {"limit": 1000},
    }
    page = await crm.contacts.find_contacts(query)
    return page.paging_metadata.total, {contact.id for contact in page.contacts}
