"""What a store will tell others of its labels and fields, read from outside."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from tests.stores import StoreUnderTest


class Told(msgspec.Struct, frozen=True):
    """One event as it is stored."""

    fqdn: str
    slug: str
    key: str
    sequence: int
    identity: Any
    body: Any


def told_events(store: StoreUnderTest, key: str | None = None) -> list[Told]:
    """The events of labels and fields in the order in which they were stored."""
    stored = store.rows(
        "SELECT entity_fqdn, slug, entity_id, entity_sequence, identity, body FROM outbox "
        "WHERE entity_fqdn <> 'wix.contacts.v4.contact' ORDER BY id",
    )
    found = [Told(*row[:4], json.loads(row[4]), json.loads(row[5])) for row in stored]
    return [one for one in found if key in (None, one.key)]
