"""Loads tables that the first contacts would otherwise wait for."""

from __future__ import annotations

from typing import Final

from contactory.domain.addresses import country_name, subdivision_name
from contactory.domain.phones import normalise_phone

_COMMON_COUNTRIES: Final = "US CA GB DE FR ES IT NL BR MX IN AU JP IL".split()


def preload() -> None:
    """Load the names of countries and subdivisions, and the phone plans of common countries."""
    country_name("US")
    subdivision_name("US-NY")
    for country in _COMMON_COUNTRIES:
        normalise_phone("2125550123", country)
