"""The rows beside a contact's own: what changes in them between two states of it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from contactory.domain.contact_index import ContactIndex
from contactory.domain.contact_values import custom_values, typed_value
from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import FieldType
from contactory.domain.search_words import SearchWords
from contactory.kit.ids import RowId
from contactory.store.engine import Statement

_SLOTS: Final = 16
_TAG_LETTERS: Final = 10


def count_changes(
    site: RowId, owner: RowId, before: ContactIndex | None, after: ContactIndex | None
) -> Iterator[Statement]:
    """Statements that keep the counts true."""
    old = before.counts if before else frozenset[tuple[str, str]]()
    new = after.counts if after else frozenset[tuple[str, str]]()
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


def term_changes(
    site: RowId, owner: RowId, before: ContactIndex | None, after: ContactIndex | None
) -> Iterator[Statement]:
    """Statements that keep the terms true."""
    old = before.terms if before else frozenset()
    new = after.terms if after else frozenset()
    for field, key, exact in sorted(old ^ new):
        row = {"site_id": site, "field": field, "key": key, "contact_id": owner, "exact": exact}
        yield ("insert_term" if (field, key, exact) in new else "delete_term"), row


def label_changes(
    site: RowId, owner: RowId, before: Contact | None, after: Contact | None
) -> Iterator[Statement]:
    """Statements that keep the carriers of labels true."""
    old = set(before.info.label_keys.items) if before else set()
    new = set(after.info.label_keys.items) if after else set()
    for key in sorted(old ^ new):
        row = {"site_id": site, "label_key": key, "contact_id": owner}
        yield ("insert_contact_label" if key in new else "delete_contact_label"), row


def value_changes(
    site: RowId,
    owner: RowId,
    before: Contact | None,
    after: Contact | None,
    types: Mapping[str, FieldType],
) -> Iterator[Statement]:
    """Statements that keep the typed values true; `types` has those of all values that are new."""
    old = custom_values(before) if before else {}
    new = custom_values(after) if after else {}
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        row: dict[str, Any] = {"site_id": site, "field_key": key, "contact_id": owner}
        if key in old:
            yield "delete_field_value", row
        if key in new:
            value = typed_value(types[key], new[key])
            yield (
                "insert_field_value",
                row
                | {
                    "text_key": value.text_key,
                    "text_value": value.text,
                    "number_value": value.number,
                },
            )


def word_row(site: RowId, words: SearchWords) -> dict[str, str]:
    """The words of a contact as the full-text index takes them, each behind its site's tag."""
    tag = site_tag(site)
    return {
        name: " ".join([f"{tag}{word}" for word in getattr(words, name)])
        for name in ("name", "email", "phone", "company")
    }


@lru_cache(maxsize=4096)
def site_tag(site: RowId) -> str:
    """Ten letters before all words of a site, so that searches read no other site's words."""
    return base64.b32encode(hashlib.sha256(site).digest()).decode()[:_TAG_LETTERS].lower()
