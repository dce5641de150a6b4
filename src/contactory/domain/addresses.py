"""Postal addresses: ISO codes and the formatted text (CONTRACT A.6)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import pycountry

from contactory.domain.contacts import Address

_POSTAL_FIRST: Final = frozenset(
    "AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU LV MC NL NO PL PT RO RS SE SI "
    "SK".split()
)
_NOT_IN_ISO: Final = {"XK": "Kosovo"}
_LONGEST_LINE: Final = 1000
_LONGEST_TEXT: Final = 2000
_COUNTRIES: Final[Any] = pycountry.countries
_SUBDIVISIONS: Final[Any] = pycountry.subdivisions


@lru_cache(maxsize=8192)
def country_name(code: str) -> str | None:
    """English name of an ISO 3166-1 alpha-2 code; None for an unknown one."""
    if code in _NOT_IN_ISO:
        return _NOT_IN_ISO[code]
    found = _COUNTRIES.get(alpha_2=code) if code.isupper() else None
    if found is None:
        return None
    return str(getattr(found, "common_name", found.name))


@lru_cache(maxsize=8192)
def subdivision_name(code: str) -> str | None:
    """Name of an ISO 3166-2 code such as US-NY; None for an unknown one."""
    found = _SUBDIVISIONS.get(code=code) if code.isupper() else None
    return None if found is None else str(found.name)


def is_subdivision_of(subdivision: str, country: str) -> bool:
    """Whether an ISO 3166-2 code belongs to the country, or is that territory, as US-PR is PR."""
    return subdivision.startswith(f"{country}-") or subdivision.endswith(f"-{country}")


def street_line(address: Address) -> str | None:
    """The first line: as given, or built from the structured street; at most 1000 characters."""
    street = address.street_address
    if address.address_line or street is None:
        return address.address_line
    return _joined(" ", street.number, street.name)[:_LONGEST_LINE] or None


def formatted_address(address: Address) -> str | None:
    """The address as lines in the order its country uses, cut at 2000 characters.

    None when it is empty.
    """
    lines = [street_line(address) or "", address.address_line2 or "", *_locality(address)]
    if address.country:
        lines.append(country_name(address.country) or address.country)
    text = "\n".join(line.strip() for line in lines if line.strip())
    return text[:_LONGEST_TEXT].rstrip() or None


def _locality(address: Address) -> list[str]:
    city, postal = address.city or "", address.postal_code or ""
    subdivision = ""
    if address.subdivision:
        subdivision = subdivision_name(address.subdivision) or address.subdivision
    if address.country == "GB":
        return [_joined(", ", city, subdivision), postal]
    if address.country in _POSTAL_FIRST:
        return [_joined(", ", _joined(" ", postal, city), subdivision)]
    if not (postal or subdivision):
        return [city]
    # An empty state keeps its blank: "New York,  10011" is what the contract's samples show.
    return [f"{city}, {subdivision} {postal}".removeprefix(", ")]


def _joined(separator: str, *parts: str | None) -> str:
    return separator.join(part for part in parts if part)
