"""Reads a partial `info`: what an update names, and what it says of that (CONTRACT E.1).

Without a field mask the names that are present are written. With one, exactly the masked parts
are, and those that `info` leaves out are cleared.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from contactory.domain.address_reading import ADDRESS_ENTRY_NAMES
from contactory.domain.contact_reading import (
    INFO_NAMES,
    NAME_NAMES,
    PARTS,
    one_email_each,
    one_phone_each,
    read_fields,
    read_line,
    with_forms,
)
from contactory.domain.contacts import ContactEmail, ContactPhone
from contactory.domain.errors import InsufficientUpdateContactData
from contactory.domain.field_mask import FieldMask, read_field_mask
from contactory.domain.problems import Problems
from contactory.domain.seed_names import rest_key

_MOST_ITEMS: Final = 50
_ANY: Final = frozenset({"address", "formattedAddress", "formatted", "items", *ADDRESS_ENTRY_NAMES})


class ReadUpdate(msgspec.Struct, frozen=True):
    """A checked update. A part that is None here is cleared; what it does not name stays.

    `parts` holds all but name, lists of e-mails and phones, and extended fields, by the names of
    ContactInfo. `emails` and `phones` are None where the update does not rewrite them; else their
    keys stand in the order of the entries, and exactly one entry is primary. Entries for which no
    id was sent have a new one. `address_texts` says of each address whether its formatted text
    was supplied. `fields` are raw: null and "" remove a value; with `replaces_fields`, all values
    that are not named go too. `dropped` names what was sent and is not written.
    """

    parts: dict[str, Any]
    name: dict[str, str | None]
    emails: dict[str, ContactEmail] | None
    phones: dict[str, ContactPhone] | None
    address_texts: tuple[bool, ...]
    fields: dict[str, Any]
    replaces_fields: bool
    dropped: tuple[str, ...]

    @property
    def email_keys(self) -> tuple[str, ...] | None:
        """The keys of the new e-mails, in order; None where e-mails are not rewritten."""
        return None if self.emails is None else tuple(self.emails)

    @property
    def phone_keys(self) -> tuple[str, ...] | None:
        """The keys of the new phones, in order; None where phones are not rewritten."""
        return None if self.phones is None else tuple(self.phones)


def read_update(
    sent: Any, *, field_mask: Any = None, path: str = "info", noted: Problems | None = None
) -> ReadUpdate:
    """Check and normalise what an update says, in the seed's names, REST names or as ContactInfo.

    Of structs, parts that were left at their defaults are not named. Null and "" clear; so do
    `{}` and `{"items": []}` for lists. A name is taken key by key, and extended fields too: an
    empty or null map of them changes nothing.

    Raises InvalidArgument with every problem, also those that are `noted` already, then
    InsufficientUpdateContactData when nothing is named, then MultiplePrimaryInfo.
    """
    problems = noted or Problems()
    mask = read_field_mask(field_mask, problems)
    named = _named(sent, mask, path, problems)
    parts = {
        field: read(named[name], f"{path}.{name}", problems)
        for name, field, read in PARTS
        if name in named and name != "name"
    }
    halves = {}
    if "name" in named:
        halves = _read_halves(named["name"], mask, f"{path}.name", problems)
    fields = {}
    if "extendedFields" in named:
        fields = _read_fields(named["extendedFields"], mask, f"{path}.extendedFields", problems)
    problems.check()
    if sent is None or not named:
        raise InsufficientUpdateContactData
    emails, phones = parts.pop("emails", None), parts.pop("phones", None)
    by_phone = None if phones is None else one_phone_each(phones)
    return ReadUpdate(
        parts=parts,
        name=halves,
        emails=None if emails is None else one_email_each(emails),
        phones=by_phone and {key: with_forms(entry) for key, entry in by_phone.items()},
        address_texts=_address_texts(named.get("addresses")),
        fields=fields,
        replaces_fields=mask is not None and "extendedFields" in mask.whole,
        dropped=tuple(problems.dropped),
    )


def sent_parts(value: Any) -> Any:
    """Of a struct, only the parts that do not stand at their defaults; other values as they are."""
    if not isinstance(value, msgspec.Struct):
        return value
    return {
        field.encode_name: part
        for field in msgspec.structs.fields(value)
        if (part := getattr(value, field.name)) is not field.default
    }


def _named(sent: Any, mask: FieldMask | None, path: str, problems: Problems) -> dict[str, Any]:
    """What is written, by its name in REST; None is what clears it."""
    known = INFO_NAMES if mask is None else mask.names
    info = problems.mapping(sent_parts(sent), path, known)
    names = INFO_NAMES & info.keys() if mask is None else known
    return {name: info.get(name) for name in names}


def _read_halves(
    sent: Any, mask: FieldMask | None, path: str, problems: Problems
) -> dict[str, str | None]:
    masked = NAME_NAMES if mask is None or "name" in mask.whole else mask.halves
    name = problems.mapping(sent_parts(sent), path, masked)
    names = masked if mask is not None or sent is None else masked & name.keys()
    return {half: read_line(name.get(half), f"{path}.{half}", problems) for half in sorted(names)}


def _read_fields(
    sent: Any, mask: FieldMask | None, path: str, problems: Problems
) -> dict[str, Any]:
    keys = mask.field_keys if mask is not None else frozenset()
    fields = {} if sent is None else read_fields(sent, path, problems, only=keys or None)
    return fields | dict.fromkeys(keys - set(map(rest_key, fields)))


def _address_texts(sent: Any) -> tuple[bool, ...]:
    """Whether each address came with its formatted text; the addresses have been checked."""
    reading = Problems()
    addresses = [
        reading.mapping(reading.mapping(entry, "", _ANY).get("address"), "", _ANY)
        for entry in reading.items(sent, "", _MOST_ITEMS)
    ]
    return tuple(
        any(_is_text(address.get(name)) for name in ("formattedAddress", "formatted"))
        for address in addresses
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and not value.isspace()
