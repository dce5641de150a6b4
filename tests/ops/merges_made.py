"""Contacts to merge, and merges of them."""

from __future__ import annotations

from typing import Any

from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact
from contactory.kit.ids import RowId
from contactory.ops.contact_creating import draft_of, write_new
from contactory.ops.crm import Crm
from contactory.store.rows import as_text
from tests.ops.surroundings import call, mail

NOBODY = "00000000-0000-4000-8000-000000000000"
ALLOWING = {"allowDuplicates": True}


async def made(crm: Crm, info: Any, **options: Any) -> Contact:
    return await crm.contacts.create_contact(info, options)


async def merged(crm: Crm, target: Contact, *sources: Contact) -> Contact:
    ids = {"sourceContactIds": [source.id for source in sources]}
    return await crm.contacts.merge_contacts(target.id, target.revision, ids)


async def made_for_member(crm: Crm, info: Any) -> Contact:
    draft = await draft_of(
        crm.context, read_info(info), allow_duplicates=False, member_id="member-1"
    )
    return await crm.store.write(lambda tx: write_new(tx, crm.context, draft))


async def all_contacts(crm: Crm) -> list[Contact]:
    return list((await crm.contacts.list_contacts()).contacts)


async def three(crm: Crm) -> tuple[Contact, Contact, Contact]:
    """A target and two sources with something of everything."""
    await crm.extended_fields.find_or_create_extended_field("Born", "DATE")
    target = await made(
        crm,
        mail("ada@example.com", name={"first": "Ada"}, labelKeys={"items": ["custom.vip"]})
        | {"extendedFields": {"items": {"custom.food": "Tea"}}},
    )
    first = await made(
        crm,
        mail("byron@example.com", "a.b@example.com", company="Engines", birthdate="1815-12-10")
        | call("2025550111")
        | {
            "labelKeys": {"items": ["custom.poet", "custom.vip"]},
            "extendedFields": {"items": {"custom.food": "Cake", "custom.born": "1815-12-10"}},
            "addresses": {"items": [{"address": {"city": "London", "country": "GB"}}]},
            "locations": {"items": [NOBODY]},
        },
    )
    second = await made(
        crm,
        mail("king@example.com", jobTitle="Writer", locale="en-GB", company="Looms")
        | call("2025550122")
        | {"extendedFields": {"items": {"custom.age": 36, "custom.food": "Pie"}}},
    )
    return target, first, second


async def attach(crm: Crm, visitor: str, contact: Contact) -> None:
    """Let the visitor be known by the contact."""
    row = {"site_id": crm.context.site, "visitor_id": visitor, "contact_id": RowId(contact.id)}
    await crm.store.write(lambda tx: tx.run("insert_visitor", **row, now=1))


async def visitor_contact(crm: Crm, visitor: str) -> str | None:
    row = await crm.store.read(
        lambda tx: tx.row("get_visitor_contact", site_id=crm.context.site, visitor_id=visitor)
    )
    return as_text(row[0]) if row else None
