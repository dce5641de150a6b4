"""Contacts for bulk jobs, and what came of them, read from outside."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from contactory.domain.bulk_jobs import (
    BulkJob,
)
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, Source
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.crm import Crm
from contactory.ops.job_running import CHUNK
from contactory.store.contacts import ContactWrite, insert_contact
from tests.stores import StoreUnderTest

ACME = {"info.company": "Acme"}
MORE_THAN_A_CHUNK = 2 * CHUNK + 20


async def people(crm: Crm, number: int, **more: Any) -> list[Contact]:
    """So many contacts of Acme, unless they are told to be others'."""
    infos = [{"name": {"first": f"P{at}"}, "company": "Acme", **more} for at in range(number)]
    return list(await asyncio.gather(*map(crm.contacts.create_contact, infos)))


async def member(crm: Crm, member_id: str) -> Contact:
    """A contact of Acme that is a member's."""
    read, now = read_info({"name": {"first": member_id}, "company": "Acme"}), Timestamp.current()
    source = Source(source_type="ADMIN")
    contact = new_contact(read, {}, contact_id=new_id(), source=source, now=now)
    write = ContactWrite(contact=contact, member_id=member_id)
    await crm.store.write(lambda tx: insert_contact(tx, crm.context.site, write))
    return contact


async def current(crm: Crm, contacts: list[Contact]) -> list[Contact]:
    return [await crm.contacts.get_contact(contact.id) for contact in contacts]


async def names(crm: Crm, **query: Any) -> list[str | None]:
    page = await crm.contacts.find_contacts({"paging": {"limit": 1000}, **query})
    return [contact.info.name.first for contact in page.contacts]


def totals(job: BulkJob) -> tuple[str, int, int, int]:
    assert (job.processed_count, job.failed_count) == (
        job.success_total + job.failed_total,
        job.failed_total,
    )
    return job.status.value, job.total_items, job.success_total, job.failed_total


def errors(job: BulkJob) -> dict[str, int]:
    assert all(error.message for error in job.errors)
    return {error.code: error.count for error in job.errors}


def told(store: StoreUnderTest, slug: str) -> list[tuple[str, Any]]:
    """Whom the events of this kind are about, and who did it."""
    found = store.rows(
        "SELECT entity_id, identity FROM outbox WHERE slug = ? "
        "AND entity_fqdn = 'wix.contacts.v4.contact'",
        slug,
    )
    return [(entity_id, json.loads(identity)) for entity_id, identity in found]
