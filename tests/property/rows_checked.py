"""What a store keeps beside its contacts, compared with what follows from the contacts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import apsw

from contactory.domain.contact_index import contact_index
from contactory.domain.contact_values import custom_values, typed_value
from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import FieldType
from contactory.domain.search_words import search_words
from contactory.domain.spellings import words_to_spell
from contactory.kit.ids import RowId
from contactory.store.contact_rows import site_tag

_WORDS = "SELECT term, doc, col FROM temp.words WHERE term GLOB ?"
_INDEX = "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, contact_search, instance)"
_COLUMNS = ("name", "email", "phone", "company")


def opened(path: str) -> apsw.Connection:
    """The store's file, to read only."""
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    connection.execute(_INDEX)
    return connection


def version(connection: apsw.Connection) -> int:
    """Another number after each commit of anybody that changed something."""
    return int(connection.execute("PRAGMA data_version").get)


def kept(connection: apsw.Connection, site: RowId) -> dict[str, list[Any]]:
    """All that is kept of the site's contacts to find, count and search them."""
    rows = _at(connection, site)
    columns = list(contact_index(_NOBODY).columns)
    numbers = dict(rows("SELECT number, id FROM contacts WHERE site_id = ?"))
    return {
        "contacts": [
            (key, revision, created, updated, dict(zip(columns, values, strict=True)))
            for key, revision, created, updated, *values in rows(
                f"SELECT id, revision, created_at, updated_at, {', '.join(columns)} "
                "FROM contacts WHERE site_id = ?"
            )
        ],
        "documents": rows("SELECT contact_id FROM contact_documents WHERE site_id = ?"),
        "emails": rows(
            "SELECT contact_id, position, normalised FROM contact_emails WHERE site_id = ?"
        ),
        "phones": rows("SELECT contact_id, position FROM contact_phones WHERE site_id = ?"),
        "terms": rows(
            "SELECT contact_id, field, key, exact, first_key, last_key "
            "FROM contact_terms WHERE site_id = ?"
        ),
        "labels": rows(
            "SELECT contact_id, label_key, labels FROM contact_labels WHERE site_id = ?"
        ),
        "values": rows(
            "SELECT contact_id, field_key, text_key, text_value, number_value "
            "FROM contact_field_values WHERE site_id = ?"
        ),
        "counts": rows(
            "SELECT label_key, kind, sum(total) FROM contact_counts WHERE site_id = ? "
            "GROUP BY label_key, kind HAVING sum(total) <> 0"
        ),
        "values counted": rows(
            "SELECT field, value, sum(total) FROM contact_value_counts WHERE site_id = ? "
            "GROUP BY field, value"
        ),
        "words": sorted(
            {
                (numbers.get(number, number), column, term)
                for term, number, column in connection.execute(_WORDS, (f"{site_tag(site)}*",))
            },
            key=repr,
        ),
    }


def expected(
    connection: apsw.Connection, site: RowId, contacts: Iterable[Contact]
) -> dict[str, list[Any]]:
    """The same, computed anew from the contacts as they are shown."""
    types = dict(
        _at(connection, site)("SELECT key, data_type FROM extended_fields WHERE site_id = ?")
    )
    found: dict[str, list[Any]] = {name: [] for name in _NAMES}
    counts: Counter[tuple[str, str]] = Counter()
    values: Counter[tuple[str, str]] = Counter()
    for contact in contacts:
        _add(found, RowId(contact.id), contact, types)
        index = contact_index(contact)
        counts.update(index.counts)
        values.update(index.values)
        for field, value in custom_values(contact).items():
            typed = typed_value(FieldType(types[field]), value)
            values.update([("fields", field)])
            values.update([] if typed.text is None else [(field, typed.text)])
        tag, words = site_tag(site), search_words(contact)
        found["words"] += [
            (RowId(contact.id), name, f"{tag}{word}")
            for name in _COLUMNS
            for word in getattr(words, name)
        ]
    found["counts"] = [(*counted, total) for counted, total in counts.items()]
    found["values counted"] = [(*counted, total) for counted, total in values.items()]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


_NAMES = [
    *"contacts documents emails phones terms labels values counts words".split(),
    "values counted",
]
_NOBODY = Contact(id="", revision=0)


def _add(found: dict[str, list[Any]], key: RowId, contact: Contact, types: Any) -> None:
    index, info = contact_index(contact), contact.info
    assert contact.created_date is not None
    assert contact.updated_date is not None
    dates = contact.created_date.ms, contact.updated_date.ms
    found["contacts"].append((key, contact.revision, *dates, index.columns))
    found["documents"].append((key,))
    found["emails"] += [(key, at, one.email.lower()) for at, one in enumerate(info.emails.items)]
    found["phones"] += [(key, at) for at, _ in enumerate(info.phones.items)]
    names = index.columns["first_key"], index.columns["last_key"]
    found["terms"] += [(key, *term, *names) for term in index.terms]
    labels = sorted(info.label_keys.items)
    beside = f" {' '.join(labels)} " if len(labels) <= 16 else ""
    found["labels"] += [(key, label, beside) for label in labels]
    for field, value in custom_values(contact).items():
        typed = typed_value(FieldType(types[field]), value)
        found["values"].append((key, field, typed.text_key, typed.text, typed.number))


def unspelled(connection: apsw.Connection, site: RowId, contacts: Sequence[Contact]) -> set[str]:
    """Words of contacts that searches with a typo would not find."""
    known = _at(connection, site)(
        "SELECT word FROM search_spellings WHERE site_id = ? AND spelling = word"
    )
    words = {word for one in contacts for word in words_to_spell(search_words(one))}
    return words - {word for (word,) in known}


def guarded(connection: apsw.Connection, site: RowId, table: str) -> dict[str, set[bool]]:
    """By contact, whether its e-mails or phones are exclusive."""
    found: dict[str, set[bool]] = {}
    for key, exclusive in _at(connection, site)(
        f"SELECT contact_id, exclusive FROM {table} WHERE site_id = ?"
    ):
        found.setdefault(str(UUID(bytes=key)), set()).add(bool(exclusive))
    return found


def entries(connection: apsw.Connection, site: RowId, contact_id: str) -> list[Any]:
    """The e-mails and phones of a contact as the guard keeps them."""
    return [
        connection.execute(
            f"SELECT position, normalised, exclusive FROM {table} "
            "WHERE site_id = ? AND contact_id = ? ORDER BY position",
            (site, RowId(contact_id)),
        ).fetchall()
        for table in ("contact_emails", "contact_phones")
    ]


def visitors(connection: apsw.Connection, site: RowId) -> dict[str, str]:
    """Which visitor is known by which contact."""
    rows = _at(connection, site)(
        "SELECT visitor_id, contact_id FROM contact_visitors WHERE site_id = ?"
    )
    return {who: str(UUID(bytes=key)) for who, key in rows}


def told(connection: apsw.Connection, site: RowId) -> dict[str, list[tuple[int, str]]]:
    """By entity, its events in the order in which they were written."""
    found: dict[str, list[tuple[int, str]]] = {}
    for entity, sequence, slug, identity in connection.execute(
        "SELECT entity_id, entity_sequence, slug, identity FROM outbox "
        "WHERE site_id = ? ORDER BY rowid",
        (site,),
    ):
        assert json.loads(identity)["identityType"]
        found.setdefault(entity, []).append((sequence, slug))
    return found


def _at(connection: apsw.Connection, site: RowId) -> Any:
    return lambda query: sorted(connection.execute(query, (site,)).fetchall(), key=repr)
