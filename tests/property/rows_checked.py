"""What a store keeps beside its contacts, compared with what follows from the contacts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from contactory.domain.contact_index import contact_index
from contactory.domain.contact_values import custom_values, typed_value
from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import FieldType
from contactory.domain.search_words import search_words
from contactory.domain.spellings import words_to_spell
from contactory.kit.ids import RowId
from contactory.store.contact_rows import site_tag
from tests.stores import COLUMNS, Rows, StoreUnderTest


def kept(store: StoreUnderTest, site: RowId) -> dict[str, list[Any]]:
    """All that is kept of the site's contacts to find, count and search them."""

    def rows(query: str) -> Rows:
        return sorted(store.rows(query, site), key=repr)

    columns = list(contact_index(_NOBODY).columns)
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
        "words": sorted(set(store.words(site_tag(site))), key=repr),
    }


def expected(
    store: StoreUnderTest, site: RowId, contacts: Iterable[Contact]
) -> dict[str, list[Any]]:
    """The same, computed anew from the contacts as they are shown."""
    types = dict(store.rows("SELECT key, data_type FROM extended_fields WHERE site_id = ?", site))
    found: dict[str, list[Any]] = {name: [] for name in _NAMES}
    counts: Counter[tuple[str, str]] = Counter()
    values: Counter[tuple[str, str]] = Counter()
    for contact in contacts:
        _add(found, contact, types)
        index = contact_index(contact)
        counts.update(index.counts)
        values.update(index.values)
        for field, value in custom_values(contact).items():
            typed = typed_value(FieldType(types[field]), value)
            values.update([("fields", field)])
            values.update([] if typed.text is None else [(field, typed.text)])
        tag, words = site_tag(site), search_words(contact)
        found["words"] += [
            (contact.id, name, f"{tag}{word}") for name in COLUMNS for word in getattr(words, name)
        ]
    found["counts"] = [(*counted, total) for counted, total in counts.items()]
    found["values counted"] = [(*counted, total) for counted, total in values.items()]
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


_NAMES = [
    *"contacts documents emails phones terms labels values counts words".split(),
    "values counted",
]
_NOBODY = Contact(id="", revision=0)


def _add(found: dict[str, list[Any]], contact: Contact, types: Any) -> None:
    key, index, info = contact.id, contact_index(contact), contact.info
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


def unspelled(store: StoreUnderTest, site: RowId, contacts: Sequence[Contact]) -> set[str]:
    """Words of contacts that searches with a typo would not find."""
    known = store.rows(
        "SELECT word FROM search_spellings WHERE site_id = ? AND spelling = word", site
    )
    words = {word for one in contacts for word in words_to_spell(search_words(one))}
    return words - {word for (word,) in known}


def guarded(store: StoreUnderTest, site: RowId, table: str) -> dict[str, set[bool]]:
    """By contact, whether its e-mails or phones are exclusive."""
    found: dict[str, set[bool]] = {}
    for key, exclusive in store.rows(
        f"SELECT contact_id, exclusive FROM {table} WHERE site_id = ?", site
    ):
        found.setdefault(key, set()).add(exclusive)
    return found


def entries(store: StoreUnderTest, site: RowId, contact_id: str) -> list[Any]:
    """The e-mails and phones of a contact as the guard keeps them."""
    return [
        store.rows(
            f"SELECT position, normalised, exclusive FROM {table} "
            "WHERE site_id = ? AND contact_id = ? ORDER BY position",
            site,
            RowId(contact_id),
        )
        for table in ("contact_emails", "contact_phones")
    ]


def visitors(store: StoreUnderTest, site: RowId) -> dict[str, str]:
    """Which visitor is known by which contact."""
    return dict(
        store.rows("SELECT visitor_id, contact_id FROM contact_visitors WHERE site_id = ?", site)
    )


def told(store: StoreUnderTest, site: RowId) -> dict[str, list[tuple[int, str]]]:
    """By entity, its events in the order of their sequence."""
    found: dict[str, list[tuple[int, str]]] = {}
    for entity, sequence, slug, identity in store.rows(
        "SELECT entity_id, entity_sequence, slug, identity FROM outbox "
        "WHERE site_id = ? ORDER BY entity_sequence",
        site,
    ):
        assert json.loads(identity)["identityType"]
        found.setdefault(entity, []).append((sequence, slug))
    return found
