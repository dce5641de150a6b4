"""What a store holds, read without our own code."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any, TypeAlias

import msgspec

from contactory.domain.contact_events import CONTACT_FQDN
from tests.stores import StoreUnderTest

Entry: TypeAlias = tuple[Any, ...]
"""Contact id, normalised value, whether it is exclusive."""


_COUNTED = ("extended_fields", "contact_field_values", "labels", "idempotency_keys")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """All that belongs to contacts; `created` has the contact id of each created event."""

    contacts: dict[str, dict[str, Any]]
    emails: list[Entry]
    phones: list[Entry]
    created: list[str]
    counts: dict[str, int]

    def holders(self, email: str) -> list[str]:
        """The ids of the contacts with this e-mail."""
        return [contact for contact, normalised, _ in self.emails if normalised == email.lower()]

    def rows(self, table: str) -> int:
        """How many rows the table has."""
        return self.counts[table]


def read_stored(store: StoreUnderTest) -> Stored:
    """Read the store as it stands, at one moment."""
    with store.snapshot() as ask:
        documents = ask("SELECT contact_id, document FROM contact_documents")
        events = ask(
            "SELECT entity_id FROM outbox WHERE slug = 'created' AND entity_fqdn = ?", CONTACT_FQDN
        )
        return Stored(
            contacts={key: json.loads(document) for key, document in documents},
            emails=ask("SELECT contact_id, normalised, exclusive FROM contact_emails"),
            phones=ask("SELECT contact_id, normalised, exclusive FROM contact_phones"),
            created=[event for (event,) in events],
            counts={table: ask(f"SELECT count(*) FROM {table}")[0][0] for table in _COUNTED},
        )


def half_written(stored: Stored) -> list[str]:
    """Contacts that lack a row, or rows that lack their contact; none when all are whole."""
    emails, phones = _by_contact(stored.emails), _by_contact(stored.phones)
    events = Counter(stored.created)
    found = []
    for key, document in stored.contacts.items():
        info = document["info"]
        sent = sorted(entry["email"].lower() for entry in info["emails"].get("items", []))
        if sent != sorted(emails[key]):
            found.append(f"{key}: other e-mails than its rows")
        if len(info["phones"].get("items", [])) != len(phones[key]):
            found.append(f"{key}: other phones than its rows")
        if events[key] != 1:
            found.append(f"{key}: {events[key]} events")
    rows = emails.keys() | phones.keys() | events.keys()
    found += [f"{key}: rows without a contact" for key in rows - stored.contacts.keys()]
    return found + [f"{value}: exclusive twice" for value in _twice_exclusive(stored)]


def _by_contact(entries: list[Entry]) -> defaultdict[str, list[str]]:
    values: defaultdict[str, list[str]] = defaultdict(list)
    for contact, value, _ in entries:
        values[contact].append(value)
    return values


def _twice_exclusive(stored: Stored) -> list[str]:
    held = Counter(value for _, value, exclusive in stored.emails if exclusive)
    held += Counter(value for _, value, exclusive in stored.phones if exclusive)
    return [value for value, times in held.items() if times > 1]
