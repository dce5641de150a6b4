"""What a store has of its contacts, read from outside: to compare it before and after."""

from __future__ import annotations

import json
from typing import Any

from tests.stores import StoreUnderTest

DERIVED = (
    "contact_emails",
    "contact_phones",
    "contact_labels",
    "contact_terms",
    "contact_field_values",
    "contact_visitors",
)
WRITTEN = (*DERIVED, "contacts", "contact_counts", "merges", "merged_contacts", "outbox")

_COUNTED = (
    "SELECT label_key, kind, sum(total) FROM contact_counts GROUP BY label_key, kind "
    "HAVING sum(total) <> 0"
)


def derived(store: StoreUnderTest) -> dict[str, list[Any]]:
    """All that follows from contacts: guard, lookups, counts, words of the search, visitors."""
    found = {table: _sorted(store, f"SELECT * FROM {table}") for table in DERIVED}
    return found | {"counts": _sorted(store, _COUNTED), "words": store.words()}


def all_rows(store: StoreUnderTest) -> dict[str, list[Any]]:
    """The rows of every table that a merge writes."""
    return {table: _sorted(store, f"SELECT * FROM {table}") for table in WRITTEN}


def guarded(store: StoreUnderTest, kind: str) -> dict[str, dict[str, bool]]:
    """By contact, its e-mails or phones, and whether each is exclusive."""
    found: dict[str, dict[str, bool]] = {}
    entries = store.rows(f"SELECT contact_id, normalised, exclusive FROM contact_{kind}s")
    for contact_id, key, is_exclusive in entries:
        found.setdefault(contact_id, {})[key] = bool(is_exclusive)
    return found


def told(store: StoreUnderTest, contact_id: str) -> list[tuple[str, int, Any]]:
    """The events of a contact in their order: what happened, sequence, body."""
    events = store.rows(
        "SELECT slug, entity_sequence, body FROM outbox WHERE entity_id = ? ORDER BY id",
        contact_id,
    )
    return [(slug, sequence, json.loads(body)) for slug, sequence, body in events]


def _sorted(store: StoreUnderTest, query: str) -> list[Any]:
    return sorted(store.rows(query), key=repr)
