"""Postal addresses: the table of CONTRACT A.6 and the codes of ISO 3166."""

from __future__ import annotations

import pytest

from contactory.domain.addresses import (
    country_name,
    formatted_address,
    is_subdivision_of,
    street_line,
    subdivision_name,
)
from contactory.domain.contacts import Address, StreetAddress


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            Address(
                address_line="3 Park Ave",
                city="NY",
                subdivision="US-NY",
                postal_code="10010",
                country="US",
            ),
            ["3 Park Ave", "NY, New York 10010", "United States"],
        ),
        (
            Address(
                address_line="82 Howard Ave",
                city="New York",
                subdivision="US-NY",
                postal_code="11598",
                country="US",
            ),
            ["82 Howard Ave", "New York, New York 11598", "United States"],
        ),
        (
            Address(address_line="12 Park Ave", city="NY", country="US"),
            ["12 Park Ave", "NY", "United States"],
        ),
        (Address(city="NY"), ["NY"]),
        (Address(country="IL"), ["Israel"]),
        (
            Address(address_line="1 Main St", city="New York", postal_code="10011", country="US"),
            ["1 Main St", "New York,  10011", "United States"],
        ),
        (
            Address(
                address_line="8768 King St", city="Cumberland", postal_code="Z1D 6P8", country="CA"
            ),
            ["8768 King St", "Cumberland,  Z1D 6P8", "Canada"],
        ),
        (
            Address(
                address_line="1105 Albert Road",
                city="Coventry",
                subdivision="GB-ENG",
                postal_code="TZ7 3JQ",
                country="GB",
            ),
            ["1105 Albert Road", "Coventry, England", "TZ7 3JQ", "United Kingdom"],
        ),
        (
            Address(address_line="Hauptstr. 1", city="Berlin", postal_code="10115", country="DE"),
            ["Hauptstr. 1", "10115 Berlin", "Germany"],
        ),
        (
            Address(address_line="Nygade 2", city="Odense", postal_code="5000", country="DK"),
            ["Nygade 2", "5000 Odense", "Denmark"],
        ),
        (
            Address(address_line="Seeweg 3", city="Bern", postal_code="3000", country="CH"),
            ["Seeweg 3", "3000 Bern", "Switzerland"],
        ),
        (
            Address(
                address_line="4 rue Verte", subdivision="FR-08", postal_code="69922", country="FR"
            ),
            ["4 rue Verte", "69922, Ardennes", "France"],
        ),
    ],
)
def test_contract_table(address: Address, lines: list[str]) -> None:
    assert formatted_address(address) == "\n".join(lines)


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (Address(address_line="1 A St", address_line2="Flat 2", city="X"), "1 A St\nFlat 2\nX"),
        (Address(city="Perth", subdivision="AU-WA"), "Perth, Western Australia"),
        (Address(subdivision="US-NY", postal_code="10010"), "New York 10010"),
        (Address(postal_code="10010"), "10010"),
        (Address(postal_code="TZ7 3JQ", country="GB"), "TZ7 3JQ\nUnited Kingdom"),
        (Address(city="Rome", subdivision="IT-RM", country="IT"), "Rome, Roma\nItaly"),
        (Address(city="Seoul", country="KR"), "Seoul\nSouth Korea"),
        (Address(street_address=StreetAddress(number="3", name="Park Ave")), "3 Park Ave"),
        (Address(), None),
        (Address(hint="behind the mill"), None),
    ],
)
def test_lines_that_are_empty_are_left_out(address: Address, lines: str | None) -> None:
    assert formatted_address(address) == lines


def test_formatted_address_ends_at_the_limit_of_its_field() -> None:
    address = Address(address_line="a" * 1000, address_line2="b" * 1000, city="c" * 1000)
    assert formatted_address(address) == "a" * 1000 + "\n" + "b" * 999


def test_line_that_was_given_beats_the_structured_street() -> None:
    street = StreetAddress(number="3", name="Park Ave")
    assert street_line(Address(address_line="Three Park", street_address=street)) == "Three Park"
    assert street_line(Address(street_address=street)) == "3 Park Ave"
    assert street_line(Address(street_address=StreetAddress(apt="9"))) is None
    assert street_line(Address()) is None


def test_line_from_the_structured_street_ends_at_the_limit_of_its_field() -> None:
    street = StreetAddress(number="1" * 100, name="x" * 1000)
    assert street_line(Address(street_address=street)) == "1" * 100 + " " + "x" * 899


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US", "United States"),
        ("GB", "United Kingdom"),
        ("TW", "Taiwan"),
        ("XK", "Kosovo"),
        ("us", None),
        ("ZZ", None),
        ("USA", None),
        ("", None),
    ],
)
def test_country_names(code: str, name: str | None) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("US-NY", "New York"),
        ("FR-08", "Ardennes"),
        ("us-ny", None),
        ("NY", None),
        ("US-XX", None),
        ("", None),
    ],
)
def test_subdivision_names(code: str, name: str | None) -> None:
    assert subdivision_name(code) == name


@pytest.mark.parametrize(
    ("subdivision", "country", "belongs"),
    [
        ("US-NY", "US", True),
        ("US-PR", "US", True),
        ("US-PR", "PR", True),
        ("US-NY", "CA", False),
        ("GB-ENG", "GB", True),
        ("GB-ENG", "NG", False),
    ],
)
def test_subdivision_belongs_to_its_country(subdivision: str, country: str, belongs: bool) -> None:
    assert is_subdivision_of(subdivision, country) is belongs
