"""What programs of users write, as the type checker must see it."""

from __future__ import annotations

from typing import assert_type

import contactory
from contactory import (
    Contact,
    HandledEvent,
    Identity,
    MergedEvent,
    on_contact_created,
    on_contact_deleted,
    on_contact_merged,
    on_contact_updated,
)
from contactory.connecting import BlockingConnection
from contactory.domain.access import NewKey
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm


async def embedded() -> None:
    async with contactory.connect("sqlite:///contacts.db") as crm:
        assert_type(crm, Crm)
        contact = await crm.contacts.create_contact({"name": {"first": "John"}})
        assert_type(contact, Contact)
        assert_type(contact.info.name.first, str | None)
        async with crm.acting_as(Identity.visitor()) as visitor:
            assert_type(visitor, Crm)


async def remote() -> None:
    async with contactory.connect("https://crm.example.com", key="key") as crm:
        assert_type(crm, RemoteCrm)
        assert_type(await crm.contacts.get_contact("id", {"fields": ["info"]}), Contact)


async def either(key: str | None) -> None:
    async with contactory.connect("either", key=key) as crm:
        assert_type(crm, Crm | RemoteCrm)
        assert_type(await crm.contacts.create_contact({}, idempotency_key="k"), Contact)


def blocking() -> None:
    with contactory.connect_blocking("sqlite:///contacts.db") as connection:
        assert_type(connection, BlockingConnection[Crm])
        assert_type(connection.call(connection.crm.contacts.create_contact, {}), Contact)
        assert_type(connection.call(connection.crm.keys.create_key, name="mine"), NewKey)


@on_contact_created
@on_contact_merged
async def handle_present(event: HandledEvent[Contact]) -> None:
    assert_type(event.entity, Contact)


@on_contact_updated
@on_contact_deleted
def handle_any(event: HandledEvent[Contact | None]) -> None:
    assert_type(event.entity, Contact | None)


@on_contact_merged
def handle_merged(event: MergedEvent) -> int:
    assert_type(event.data.target_contact, Contact)
    return event.metadata.sequence


def decorated(event: MergedEvent) -> None:
    assert_type(handle_merged(event), int)
