"""Applies a partial update to a contact (CONTRACT E.1)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus, with_info
from contactory.domain.contact_parts import (
    address_key,
    email_keys,
    info_with,
    name_or_none,
    phone_keys,
    primary_of,
)
from contactory.domain.contacts import (
    Address,
    Contact,
    ContactAddress,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    ExtendedFields,
)
from contactory.domain.field_changes import FieldChanges, with_changes
from contactory.domain.update_reading import ReadUpdate
from contactory.kit.clock import Timestamp

_Entry = TypeVar("_Entry", ContactEmail, ContactPhone, ContactAddress)


def updated_contact(
    old: Contact,
    update: ReadUpdate,
    changes: FieldChanges,
    *,
    now: Timestamp,
    status: EmailStatus = NOTHING_RECORDED,
) -> Contact:
    """The contact after the update, one revision further; its last activity stays.

    Parts that the update does not name stay as they are. Entries keep the id of the old entry
    that they name, or that has the same value (CONTRACT E.1, 5). An address that says nothing new
    keeps its formatted text. The primary phone shows as it was sent until phones are rewritten
    (CONTRACT A.3). `status` is what is recorded of the e-mail that is primary afterwards.

    Raises InsufficientContactData where neither name, e-mail nor phone is left.
    """
    info = _updated_info(old.info, update, changes)
    shown = old.primary_info.phone if old.primary_info else None
    if update.phones is not None and (primary := primary_of(info.phones.items)) is not None:
        shown = primary.phone
    written = msgspec.structs.replace(old, revision=old.revision + 1, updated_date=now)
    return with_info(written, info, phone_as_sent=shown, status=status)


def _updated_info(old: ContactInfo, update: ReadUpdate, changes: FieldChanges) -> ContactInfo:
    parts: dict[str, Any] = dict(update.parts)
    if update.name:
        name = {"first": old.name.first, "last": old.name.last} | update.name
        parts["name"] = name_or_none(**name)
    if update.emails is not None:
        emails = _with_old_ids(
            list(update.emails.values()), list(update.emails), old.emails.items, email_keys
        )
        parts["emails"] = ContactEmails(items=tuple(emails))
    if update.phones is not None:
        phones = _with_old_ids(
            list(update.phones.values()), list(update.phones), old.phones.items, phone_keys
        )
        parts["phones"] = ContactPhones(items=tuple(phones))
    if "addresses" in parts:
        parts["addresses"] = _updated_addresses(old.addresses, update)
    fields = with_changes(old.extended_fields.items, changes)
    return info_with(old, parts | {"extended_fields": ExtendedFields(items=fields)})


def _with_old_ids(
    entries: Sequence[_Entry],
    keys: Sequence[Hashable],
    old: Sequence[_Entry],
    keys_of: Callable[[Sequence[_Entry]], Sequence[Hashable]],
) -> list[_Entry]:
    """The entries, each with the id of an old one where it is that one still; no id twice."""
    free = {entry.id: key for entry, key in zip(old, keys_of(old), strict=True)}
    known = [entry.id in free for entry in entries]
    for entry in entries:
        free.pop(entry.id, None)
    by_key = {key: entry_id for entry_id, key in reversed(free.items())}
    return [
        entry
        if is_known or key not in by_key
        else msgspec.structs.replace(entry, id=by_key.pop(key))
        for entry, key, is_known in zip(entries, keys, known, strict=True)
    ]


def _address_keys(entries: Sequence[ContactAddress]) -> list[Address]:
    return [address_key(entry) for entry in entries]


def _updated_addresses(old: ContactAddresses, update: ReadUpdate) -> ContactAddresses:
    new: Sequence[ContactAddress] = update.parts["addresses"].items
    entries = _with_old_ids(new, _address_keys(new), old.items, _address_keys)
    before = {entry.id: entry for entry in old.items}
    return ContactAddresses(
        items=tuple(
            entry if has_text or entry.id not in before else _with_old_text(entry, before[entry.id])
            for entry, has_text in zip(entries, update.address_texts, strict=True)
        )
    )


def _with_old_text(entry: ContactAddress, old: ContactAddress) -> ContactAddress:
    same = address_key(entry) == address_key(old)
    return msgspec.structs.replace(entry, address=old.address) if same else entry
