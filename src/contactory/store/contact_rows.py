"""The rows beside a contact's own: what changes in them between two states of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from contactory.domain.contact_index import (
    CARRIED,
    NAMES_BESIDE,
    ContactIndex,
    Counted,
    Term,
)
from contactory.domain.contact_values import custom_values, typed_value
from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import FieldType, FieldValue
from contactory.domain.filter_forms import compared
from contactory.domain.search_reading import COLUMNS
from contactory.domain.search_words import SearchWords
from contactory.kit.ids import RowId, number_of
from contactory.store.engine import Statement
from contactory.store.queries import Dialect
from contactory.store.word_matches import words_vector

_SLOTS: Final = 16
_MOST_LABELS_BESIDE: Final = 16
_TAG_LETTERS: Final = 10

CountedChange = tuple[frozenset[Counted], frozenset[Counted]]
"""What was counted before and is not any more, and the other way round."""

_NOTHING: Final[frozenset[Counted]] = frozenset()
_NO_TERMS: Final[frozenset[Term]] = frozenset()

NOTHING_COUNTED: Final[CountedChange] = (_NOTHING, _NOTHING)


def count_changes(
    site: RowId,
    owner: RowId,
    before: ContactIndex | None,
    after: ContactIndex | None,
    fields: CountedChange = NOTHING_COUNTED,
) -> Iterator[Statement]:
    """Statements that keep the counts true; `fields` is what changes in those of custom fields.

    Many contacts share these rows: they are in the order in which all writers take them
    (`shared_rows`).
    """
    old = before.counts if before else _NOTHING
    new = after.counts if after else _NOTHING
    slot = owner[-1] % _SLOTS
    for label_key, group in sorted(old ^ new):
        yield (
            "add_to_count",
            {
                "site_id": site,
                "label_key": label_key,
                "kind": group,
                "slot": slot,
                "change": 1 if (label_key, group) in new else -1,
            },
        )
    were = (before.values if before else _NOTHING) | fields[0]
    are = (after.values if after else _NOTHING) | fields[1]
    for counted in sorted(were ^ are):
        field, value = counted
        yield (
            "add_to_value_count",
            {
                "site_id": site,
                "field": field,
                "value": value,
                "slot": slot,
                "change": 1 if counted in are else -1,
            },
        )


def term_changes(
    site: RowId, owner: RowId, before: ContactIndex | None, after: ContactIndex | None
) -> Iterator[Statement]:
    """Statements that keep the terms true, and the names beside them."""
    old = before.terms if before else _NO_TERMS
    new = after.terms if after else _NO_TERMS
    names = {name: after.columns[name] for name in NAMES_BESIDE} if after else {}
    is_renamed = before is not None and any(before.columns[name] != names[name] for name in names)
    for term in sorted(old | new if is_renamed else old ^ new):
        field, key, exact = term
        row = {"site_id": site, "field": field, "key": key, "contact_id": owner, "exact": exact}
        if term not in new:
            yield "delete_term", row
        else:
            yield ("rename_term" if term in old else "insert_term"), row | names


def label_changes(
    site: RowId, owner: RowId, before: Contact | None, after: Contact | None
) -> Iterator[Statement]:
    """Statements that keep the carriers of labels true, each with all labels of the contact."""
    old = set(before.info.label_keys.items) if before else set()
    new = set(after.info.label_keys.items) if after else set()
    if old == new:
        return
    labels = _beside(new)
    for key in sorted(old - new):
        row = {"site_id": site, "label_key": key, "contact_id": owner}
        yield "delete_contact_label", row
    for key in sorted(new):
        row = {"site_id": site, "label_key": key, "contact_id": owner, "labels": labels}
        yield "put_contact_label", row


def _beside(labels: Collection[str]) -> str:
    """The labels as they stand beside each of them; of many, none."""
    return f" {' '.join(sorted(labels))} " if len(labels) <= _MOST_LABELS_BESIDE else ""


def value_changes(
    site: RowId,
    owner: RowId,
    before: Contact | None,
    after: Contact | None,
    types: Mapping[str, FieldType],
) -> Iterator[Statement]:
    """Statements that keep the typed values true; `types` has those of all values that are new."""
    for key, old, new in _changed_values(before, after):
        row: dict[str, Any] = {"site_id": site, "field_key": key, "contact_id": owner}
        if old is not None:
            yield "delete_field_value", row
        if new is not None:
            value = typed_value(types[key], new)
            yield (
                "insert_field_value",
                row
                | {
                    "text_key": value.text_key,
                    "text_value": value.text,
                    "number_value": value.number,
                },
            )


def counted_values(
    before: Contact | None, after: Contact | None, types: Mapping[str, FieldType]
) -> CountedChange:
    """What is no longer counted of custom fields, and what is now; `types` as in value_changes."""
    were: set[Counted] = set()
    are: set[Counted] = set()
    for key, old, new in _changed_values(before, after):
        if old is not None:
            were |= {(key, compared(str(old))), (CARRIED, key)}
        if new is not None:
            text = typed_value(types[key], new).text
            are |= {(CARRIED, key)} if text is None else {(CARRIED, key), (key, text)}
    return frozenset(were), frozenset(are)


def _changed_values(
    before: Contact | None, after: Contact | None
) -> Iterator[tuple[str, FieldValue | None, FieldValue | None]]:
    old = custom_values(before) if before else {}
    new = custom_values(after) if after else {}
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def word_row(dialect: Dialect, site: RowId, owner: RowId, words: SearchWords) -> dict[str, Any]:
    """The words of a contact as the index of words takes them, each behind its site's tag."""
    tag = site_tag(site)
    key = {"site_id": site, "id": owner}
    if dialect == "postgres":
        return {**key, "words": words_vector(words, tag)}
    columns = {
        name: " ".join([f"{tag}{word}" for word in getattr(words, name)]) for name in COLUMNS
    }
    return {**key, "number": number_of(owner), **columns}


@lru_cache(maxsize=4096)
def site_tag(site: RowId) -> str:
    """Ten letters before all words of a site, so that searches read no other site's words."""
    return base64.b32encode(hashlib.sha256(site).digest()).decode()[:_TAG_LETTERS].lower()
