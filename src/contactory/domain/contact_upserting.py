"""Writes what is known of a person over the contact that is there, and loses nothing of it.

Single values that were sent overwrite, as in an update (CONTRACT E.1); entries of lists are
appended, as in a submit (CONTRACT E.7), because whoever upserts has not read the contact.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from enum import StrEnum
from typing import Any

import msgspec

from contactory.domain.contact_appending import appended_contact
from contactory.domain.contact_parts import (
    KEY_PARTS,
    MOST_ITEMS,
    SINGLE_PARTS,
    address_key,
    email_keys,
    info_with,
    name_or_none,
    phone_keys,
)
from contactory.domain.contact_reading import ReadInfo
from contactory.domain.contacts import Contact, ContactInfo, ExtendedFields
from contactory.domain.extended_fields import FieldValue
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp


class UpsertAction(StrEnum):
    """What an upsert did."""

    UNKNOWN = "UNKNOWN"
    UPDATED = "UPDATED"
    CREATED = "CREATED"


class UpsertedContact(msgspec.Struct, frozen=True, kw_only=True):
    """The contact as it is now, and whether it was made or was there before (CONTRACT B.14)."""

    contact: Contact
    action: UpsertAction


class ItemError(msgspec.Struct, frozen=True):
    """Why one item of many was not written."""

    code: str
    message: str


class ItemMetadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What became of one item of many; without an `id`, no contact was written."""

    original_index: int
    success: bool
    action: UpsertAction
    id: str | None = None
    error: ItemError | None = None


class UpsertResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item of a bulk upsert; the contact where it was asked for."""

    metadata: ItemMetadata
    contact: Contact | None = None


class BulkUpsertMetadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of all items of a bulk upsert."""

    total_success: int
    total_failure: int
    total_created: int
    total_updated: int


class BulkUpsertResults(msgspec.Struct, frozen=True, kw_only=True):
    """The items of a bulk upsert in the order in which they were sent (CONTRACT B.14)."""

    results: tuple[UpsertResult, ...]
    metadata: BulkUpsertMetadata


def upserted_contact(
    old: Contact, read: ReadInfo, values: dict[str, FieldValue], *, now: Timestamp
) -> Contact:
    """The contact with what was sent; one revision further, its last activity stays.

    `values` are the checked extended fields. Entries of lists that are there already, by their
    keys, stay as they are; none that is new becomes primary where there is a primary one. Raises
    InvalidArgument where a list would become too long (CONTRACT A.4).
    """
    sent, own = read.info, old.info
    parts: dict[str, Any] = {
        name: value for name in SINGLE_PARTS if (value := getattr(sent, name)) is not None
    }
    parts["name"] = name_or_none(sent.name.first or own.name.first, sent.name.last or own.name.last)
    parts["extended_fields"] = ExtendedFields(items=own.extended_fields.items | values)
    overwritten = msgspec.structs.replace(old, info=info_with(own, parts))
    contact = appended_contact(overwritten, read, values, now=now).contact
    _check_all_kept(sent, contact.info)
    return msgspec.structs.replace(contact, last_activity=old.last_activity)


def _check_all_kept(sent: ContactInfo, info: ContactInfo) -> None:
    problems = Problems()
    lists: dict[str, tuple[Callable[[ContactInfo], Iterable[Hashable]], int]] = {
        "emails": (lambda one: email_keys(one.emails.items), MOST_ITEMS),
        "phones": (lambda one: phone_keys(one.phones.items), MOST_ITEMS),
        "addresses": (lambda one: map(address_key, one.addresses.items), MOST_ITEMS),
        "labelKeys": (lambda one: one.label_keys.items, KEY_PARTS["label_keys"]),
        "locations": (lambda one: one.locations.items, MOST_ITEMS),
        "assignedUserIds": (lambda one: one.assigned_user_ids.items, MOST_ITEMS),
    }
    for name, (keys, most) in lists.items():
        if missing := set(keys(sent)) - set(keys(info)):
            problems.too_large(f"info.{name}.items", most + len(missing), most, "MAX_SIZE")
    problems.check()


def bulk_results(results: tuple[UpsertResult, ...]) -> BulkUpsertResults:
    """The results with their sums."""
    actions = [result.metadata.action for result in results]
    created, updated = actions.count(UpsertAction.CREATED), actions.count(UpsertAction.UPDATED)
    metadata = BulkUpsertMetadata(
        total_success=created + updated,
        total_failure=len(results) - created - updated,
        total_created=created,
        total_updated=updated,
    )
    return BulkUpsertResults(results=results, metadata=metadata)
