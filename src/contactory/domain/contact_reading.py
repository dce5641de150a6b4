"""Reads what callers send as `info`, in any of its spellings, and finds everything wrong with it.

Paths of problems are rooted in the request body (CONTRACT C.2); limits are those of CONTRACT A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeVar

import msgspec

from contactory.domain.addresses import (
    country_name,
    formatted_address,
    street_line,
    subdivision_name,
)
from contactory.domain.contacts import (
    Address,
    ContactAddress,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    Geocode,
    Image,
    Keys,
    Name,
    Picture,
    StreetAddress,
)
from contactory.domain.emails import email_key
from contactory.domain.errors import InsufficientContactData, MultiplePrimaryInfo
from contactory.domain.labels import LONGEST_KEY
from contactory.domain.phones import normalise_phone, phone_key
from contactory.domain.problems import Problems
from contactory.kit.clock import encode_instant
from contactory.kit.ids import as_guid, new_id

EMAIL_TAGS: Final = ("UNTAGGED", "MAIN", "HOME", "WORK")
PHONE_TAGS: Final = ("UNTAGGED", "MAIN", "HOME", "MOBILE", "WORK", "FAX")
ADDRESS_TAGS: Final = ("UNTAGGED", "HOME", "WORK", "BILLING", "SHIPPING")
_PROVIDERS: Final = ("UNKNOWN", "EXTERNAL", "WIX_MEDIA")

_MOST_ITEMS: Final = 50
_MOST_LABELS: Final = 2000
_MOST_FIELDS: Final = 1000
_LINE: Final = 1000

# BCP 47 (RFC 5646): language, script, region, variants, extensions; or private use.
_LANGUAGE_TAG: Final = re.compile(
    r"(?:[a-zA-Z]{2,3}(?:-[a-zA-Z]{3}){0,3}|[a-zA-Z]{4,8})(?:-[a-zA-Z]{4})?"
    r"(?:-(?:[a-zA-Z]{2}|\d{3}))?(?:-(?:[a-zA-Z0-9]{5,8}|\d[a-zA-Z0-9]{3}))*"
    r"(?:-[0-9a-wy-zA-WY-Z](?:-[a-zA-Z0-9]{2,8})+)*(?:-x(?:-[a-zA-Z0-9]{1,8})+)?"
    r"|x(?:-[a-zA-Z0-9]{1,8})+"
)
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_IMAGE: Final = re.compile(
    r"wix:image://v1/([^/#]+)(?:/([^#]*))?(?:#originWidth=(\d+)&originHeight=(\d+).*)?"
)

_INFO_NAMES: Final = frozenset(
    "name emails phones addresses company jobTitle picture birthdate locale labelKeys "
    "extendedFields locations assignedUserIds".split()
)
_EMAIL_NAMES: Final = frozenset("id _id tag email primary".split())
_PHONE_NAMES: Final = frozenset(
    "id _id tag countryCode phone e164Phone formattedPhone primary".split()
)
_ENTRY_NAMES: Final = frozenset("id _id tag address".split())
_ADDRESS_NAMES: Final = frozenset(
    "addressLine addressLine1 streetAddress addressLine2 city subdivision country postalCode "
    "formattedAddress formatted geocode location hint countryFullname subdivisions "
    "subdivisionFullname".split()
)
_STREET_NAMES: Final = frozenset("number name apt formattedAddressLine".split())
_GEOCODE_NAMES: Final = frozenset({"latitude", "longitude"})
_IMAGE_NAMES: Final = frozenset("id _id url height width altText filename".split())

_Entry = TypeVar("_Entry", ContactEmail, ContactPhone)


class ReadInfo(msgspec.Struct, frozen=True):
    """A checked `info`: all but the extended fields, whose types only the store knows."""

    info: ContactInfo
    fields: Mapping[str, Any]
    email_keys: tuple[str, ...]
    phone_keys: tuple[str, ...]
    sent_phone: str | None
    dropped: tuple[str, ...]


def read_info(sent: Any, *, path: str = "info") -> ReadInfo:
    """Check and normalise an `info` in the seed's names, in REST names, or as ContactInfo.

    Raises InvalidArgument with every problem, then MultiplePrimaryInfo, then
    InsufficientContactData. `dropped` names what was sent and is no part of a contact.
    """
    problems = Problems()
    if isinstance(sent, msgspec.Struct):
        sent = msgspec.to_builtins(sent, enc_hook=encode_instant)
    if sent is None:
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
    info = problems.mapping(sent, path, _INFO_NAMES)
    emails = _items(info, "emails", path, problems, _read_email)
    phones = _items(info, "phones", path, problems, _read_phone)
    phones_sent = {phone.id: phone.phone for phone in phones}
    phones = [_with_forms(phone) for phone in phones]
    fields = problems.mapping(info.get("extendedFields"), f"{path}.extendedFields", _ITEMS)
    values = _field_values(fields, f"{path}.extendedFields.items", problems)
    read = ContactInfo(
        name=_read_name(info.get("name"), f"{path}.name", problems),
        addresses=ContactAddresses(
            items=tuple(_items(info, "addresses", path, problems, _read_address))
        ),
        company=problems.text(info.get("company"), f"{path}.company", _LINE),
        job_title=problems.text(info.get("jobTitle"), f"{path}.jobTitle", _LINE),
        picture=_read_picture(info.get("picture"), f"{path}.picture", problems),
        birthdate=_read_date(info.get("birthdate"), f"{path}.birthdate", problems),
        locale=_read_locale(info.get("locale"), f"{path}.locale", problems),
        label_keys=_read_keys(info.get("labelKeys"), f"{path}.labelKeys", problems),
        locations=_read_guids(info.get("locations"), f"{path}.locations", problems),
        assigned_user_ids=_read_guids(
            info.get("assignedUserIds"), f"{path}.assignedUserIds", problems
        ),
    )
    problems.check()

    email_keys = [email_key(entry.email) or entry.email for entry in emails]
    phone_keys = [phone_key(e.phone, e.e164_phone, e.country_code) for e in phones]
    emails = _with_one_primary(_collapsed(emails, email_keys), "emails")
    phones = _with_one_primary(_collapsed(phones, phone_keys), "phones")
    if not (emails or phones or _has_name(read.name)):
        raise InsufficientContactData
    primary = next((phone.id for phone in phones if phone.primary), None)
    return ReadInfo(
        info=msgspec.structs.replace(
            read,
            emails=ContactEmails(items=tuple(emails)),
            phones=ContactPhones(items=tuple(phones)),
        ),
        fields=values,
        email_keys=tuple(dict.fromkeys(email_keys)),
        phone_keys=tuple(dict.fromkeys(phone_keys)),
        sent_phone=phones_sent.get(primary),
        dropped=tuple(problems.dropped),
    )


_ITEMS: Final = frozenset({"items"})
_NAME: Final = frozenset({"first", "last"})


def _items(
    info: Mapping[str, Any],
    name: str,
    path: str,
    problems: Problems,
    read: Callable[[Any, str, Problems], Any],
) -> list[Any]:
    found = problems.items(info.get(name), f"{path}.{name}", _MOST_ITEMS)
    entries = [read(item, f"{path}.{name}.items[{at}]", problems) for at, item in enumerate(found)]
    kept = [entry for entry in entries if entry is not None]
    seen: set[str] = set()
    for at, entry in enumerate(kept):
        if entry.id in seen:
            problems.add(f"{path}.{name}.items[{at}].id", "OTHER", "is the id of another item too")
        seen.add(entry.id)
    return kept


def _read_name(sent: Any, path: str, problems: Problems) -> Name:
    name = problems.mapping(sent, path, _NAME)
    if not name:
        return ContactInfo().name
    return Name(
        first=problems.text(name.get("first"), f"{path}.first", _LINE),
        last=problems.text(name.get("last"), f"{path}.last", _LINE),
    )


def _has_name(name: Name) -> bool:
    return bool((name.first or "").strip() or (name.last or "").strip())


def _read_email(sent: Any, path: str, problems: Problems) -> ContactEmail | None:
    item = problems.mapping(sent, path, _EMAIL_NAMES)
    email = _required(item.get("email"), f"{path}.email", 320, problems)
    if email is not None and email_key(email) is None:
        problems.add(f"{path}.email", "FORMAT", "is not a valid email address", type="EMAIL")
    return ContactEmail(
        id=_read_id(item, path, problems),
        tag=_read_word(item.get("tag"), f"{path}.tag", EMAIL_TAGS, problems),
        email=email or "",
        primary=problems.flag(item.get("primary"), f"{path}.primary"),
    )


def _read_phone(sent: Any, path: str, problems: Problems) -> ContactPhone | None:
    item = problems.mapping(sent, path, _PHONE_NAMES)
    phone = _required(item.get("phone"), f"{path}.phone", 50, problems)
    country = problems.text(item.get("countryCode"), f"{path}.countryCode", 50)
    if country is not None and not _COUNTRY.fullmatch(country):
        problems.add(
            f"{path}.countryCode",
            "FORMAT",
            "is not a valid country code: use two capital letters (ISO 3166-1)",
            type="COUNTRY",
        )
    return ContactPhone(
        id=_read_id(item, path, problems),
        tag=_read_word(item.get("tag"), f"{path}.tag", PHONE_TAGS, problems),
        country_code=country,
        phone=phone or "",
        primary=problems.flag(item.get("primary"), f"{path}.primary"),
    )


def _with_forms(entry: ContactPhone) -> ContactPhone:
    forms = normalise_phone(entry.phone, entry.country_code)
    return msgspec.structs.replace(
        entry, phone=forms.phone, e164_phone=forms.e164, formatted_phone=forms.formatted
    )


def _read_address(sent: Any, path: str, problems: Problems) -> ContactAddress:
    item = problems.mapping(sent, path, _ENTRY_NAMES)
    return ContactAddress(
        id=_read_id(item, path, problems),
        tag=_read_word(item.get("tag"), f"{path}.tag", ADDRESS_TAGS, problems),
        address=_read_place(item.get("address"), f"{path}.address", problems),
    )


def _read_place(sent: Any, path: str, problems: Problems) -> Address:
    item = problems.mapping(sent, path, _ADDRESS_NAMES)

    def text(name: str, most: int, seed_name: str | None = None) -> str | None:
        if seed_name is not None and item.get(name) is None:
            name = seed_name if seed_name in item else name
        return problems.text(item.get(name), f"{path}.{name}", most)

    country, subdivision = text("country", 100), text("subdivision", 100)
    if country is not None and country_name(country) is None:
        problems.add(f"{path}.country", "FORMAT", "is not a valid country code", type="COUNTRY")
    if subdivision is not None and subdivision_name(subdivision) is None:
        problems.add(
            f"{path}.subdivision", "FORMAT", "is not a valid subdivision code", type="SUBDIVISION"
        )
    street = problems.mapping(item.get("streetAddress"), f"{path}.streetAddress", _STREET_NAMES)
    geocode = "geocode" if item.get("geocode") is not None else "location"
    place = Address(
        formatted_address=text("formattedAddress", 2000, "formatted"),
        address_line=text("addressLine", _LINE, "addressLine1"),
        street_address=_read_street(street, f"{path}.streetAddress", problems),
        address_line2=text("addressLine2", _LINE),
        city=text("city", _LINE),
        subdivision=subdivision,
        country=country,
        postal_code=text("postalCode", 100),
        geocode=_read_geocode(item.get(geocode), f"{path}.{geocode}", problems),
        hint=text("hint", 200),
    )
    return msgspec.structs.replace(
        place,
        address_line=street_line(place) or None,
        formatted_address=place.formatted_address or formatted_address(place),
    )


def _read_street(street: Mapping[str, Any], path: str, problems: Problems) -> StreetAddress | None:
    read = StreetAddress(
        number=problems.text(street.get("number"), f"{path}.number", 100),
        name=problems.text(street.get("name"), f"{path}.name", _LINE),
        apt=problems.text(street.get("apt"), f"{path}.apt", 100),
    )
    return None if read == StreetAddress() else read


def _read_geocode(sent: Any, path: str, problems: Problems) -> Geocode | None:
    if sent is None:
        return None
    item = problems.mapping(sent, path, _GEOCODE_NAMES)
    for name in ("latitude", "longitude"):
        if item.get(name) is None:
            problems.add(f"{path}.{name}", "REQUIRED_FIELD", "must not be empty")
    latitude = problems.number(item.get("latitude"), f"{path}.latitude", -90, 90)
    longitude = problems.number(item.get("longitude"), f"{path}.longitude", -180, 180)
    if latitude is None or longitude is None:
        return None
    return Geocode(latitude=latitude, longitude=longitude)


def _read_picture(sent: Any, path: str, problems: Problems) -> Picture | None:
    if sent is None:
        return None
    if isinstance(sent, str):
        sent = {"image": sent}
    item = problems.mapping(sent, path, frozenset({"image", "imageProvider"}))
    image = _read_image(item.get("image"), f"{path}.image", problems)
    provider = _read_word(item.get("imageProvider"), f"{path}.imageProvider", _PROVIDERS, problems)
    if image is None:
        return None
    if item.get("imageProvider") is None:
        provider = "WIX_MEDIA" if image.id else "EXTERNAL"
    return Picture(image=image, image_provider=provider)


def _read_image(sent: Any, path: str, problems: Problems) -> Image | None:
    if isinstance(sent, str):
        sent = _image_from_text(sent)
    item = problems.mapping(sent, path, _IMAGE_NAMES)

    def pixels(name: str) -> int | None:
        size = problems.number(item.get(name), f"{path}.{name}", 0, 2**31 - 1)
        return None if size is None else int(size)

    image = Image(
        id=problems.text(item.get("id", item.get("_id")), f"{path}.id", 1000),
        url=problems.text(item.get("url"), f"{path}.url", 2000),
        height=pixels("height"),
        width=pixels("width"),
        alt_text=problems.text(item.get("altText"), f"{path}.altText", 1000),
        filename=problems.text(item.get("filename"), f"{path}.filename", 1000),
    )
    return None if image == Image() else image


def _image_from_text(text: str) -> dict[str, Any]:
    found = _IMAGE.fullmatch(text)
    if found is None:
        return {"url": text}
    medium, name, width, height = found.groups()
    image: dict[str, Any] = {"id": medium, "url": text}
    if name:
        image |= {"altText": name, "filename": name}
    if width:
        image |= {"width": int(width), "height": int(height)}
    return image


def _read_date(sent: Any, path: str, problems: Problems) -> str | None:
    text = problems.text(sent, path, 100)
    if text is None:
        return None
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        date.fromisoformat(text)
    except ValueError:
        problems.add(path, "FORMAT", "is not a valid date: use YYYY-MM-DD", type="LOCAL_DATE")
        return None
    return text


def _read_locale(sent: Any, path: str, problems: Problems) -> str | None:
    text = problems.text(sent, path, 100)
    if text is not None and not _LANGUAGE_TAG.fullmatch(text):
        problems.add(
            path, "FORMAT", "is not a valid language tag such as en-US", type="LANGUAGE_TAG"
        )
        return None
    return text


def _read_keys(sent: Any, path: str, problems: Problems) -> Keys:
    found = problems.items(sent, path, _MOST_LABELS)
    keys = [
        _required(key, f"{path}.items[{at}]", LONGEST_KEY, problems) for at, key in enumerate(found)
    ]
    return _keys([key for key in keys if key is not None])


def _read_guids(sent: Any, path: str, problems: Problems) -> Keys:
    found = problems.items(sent, path, _MOST_ITEMS)
    guids = [_read_guid(item, f"{path}.items[{at}]", problems) for at, item in enumerate(found)]
    return _keys([guid for guid in guids if guid is not None])


def _keys(keys: list[str]) -> Keys:
    return Keys(items=tuple(dict.fromkeys(keys))) if keys else ContactInfo().label_keys


def _field_values(fields: Mapping[str, Any], path: str, problems: Problems) -> Mapping[str, Any]:
    values = fields.get("items")
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        problems.wrong_kind(path, "an object")
        return {}
    if len(values) > _MOST_FIELDS:
        problems.too_large(path, len(values), _MOST_FIELDS, "MAX_SIZE")
    for key, value in values.items():
        if not isinstance(key, str):
            problems.wrong_kind(path, "an object with strings as keys")
        elif isinstance(value, bool | list | tuple | Mapping):
            problems.wrong_kind(f"{path}.{key[:LONGEST_KEY]}", "a string or a number")
    return values


def _required(sent: Any, path: str, most: int, problems: Problems) -> str | None:
    if isinstance(sent, str):
        sent = sent.strip()
    if sent is None or sent == "":
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
        return None
    return problems.text(sent, path, most)


def _read_id(item: Mapping[str, Any], path: str, problems: Problems) -> str:
    sent = item.get("id", item.get("_id"))
    if sent is None or sent == "":
        return new_id()
    return _read_guid(sent, f"{path}.id", problems) or new_id()


def _read_guid(sent: Any, path: str, problems: Problems) -> str | None:
    text = problems.text(sent, path, 100)
    guid = None if text is None else as_guid(text)
    if guid is None and text is not None:
        problems.add(path, "FORMAT", "is not a valid GUID", type="GUID")
    return guid


def _read_word(sent: Any, path: str, words: tuple[str, ...], problems: Problems) -> str:
    if sent is None or sent == "":
        return words[0]
    if sent not in words:
        listed = ", ".join(f"{word}({at})" for at, word in enumerate(words))
        problems.add(
            path, "INVALID_ENUM_VALUE", f"enum must be in [{listed}]", supported=list(words)
        )
        return words[0]
    return str(sent)


def _collapsed(entries: list[_Entry], keys: list[str]) -> list[_Entry]:
    """One entry a key: a repeated address or number is the same one, primary if either is."""
    by_key: dict[str, _Entry] = {}
    for entry, key in zip(entries, keys, strict=True):
        first = by_key.get(key)
        if first is None:
            by_key[key] = entry
        elif entry.primary and not first.primary:
            by_key[key] = msgspec.structs.replace(first, primary=True)
    return list(by_key.values())


def _with_one_primary(entries: list[_Entry], kind: str) -> list[_Entry]:
    flagged = [at for at, entry in enumerate(entries) if entry.primary]
    if len(flagged) > 1:
        raise MultiplePrimaryInfo(kind)
    chosen = flagged[0] if flagged else 0
    return [
        msgspec.structs.replace(entry, primary=at == chosen) for at, entry in enumerate(entries)
    ]
