"""Adds to a contact what it lacks and overwrites nothing: the rule of merge and submit.

Single values that are empty are filled; entries of lists are appended, never as primary where
there is a primary one (CONTRACT A.5, E.2, E.7).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from contactory.domain.contact_parts import (
    KEY_PARTS,
    SINGLE_PARTS,
    address_key,
    email_keys,
    info_with,
    keys_or_none,
    name_or_none,
    phone_keys,
    with_primary,
)
from contactory.domain.contacts import (
    ContactAddress,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    ExtendedFields,
    Name,
)
from contactory.domain.extended_fields import READ_ONLY, FieldValue
from contactory.kit.ids import new_id

_Entry = TypeVar("_Entry", ContactEmail, ContactPhone, ContactAddress)
_Flagged = TypeVar("_Flagged", ContactEmail, ContactPhone)

_NOTHING: Final[tuple[Any, ...]] = (None, "")


def filled_info(own: ContactInfo, other: ContactInfo) -> ContactInfo:
    """`own` with everything of `other` that it lacks, however long its lists become.

    Entries keep tag and id; one whose id is taken gets a new id. Where `own` has no e-mails (or
    phones), the primary one of `other` is primary. Read-only extended fields are not taken.
    """
    return info_with(
        own,
        {
            "name": _filled_name(own.name, other.name),
            "emails": ContactEmails(
                items=_appended_flagged(own.emails.items, other.emails.items, email_keys)
            ),
            "phones": ContactPhones(
                items=_appended_flagged(own.phones.items, other.phones.items, phone_keys)
            ),
            "addresses": ContactAddresses(
                items=_appended(own.addresses.items, other.addresses.items, _address_keys)
            ),
            "extended_fields": ExtendedFields(
                items=_filled_fields(own.extended_fields.items, other.extended_fields.items)
            ),
        }
        | {name: getattr(own, name) or getattr(other, name) for name in SINGLE_PARTS}
        | {
            name: keys_or_none((*getattr(own, name).items, *getattr(other, name).items))
            for name in KEY_PARTS
        },
    )


def _filled_name(own: Name, other: Name) -> Name | None:
    """A missing half is filled unless the other halves differ: they would be two persons' names."""
    if own.first and other.first and own.first.casefold() != other.first.casefold():
        return own
    if own.last and other.last and own.last.casefold() != other.last.casefold():
        return own
    return name_or_none(own.first or other.first, own.last or other.last)


def _filled_fields(
    own: Mapping[str, FieldValue], other: Mapping[str, FieldValue]
) -> dict[str, FieldValue]:
    gained = {
        key: value
        for key, value in other.items()
        if key not in READ_ONLY and value not in _NOTHING and own.get(key) in _NOTHING
    }
    return dict(own) | gained


def _address_keys(entries: Sequence[ContactAddress]) -> list[Hashable]:
    return [address_key(entry) for entry in entries]


def _appended_flagged(
    own: Sequence[_Flagged],
    other: Sequence[_Flagged],
    keys_of: Callable[[Sequence[_Flagged]], Sequence[Hashable]],
) -> tuple[_Flagged, ...]:
    if not own:
        return _appended(own, other, keys_of)
    return _appended(own, with_primary(other, -1), keys_of)


def _appended(
    own: Sequence[_Entry],
    other: Sequence[_Entry],
    keys_of: Callable[[Sequence[_Entry]], Sequence[Hashable]],
) -> tuple[_Entry, ...]:
    taken, ids = set(keys_of(own)), {entry.id for entry in own}
    entries = list(own)
    for entry, key in zip(other, keys_of(other), strict=True):
        if key in taken:
            continue
        added = msgspec.structs.replace(entry, id=new_id()) if entry.id in ids else entry
        taken.add(key)
        ids.add(added.id)
        entries.append(added)
    return tuple(entries)
