"""What a store has of its contacts, read from outside: to compare it before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw

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
    "SELECT label_key, kind, sum(total) FROM contact_counts GROUP BY 1, 2 HAVING sum(total) <> 0"
)
_INDEX = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, contact_search, instance)"
_WORDS = (
    "SELECT hex(c.id), v.term, v.col FROM temp.words v LEFT JOIN contacts c ON c.number = v.doc"
)


def derived(path: Path) -> dict[str, list[Any]]:
    """All that follows from contacts: guard, lookups, counts, words of the search, visitors."""
    with _opened(path) as connection:
        found = {table: _rows(connection, f"SELECT * FROM {table}") for table in DERIVED}
        connection.execute(
            "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, contact_search, instance)"
        )
        return found | {
            "counts": _rows(connection, _COUNTED),
            "words": _rows(connection, _WORDS),
        }


def all_rows(path: Path) -> dict[str, list[Any]]:
    """The rows of every table that a merge writes."""
    with _opened(path) as connection:
        return {table: _rows(connection, f"SELECT * FROM {table}") for table in WRITTEN}


def guarded(path: Path, kind: str) -> dict[str, dict[str, bool]]:
    """By contact, its e-mails or phones, and whether each is exclusive."""
    with _opened(path) as connection:
        rows = connection.execute(
            f"SELECT hex(contact_id), normalised, exclusive FROM contact_{kind}s"
        )
        found: dict[str, dict[str, bool]] = {}
        for contact_id, key, is_exclusive in rows:
            found.setdefault(str(UUID(hex=contact_id)), {})[key] = bool(is_exclusive)
        return found


def told(path: Path, contact_id: str) -> list[tuple[str, int, Any]]:
    """The events of a contact in their order: what happened, sequence, body."""
    with _opened(path) as connection:
        rows = connection.execute(
            "SELECT slug, entity_sequence, body FROM outbox WHERE entity_id = ? ORDER BY rowid",
            (contact_id,),
        )
        return [(slug, sequence, json.loads(body)) for slug, sequence, body in rows]


def _opened(path: Path) -> apsw.Connection:
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)


def _rows(connection: apsw.Connection, query: str) -> list[Any]:
    return sorted(connection.execute(query).fetchall(), key=repr)
