"""The pieces of an `info` that updates and merges compare and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import msgspec

from contactory.domain.contacts import (
    Address,
    ContactAddress,
    ContactEmail,
    ContactInfo,
    ContactPhone,
    Keys,
    Name,
)
from contactory.domain.emails import email_key
from contactory.domain.phones import normalise_phone

MOST_ITEMS: Final = 50
MOST_LABELS: Final = 2000

SINGLE_PARTS: Final = ("company", "job_title", "picture", "birthdate", "locale")
"""Parts with one value, besides the name."""

KEY_PARTS: Final = {
    "label_keys": MOST_LABELS,
    "locations": MOST_ITEMS,
    "assigned_user_ids": MOST_ITEMS,
}
"""Parts that are lists of keys, each with how many it can have."""

_Entry = TypeVar("_Entry", ContactEmail, ContactPhone)


def email_keys(emails: Iterable[ContactEmail]) -> tuple[str, ...]:
    """The keys under which e-mails are the same (CONTRACT F), in the order of the entries."""
    return tuple(email_key(entry.email) for entry in emails)


def phone_keys(phones: Iterable[ContactPhone]) -> tuple[str, ...]:
    """The keys under which phones are the same (CONTRACT F), in the order of the entries."""
    return tuple(normalise_phone(entry.phone, entry.country_code).key for entry in phones)


def address_key(entry: ContactAddress) -> Address:
    """All components of an address; the formatted text only where there is nothing else."""
    bare = msgspec.structs.replace(entry.address, formatted_address=None)
    return entry.address if bare == Address() else bare


def primary_of(entries: Iterable[_Entry]) -> _Entry | None:
    """The primary entry; None where there are no entries."""
    return next((entry for entry in entries if entry.primary), None)


def with_primary(entries: Sequence[_Entry], chosen: int = 0) -> tuple[_Entry, ...]:
    """The entries with the one at this place primary, and no other."""
    return tuple(
        msgspec.structs.replace(entry, primary=at == chosen) for at, entry in enumerate(entries)
    )


def keys_or_none(keys: Iterable[str]) -> Keys | None:
    """A list of keys as `info_with` takes it: an empty one is not shown."""
    found = tuple(dict.fromkeys(keys))
    return Keys(items=found) if found else None


def name_or_none(first: str | None, last: str | None) -> Name | None:
    """A name as `info_with` takes it: an empty one is not shown."""
    return Name(first=first, last=last) if first or last else None


def info_with(old: ContactInfo, parts: dict[str, Any]) -> ContactInfo:
    """The info with some parts replaced; None takes a part away."""
    all_parts = {name: getattr(old, name) for name in old.__struct_fields__} | parts
    return ContactInfo(**{name: part for name, part in all_parts.items() if part is not None})
