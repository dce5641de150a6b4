"""What is left of contacts that many changed at once, read without our own code."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec

from tests.stores import StoreUnderTest


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """`events` has slug, sequence and body by contact, in the order of the sequence."""

    contacts: dict[str, dict[str, Any]]
    guarded: Counter[str]
    events: dict[str, list[tuple[str, int, dict[str, Any]]]]

    def holders(self, email: str) -> list[str]:
        """The living contacts that show the e-mail."""
        return [key for key, contact in self.contacts.items() if email in emails_of(contact)]

    def went_with(self, email: str) -> list[str]:
        """The contacts that were deleted, not merged, while they had the e-mail."""
        return [
            key
            for key, events in self.events.items()
            if key not in self.contacts
            and not _is_merged(events)
            and email in emails_of(_last_entity(events))
        ]


def happened(store: StoreUnderTest) -> Happened:
    """Everything about the contacts of a store with one site."""
    with store.snapshot() as ask:
        documents = ask("SELECT contact_id, document FROM contact_documents")
        guarded = ask("SELECT normalised FROM contact_emails WHERE exclusive")
        rows = ask(
            "SELECT entity_id, slug, entity_sequence, body FROM outbox "
            "WHERE entity_fqdn = 'wix.contacts.v4.contact' ORDER BY entity_sequence"
        )
    events: dict[str, list[tuple[str, int, dict[str, Any]]]] = {}
    for key, slug, sequence, body in rows:
        events.setdefault(key, []).append((slug, sequence, json.loads(body)))
    return Happened(
        contacts={key: json.loads(document) for key, document in documents},
        guarded=Counter(email for (email,) in guarded),
        events=events,
    )


def emails_of(contact: dict[str, Any]) -> set[str]:
    return {item["email"] for item in contact["info"]["emails"].get("items", [])}


def faults(found: Happened) -> list[str]:
    """Contacts whose revisions or events do not tell of every write exactly once."""
    wrong = []
    for key, events in found.events.items():
        numbers = [number for _, number, _ in events]
        if len(numbers) != len(set(numbers)):
            wrong.append(f"{key}: two events in one place: {numbers}")
        revisions = sorted({(number + 1) // 2 for number in numbers})
        if revisions != list(range(1, len(revisions) + 1)):
            wrong.append(f"{key}: a revision without an event: {numbers}")
        if (contact := found.contacts.get(key)) and contact["revision"] != revisions[-1]:
            wrong.append(f"{key}: has revision {contact['revision']} after {numbers}")
        if (key in found.contacts) == (events[-1][0] == "deleted"):
            wrong.append(f"{key}: ends with {events[-1][0]}")
    return wrong + [
        f"{email}: guarded {found.guarded[email]} times"
        for contact in found.contacts.values()
        for email in emails_of(contact)
        if found.guarded[email] != 1
    ]


def _is_merged(events: list[tuple[str, int, dict[str, Any]]]) -> bool:
    return events[-1][2].get("originatedFrom") == "merge"


def _last_entity(events: list[tuple[str, int, dict[str, Any]]]) -> dict[str, Any]:
    """The contact as its last event before its deletion shows it."""
    names = {"created": ("createdEvent", "entity"), "updated": ("updatedEvent", "currentEntity")}
    slug, _, body = next(event for event in reversed(events) if event[0] in names)
    outer, inner = names[slug]
    entity: dict[str, Any] = body[outer][inner]
    return entity
