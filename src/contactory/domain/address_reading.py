"""Reads one postal address of an `info` and finds what is wrong with it (CONTRACT A.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.addresses import (
    country_name,
    formatted_address,
    is_subdivision_of,
    street_line,
    subdivision_name,
)
from contactory.domain.contacts import Address, ContactAddress, Geocode, StreetAddress
from contactory.domain.problems import Problems, sent_name

ADDRESS_TAGS: Final = ("UNTAGGED", "HOME", "WORK", "BILLING", "SHIPPING")
ADDRESS_ENTRY_NAMES: Final = frozenset("id _id tag address".split())

_ADDRESS_NAMES: Final = frozenset(
    "addressLine addressLine1 streetAddress addressLine2 city subdivision country postalCode "
    "formattedAddress formatted geocode location hint countryFullname subdivisions "
    "subdivisionFullname".split()
)
_STREET_NAMES: Final = frozenset("number name apt".split())
_GEOCODE_NAMES: Final = frozenset({"latitude", "longitude"})
_LINE: Final = 1000
_SHORT: Final = 100


def read_address(
    item: Mapping[str, Any], item_id: str, path: str, problems: Problems
) -> ContactAddress:
    """An address entry. One without any address in it is refused."""
    return ContactAddress(
        id=item_id,
        tag=problems.word(item.get("tag"), f"{path}.tag", ADDRESS_TAGS),
        address=_read_place(item.get("address"), f"{path}.address", problems),
    )


def _read_place(sent: Any, path: str, problems: Problems) -> Address:
    before = len(problems.violations)
    item = problems.mapping(sent, path, _ADDRESS_NAMES)

    def text(name: str, most: int, seed_name: str | None = None) -> str | None:
        if seed_name is not None:
            name = sent_name(item, name, seed_name)
        return problems.text(item.get(name), f"{path}.{name}", most)

    country, subdivision = _read_codes(item, path, problems)
    geocode = sent_name(item, "geocode", "location")
    place = Address(
        formatted_address=text("formattedAddress", 2000, "formatted"),
        address_line=text("addressLine", _LINE, "addressLine1"),
        street_address=_read_street(item.get("streetAddress"), f"{path}.streetAddress", problems),
        address_line2=text("addressLine2", _LINE),
        city=text("city", _LINE),
        subdivision=subdivision,
        country=country,
        postal_code=text("postalCode", _SHORT),
        geocode=_read_geocode(item.get(geocode), f"{path}.{geocode}", problems),
        hint=text("hint", 200),
    )
    if place == Address() and len(problems.violations) == before:
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
    return msgspec.structs.replace(
        place,
        address_line=street_line(place),
        formatted_address=place.formatted_address or formatted_address(place),
    )


def _read_codes(
    item: Mapping[str, Any], path: str, problems: Problems
) -> tuple[str | None, str | None]:
    country = problems.text(item.get("country"), f"{path}.country", _SHORT)
    if country is not None and country_name(country) is None:
        problems.add_format(
            f"{path}.country",
            "COUNTRY",
            "is not a valid country code: use two capital letters (ISO 3166-1)",
        )
        country = None
    where = f"{path}.subdivision"
    subdivision = problems.text(item.get("subdivision"), where, _SHORT)
    if subdivision is None:
        return country, None
    if subdivision_name(subdivision) is None:
        problems.add_format(where, "SUBDIVISION", "is not a valid subdivision code")
    elif country is not None and not is_subdivision_of(subdivision, country):
        problems.add_format(where, "SUBDIVISION", f"is not a subdivision of {country}")
    return country, subdivision


def _read_street(sent: Any, path: str, problems: Problems) -> StreetAddress | None:
    street = problems.part(sent, path, _STREET_NAMES)
    if street is None:
        return None
    read = StreetAddress(
        number=problems.text(street.get("number"), f"{path}.number", _SHORT),
        name=problems.text(street.get("name"), f"{path}.name", _LINE),
        apt=problems.text(street.get("apt"), f"{path}.apt", _SHORT),
    )
    return None if read == StreetAddress() else read


def _read_geocode(sent: Any, path: str, problems: Problems) -> Geocode | None:
    item = problems.part(sent, path, _GEOCODE_NAMES)
    if item is None:
        return None
    for name in ("latitude", "longitude"):
        if item.get(name) is None:
            problems.add(f"{path}.{name}", "REQUIRED_FIELD", "must not be empty")
    latitude = problems.number(item.get("latitude"), f"{path}.latitude", -90, 90)
    longitude = problems.number(item.get("longitude"), f"{path}.longitude", -180, 180)
    if latitude is None or longitude is None:
        return None
    return Geocode(latitude=latitude, longitude=longitude)
