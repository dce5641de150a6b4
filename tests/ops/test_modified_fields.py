"""Events of contacts, read one after the other, tell each change and what was before it."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.ops.crm import Crm
from tests.contact_before import bare, contact_before
from tests.ops.merge_rows import told
from tests.ops.merges_made import merged, three
from tests.ops.surroundings import mail
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


def check_chain(store: StoreUnderTest, contact_id: str, *, updates: int) -> list[dict[str, Any]]:
    """That each update leads back to the contact of the event before; what each one changed."""
    events = [body for _, _, body in told(store, contact_id)]
    entity, changes = events[0]["createdEvent"]["entity"], []
    for update in (event["updatedEvent"] for event in events if "updatedEvent" in event):
        modified = update["modifiedFields"]
        assert contact_before(update["currentEntity"], modified) == bare(entity)
        entity = update["currentEntity"]
        changes.append(modified)
    assert len(changes) == updates
    return changes


async def test_each_way_of_changing_a_contact_tells_what_was_before(
    crm: Crm, store: StoreUnderTest
) -> None:
    contact = await crm.contacts.create_contact(mail("ada@example.com", name={"first": "Ada"}))
    changed = {"name": {"first": "Ida"}, "company": "Engines", "emails": {"items": []}}
    await crm.contacts.update_contact(contact.id, changed, contact.revision)
    await crm.labels.find_or_create_label("VIP")
    await crm.contacts.label_contact(contact.id, ["custom.vip", "contacts.customers"])
    await crm.contacts.unlabel_contact(contact.id, ["custom.vip"])
    current = await crm.contacts.get_contact(contact.id)
    more = mail("ida@example.com", extendedFields={"items": {"custom.food": "Tea"}})
    await crm.contacts.update_contact(contact.id, more, current.revision)
    await crm.contacts.upsert_contact(mail("ida@example.com", jobTitle="Writer"))
    await crm.submitted_contact.append_or_create_contact(
        {"info": mail("ida@example.com", locale="en-GB")}
    )
    changes = check_chain(store, contact.id, updates=6)
    assert changes[0]["info.name.first"] == "Ada"
    assert changes[0]["info.company"] is None
    assert changes[0]["primaryEmail.email"] == "ada@example.com"
    assert changes[1:3] == [
        {"info.labelKeys.items": None},
        {"info.labelKeys.items": ["custom.vip", "contacts.customers"]},
    ]
    assert "custom.food" not in changes[3]["info.extendedFields.items"]
    assert changes[4] == {"info.jobTitle": None}
    assert changes[5]["info.locale"] is None


async def test_a_merge_and_its_undo_tell_what_was_before(crm: Crm, store: StoreUnderTest) -> None:
    target, first, second = await three(crm)
    contact = await merged(crm, target, first, second)
    await crm.contacts.update_contact(target.id, {"birthdate": "1815-12-11"}, contact.revision)
    (merge,) = await crm.contacts.list_merges(target.id)
    await crm.contacts.unmerge_contacts(merge.id)
    changes = check_chain(store, target.id, updates=3)
    assert changes[0]["info.company"] is None
    assert changes[0]["info.labelKeys.items"] == ["custom.vip"]
    assert changes[1] == {"info.birthdate": "1815-12-10"}
    assert changes[2]["info.company"] == "Engines"
    assert changes[2]["info.labelKeys.items"] == ["custom.vip", "custom.poet"]
    assert "info.birthdate" not in changes[2]


async def test_bulk_jobs_tell_what_was_before(crm: Crm, store: StoreUnderTest) -> None:
    contact = await crm.contacts.create_contact(mail("ada@example.com", company="Engines"))
    label = await crm.labels.find_or_create_label("VIP")
    these = {"filter": {"info.company": "Engines"}}
    started = await crm.contacts.bulk_label_and_unlabel_contacts(
        these | {"labelKeysToAdd": [label.label.key]}
    )
    await crm.wait_for_bulk_job(started.job_id)
    started = await crm.contacts.bulk_update_contacts(these | {"info": {"company": "Looms"}})
    await crm.wait_for_bulk_job(started.job_id)
    assert check_chain(store, contact.id, updates=2) == [
        {"info.labelKeys.items": None},
        {"info.company": "Engines"},
    ]
