"""Reads what callers send as `info`, in any of its spellings, and finds everything wrong with it.

Paths of problems are rooted in the request body (CONTRACT C.2); limits are those of CONTRACT A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from contactory.domain.address_reading import ADDRESS_ENTRY_NAMES, read_address
from contactory.domain.contacts import (
    ContactAddress,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    Keys,
    Name,
)
from contactory.domain.emails import LONGEST_EMAIL, email_key
from contactory.domain.errors import InsufficientContactData, MultiplePrimaryInfo
from contactory.domain.extended_fields import READ_ONLY
from contactory.domain.labels import LONGEST_KEY
from contactory.domain.phones import PhoneForms, normalise_phone
from contactory.domain.picture_reading import read_picture
from contactory.domain.plain_info import plain_parts
from contactory.domain.problems import Problems
from contactory.domain.seed_names import rest_key

EMAIL_TAGS: Final = ("UNTAGGED", "MAIN", "HOME", "WORK")
PHONE_TAGS: Final = ("UNTAGGED", "MAIN", "HOME", "MOBILE", "WORK", "FAX")

_MOST_ITEMS: Final = 50
_MOST_LABELS: Final = 2000
_MOST_FIELDS: Final = 1000
_LONGEST_NAME: Final = 1000
_LONGEST_PHONE: Final = 50
_LONGEST_WORD: Final = 100

# BCP 47 (RFC 5646): language, script, region, variants, extensions; or private use.
_LANGUAGE_TAG: Final = re.compile(
    r"(?:[a-zA-Z]{2,3}(?:-[a-zA-Z]{3}){0,3}|[a-zA-Z]{4,8})(?:-[a-zA-Z]{4})?"
    r"(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?(?:-(?:[a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*"
    r"(?:-[0-9a-wy-zA-WY-Z](?:-[a-zA-Z0-9]{2,8})+)*(?:-x(?:-[a-zA-Z0-9]{1,8})+)?"
    r"|x(?:-[a-zA-Z0-9]{1,8})+"
)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

INFO_NAMES: Final = frozenset(
    "name emails phones addresses company jobTitle picture birthdate locale labelKeys "
    "extendedFields locations assignedUserIds".split()
)
NAME_NAMES: Final = frozenset({"first", "last"})
_EMAIL_NAMES: Final = frozenset("id _id tag email primary".split())
_PHONE_NAMES: Final = frozenset(
    "id _id tag countryCode phone e164Phone formattedPhone primary".split()
)
_FIELDS_NAMES: Final = frozenset({"items"})

_Kind = TypeVar("_Kind", ContactEmail, ContactPhone, ContactAddress)
_Entry = TypeVar("_Entry", ContactEmail, ContactPhone)
_Reader: TypeAlias = Callable[[Mapping[str, Any], str, str, Problems], _Kind]


class ReadInfo(msgspec.Struct, frozen=True):
    """A checked `info`: all but the extended fields, whose types only the store knows.

    Keys stand in the order of their entries; `sent_phone` is the primary one before it was
    normalised. `dropped` names what was sent and is no part of a contact.
    """

    info: ContactInfo
    fields: Mapping[str, Any]
    email_keys: tuple[str, ...]
    phone_keys: tuple[str, ...]
    sent_phone: str | None
    dropped: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there is a name, an e-mail or a phone, as a contact needs it (CONTRACT B.1)."""
        name = self.info.name
        return bool(self.email_keys or self.phone_keys or name.first or name.last)


def read_info(sent: Any, *, path: str = "info", noted: Problems | None = None) -> ReadInfo:
    """Check and normalise an `info` in the seed's names, in REST names, or as ContactInfo.

    Raises InvalidArgument with every problem, also those that are `noted` already, then
    MultiplePrimaryInfo, then InsufficientContactData.
    """
    read = read_any_info(sent, path=path, noted=noted)
    if not read.is_enough:
        raise InsufficientContactData
    return read


def read_any_info(sent: Any, *, path: str = "info", noted: Problems | None = None) -> ReadInfo:
    """As `read_info`, also of an `info` that is not enough for a contact."""
    problems = noted or Problems()
    parts = plain_parts(sent) if type(sent) is dict else None
    if parts is not None and not problems.violations:
        try:
            return _assembled(parts, {}, ())
        except ValueError:  # An e-mail that is none: say where.
            pass
    return _read_carefully(sent, path, problems)


def _read_carefully(sent: Any, path: str, problems: Problems) -> ReadInfo:
    if sent is None:
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
    info = problems.mapping(sent, path, INFO_NAMES)
    parts = _read_parts(info, path, problems)
    fields = {}
    if (sent_fields := info.get("extendedFields")) is not None:
        fields = read_fields(sent_fields, f"{path}.extendedFields", problems)
    problems.check()
    return _assembled(parts, fields, tuple(problems.dropped))


def _assembled(
    parts: dict[str, Any], fields: Mapping[str, Any], dropped: tuple[str, ...]
) -> ReadInfo:
    emails, phones = parts.pop("emails", ()), parts.pop("phones", ())
    by_email, by_phone = one_email_each(emails), one_phone_each(phones)
    return ReadInfo(
        info=ContactInfo(
            emails=ContactEmails(items=tuple(by_email.values())),
            phones=ContactPhones(items=tuple(map(with_forms, by_phone.values()))),
            **{"addresses": ContactAddresses()} | parts,
        ),
        fields=fields,
        email_keys=tuple(by_email),
        phone_keys=tuple(by_phone),
        sent_phone=next((entry.phone for entry in by_phone.values() if entry.primary), None),
        dropped=dropped,
    )


def _read_entries(
    sent: Any, path: str, problems: Problems, names: frozenset[str], read: _Reader[_Kind]
) -> list[_Kind]:
    entries: list[_Kind] = []
    taken: set[str] = set()
    for at, entry in enumerate(problems.items(sent, path, _MOST_ITEMS)):
        where = f"{path}.items[{at}]"
        item = problems.part(entry, where, names)
        if item is not None:
            entries.append(read(item, problems.item_id(item, where, taken), where, problems))
        elif entry is None:
            problems.wrong_kind(where, "an object")
    return entries


def _read_email(
    item: Mapping[str, Any], item_id: str, path: str, problems: Problems
) -> ContactEmail:
    email = problems.required(item.get("email"), f"{path}.email", LONGEST_EMAIL)
    if email is not None:
        try:
            email_key(email)
        except ValueError:
            problems.add_format(f"{path}.email", "EMAIL", "is not a valid email address")
    return ContactEmail(
        id=item_id,
        tag=problems.word(item.get("tag"), f"{path}.tag", EMAIL_TAGS),
        email=email or "",
        primary=problems.flag(item.get("primary"), f"{path}.primary"),
    )


def _read_phone(
    item: Mapping[str, Any], item_id: str, path: str, problems: Problems
) -> ContactPhone:
    phone = problems.required(item.get("phone"), f"{path}.phone", _LONGEST_PHONE)
    country = problems.text(item.get("countryCode"), f"{path}.countryCode", _LONGEST_WORD)
    if country is not None and not _COUNTRY.fullmatch(country):
        problems.add_format(
            f"{path}.countryCode",
            "COUNTRY",
            "is not a valid country code: use two capital letters (ISO 3166-1)",
        )
    return ContactPhone(
        id=item_id,
        tag=problems.word(item.get("tag"), f"{path}.tag", PHONE_TAGS),
        country_code=country,
        phone=phone or "",
        primary=problems.flag(item.get("primary"), f"{path}.primary"),
    )


def _forms(entry: ContactPhone) -> PhoneForms:
    return normalise_phone(entry.phone, entry.country_code)


def with_forms(entry: ContactPhone) -> ContactPhone:
    """The phone in its normal form, with its computed ones (CONTRACT A.5)."""
    forms = _forms(entry)
    return msgspec.structs.replace(
        entry, phone=forms.phone, e164_phone=forms.e164, formatted_phone=forms.formatted
    )


def one_email_each(entries: Sequence[ContactEmail]) -> dict[str, ContactEmail]:
    """The entries by their keys, in order, one of them primary.

    Raises MultiplePrimaryInfo, and ValueError where an address is none.
    """
    return _one_each(entries, [email_key(entry.email) for entry in entries], "emails")


def one_phone_each(entries: Sequence[ContactPhone]) -> dict[str, ContactPhone]:
    """The entries as they were sent, by their keys, in order, one of them primary.

    Raises MultiplePrimaryInfo.
    """
    return _one_each(entries, [_forms(entry).key for entry in entries], "phones")


def _one_each(entries: Sequence[_Entry], keys: list[str], kind: str) -> dict[str, _Entry]:
    """One entry a key, in order: a repeated one is the first again, primary if either is.

    Exactly one of them comes out primary. Raises MultiplePrimaryInfo.
    """
    if len(entries) == 1:
        return {keys[0]: msgspec.structs.replace(entries[0], primary=True)}
    found: dict[str, _Entry] = {}
    flagged: dict[str, None] = {}
    for key, entry in zip(keys, entries, strict=True):
        found.setdefault(key, entry)
        if entry.primary:
            flagged[key] = None
    if len(flagged) > 1:
        raise MultiplePrimaryInfo(kind)
    chosen = next(iter(flagged or found), None)
    return {
        key: msgspec.structs.replace(entry, primary=key == chosen) for key, entry in found.items()
    }


def _read_parts(info: Mapping[str, Any], path: str, problems: Problems) -> dict[str, Any]:
    """What was sent of an `info`, by the names of ContactInfo; all but its extended fields."""
    parts = {
        field: read(sent, f"{path}.{name}", problems)
        for name, field, read in PARTS
        if (sent := info.get(name)) is not None
    }
    return {field: part for field, part in parts.items() if part is not None}


def _read_emails(sent: Any, path: str, problems: Problems) -> list[ContactEmail]:
    return _read_entries(sent, path, problems, _EMAIL_NAMES, _read_email)


def _read_phones(sent: Any, path: str, problems: Problems) -> list[ContactPhone]:
    return _read_entries(sent, path, problems, _PHONE_NAMES, _read_phone)


def _read_addresses(sent: Any, path: str, problems: Problems) -> ContactAddresses:
    entries = _read_entries(sent, path, problems, ADDRESS_ENTRY_NAMES, read_address)
    return ContactAddresses(items=tuple(entries))


def read_line(sent: Any, path: str, problems: Problems) -> str | None:
    """A name, company or job title; None where it is empty."""
    return problems.text(sent, path, _LONGEST_NAME)


def _read_name(sent: Any, path: str, problems: Problems) -> Name | None:
    name = problems.mapping(sent, path, NAME_NAMES)
    first = read_line(name.get("first"), f"{path}.first", problems)
    last = read_line(name.get("last"), f"{path}.last", problems)
    return Name(first=first, last=last) if first or last else None


def _read_date(sent: Any, path: str, problems: Problems) -> str | None:
    if isinstance(sent, date):
        return (sent.date() if isinstance(sent, datetime) else sent).isoformat()
    text = problems.text(sent, path, _LONGEST_WORD)
    if text is None:
        return None
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        date.fromisoformat(text)
    except ValueError:
        problems.add_format(path, "LOCAL_DATE", "is not a valid date: use YYYY-MM-DD")
        return None
    return text


def _read_locale(sent: Any, path: str, problems: Problems) -> str | None:
    text = problems.text(sent, path, _LONGEST_WORD)
    if text is not None and not _LANGUAGE_TAG.fullmatch(text):
        problems.add_format(path, "LANGUAGE_TAG", "is not a valid language tag such as en-US")
        return None
    return text


def _read_keys(sent: Any, path: str, problems: Problems) -> Keys | None:
    return _keys(
        problems.required(key, f"{path}.items[{at}]", LONGEST_KEY)
        for at, key in enumerate(problems.items(sent, path, _MOST_LABELS))
    )


def _read_guids(sent: Any, path: str, problems: Problems) -> Keys | None:
    def guid(at: int, item: Any) -> str | None:
        text = problems.required(item, f"{path}.items[{at}]", _LONGEST_WORD)
        return problems.guid(text, f"{path}.items[{at}]")

    return _keys(guid(*entry) for entry in enumerate(problems.items(sent, path, _MOST_ITEMS)))


def _keys(found: Iterable[str | None]) -> Keys | None:
    keys = tuple(key for key in dict.fromkeys(found) if key is not None)
    return Keys(items=keys) if keys else None


def read_fields(
    sent: Any, path: str, problems: Problems, *, only: frozenset[str] | None = None
) -> dict[str, Any]:
    """Values by the keys that were sent: strings and numbers, None for null and read-only keys.

    Keys outside `only`, which are in REST spelling, are noted as dropped and not looked at.
    """
    wrapper = problems.mapping(sent, path, _FIELDS_NAMES)
    if any(isinstance(name, str) and "." in name for name in wrapper):
        problems.wrong_kind(path, 'an object {"items": {...}} around the fields')
        return {}
    path, values = f"{path}.items", wrapper.get("items")
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        problems.wrong_kind(path, "an object")
        return {}
    if len(values) > _MOST_FIELDS:
        problems.too_large(path, len(values), _MOST_FIELDS, "MAX_SIZE")
        return {}
    if not problems.names(values, path):
        return {}
    if only is not None:
        kept = frozenset(key for key in values if rest_key(key) in only)
        problems.part(values, path, kept)
        values = {key: values[key] for key in values if key in kept}
    return {
        str.__str__(key): _read_field(key, value, f"{path}.{key[:LONGEST_KEY]}", problems)
        for key, value in values.items()
    }


def _read_field(key: str, value: Any, path: str, problems: Problems) -> Any:
    """A value that JSON knows; whether it fits its field is for `extended_fields` to say."""
    if value is None or key in READ_ONLY:
        return None
    if isinstance(value, str):
        return str.__str__(value) if problems.storable(value, path) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    problems.wrong_kind(path, "a string or a number")
    return None


PARTS: Final[tuple[tuple[str, str, Callable[[Any, str, Problems], Any]], ...]] = (
    ("emails", "emails", _read_emails),
    ("phones", "phones", _read_phones),
    ("addresses", "addresses", _read_addresses),
    ("name", "name", _read_name),
    ("company", "company", read_line),
    ("jobTitle", "job_title", read_line),
    ("picture", "picture", read_picture),
    ("birthdate", "birthdate", _read_date),
    ("locale", "locale", _read_locale),
    ("labelKeys", "label_keys", _read_keys),
    ("locations", "locations", _read_guids),
    ("assignedUserIds", "assigned_user_ids", _read_guids),
)
"""Name in REST, name in ContactInfo, and what reads it; the order is that of the problems."""
