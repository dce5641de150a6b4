"""Makes up people: names, companies, e-mails, phones and addresses of many countries.

The same number is always the same person. Names are as unequal as in life: a few are very
frequent, and a third of all surnames are rare. Some people lack this or that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from contactory.domain.search_words import folded_words


class City(msgspec.Struct, frozen=True, rename="camel"):
    """A city, its subdivision (ISO 3166-2), and a postal code with # for digits."""

    name: str
    subdivision: str
    postal_code: str


class Country(msgspec.Struct, frozen=True, rename="camel"):
    """Where people come from.

    `phones` are what seven free digits follow to make a valid number. A name outside the Latin
    alphabet is followed by a colon and what stands for it in an e-mail address; the most frequent
    names come first.
    """

    code: str
    weight: int
    locale: str
    calling_code: str
    phones: tuple[str, str]
    syllables: str
    company_form: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[City, ...]


class _World(msgspec.Struct, frozen=True):
    syllables: dict[str, str]
    countries: tuple[Country, ...]


# Keys of labels, and the share of people who have them.
LABELS: Final = {
    "contacts.customers": 0.4,
    "contacts.contacted-me": 0.25,
    "custom.newsletter": 0.2,
    "custom.lead": 0.1,
    "custom.partner": 0.05,
    "custom.vip": 0.02,
    "custom.press": 0.01,
    "custom.investor": 0.003,
    "custom.board": 0.0005,
    "custom.founder": 0.0001,
}
# Display names of custom fields, and their types.
FIELDS: Final = {"Tier": "TEXT", "Account": "TEXT", "Score": "NUMBER", "Renewal": "DATE"}
TIERS: Final = ("free", "basic", "plus", "business", "enterprise")

_FREE_DIGITS: Final = 10**7
_DOMAINS: Final = (
    "gmail.com outlook.com yahoo.com icloud.com web.de orange.fr mail.ru qq.com naver.com "
    "proton.me example.com example.org"
).split()
_TRADES: Final = (
    "Analytics Bakery Books Brewery Cleaning Clinic Consulting Design Electric Energy Engineering "
    "Farms Films Foods Freight Gardens Holding Hotels Industries Insurance Interiors Labs Law "
    "Logistics Media Motors Music Networks Optics Partners Pharma Pictures Plumbing Properties "
    "Recruiting Robotics Security Solutions Sports Systems Textiles Tours Toys Trading Ventures"
).split()
_RANKS: Final = ("", "Senior ", "Junior ", "Head of ", "Deputy ", "Assistant ")
_JOBS: Final = (
    "Accountant Architect Baker Buyer Carpenter Chemist Clerk Consultant Cook Dentist Designer "
    "Developer Director Doctor Driver Editor Electrician Engineer Farmer Florist Gardener Joiner "
    "Journalist Lawyer Librarian Manager Mechanic Midwife Musician Nurse Painter Pharmacist "
    "Photographer Pilot Plumber Sales Secretary Teacher Translator Vet"
).split()
_WORLD: Final = msgspec.json.decode(
    Path(__file__).with_name("countries.json").read_bytes(), type=_World
)
_WEIGHTS: Final = [country.weight for country in _WORLD.countries]
_HASH: Final = re.compile("#")


def person(number: int) -> dict[str, Any]:
    """The `info` of a person; e-mails and phones are no other number's below 10,000,000."""
    random = Random(number)
    country = random.choices(_WORLD.countries, _WEIGHTS)[0]
    first, last = _written(_pick(random, country.first)), _written(_last_name(random, country))
    company = _company(random, country) if random.random() < 0.55 else None
    info: dict[str, Any] = {"name": _name(random, first[0], last[0])}
    has_email = random.random() < 0.92
    if has_email:
        info["emails"] = {"items": _emails(random, number, first[1], last[1], company)}
    if random.random() < (0.7 if has_email else 0.95):
        info["phones"] = {"items": _phones(random, number, country, has_email)}
    if random.random() < 0.65:
        address = _address(random, country)
        info["addresses"] = {"items": [{"tag": "HOME", "address": address}]}
    if company is not None:
        info["company"] = company
        info["jobTitle"] = f"{_pick(random, _RANKS)}{_pick(random, _JOBS)}"
    if random.random() < 0.3:
        info["birthdate"] = _date(random, 1935, 2007)
    if random.random() < 0.6:
        info["locale"] = country.locale
    if labels := [key for key, share in LABELS.items() if random.random() < share]:
        info["labelKeys"] = {"items": labels}
    if fields := _fields(random, number):
        info["extendedFields"] = {"items": fields}
    return info


def custom_key(display_name: str) -> str:
    """The key of a custom field of FIELDS."""
    return f"custom.{display_name.lower()}"


def _name(random: Random, first: str, last: str) -> dict[str, str]:
    chance = random.random()
    if chance < 0.03:
        return {"first": first}
    return {"last": last} if chance < 0.04 else {"first": first, "last": last}


def _last_name(random: Random, country: Country) -> str:
    if random.random() < 0.65:
        return str(_pick(random, country.last))
    syllables = _WORLD.syllables[country.syllables].split()
    size = 2 if country.syllables in ("han", "kana", "hangul") else 3
    # A product of two even chances makes the first of the rare names less rare.
    chosen = [syllables[int(random.random() * random.random() * len(syllables))]]
    chosen += random.choices(syllables, k=size - 1)
    return "".join(chosen).capitalize()


def _written(name: str) -> tuple[str, str]:
    """A name as it is written, and in the letters of e-mail addresses."""
    written, _, latin = name.partition(":")
    plain = latin or "".join(word for word in folded_words(written) if word.isascii())
    return written, plain


def _company(random: Random, country: Country) -> str:
    if random.random() < 0.2:  # The large ones, of which many people are.
        name = f"{_pick(random, _TRADES)} {_pick(random, ('United', 'Global', 'Nord', 'First'))}"
    else:
        name = f"{_written(_last_name(random, country))[0]} {_pick(random, _TRADES)}"
    return f"{name} {country.company_form}" if random.random() < 0.6 else name


def _emails(
    random: Random, number: int, first: str, last: str, company: str | None
) -> list[dict[str, Any]]:
    first, last = first or "mail", last or "info"
    local = random.choice((f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}", last))
    emails = [{"tag": "MAIN", "email": f"{local}{number}@{_pick(random, _DOMAINS)}"}]
    if company is not None and random.random() < 0.3:
        words = [word for word in folded_words(company) if word.isascii()]
        domain = "".join(words[:2]) or "office"
        emails.append({"tag": "WORK", "email": f"{last}.{number}@{domain}.com"})
    return emails


def _phones(random: Random, number: int, country: Country, has_email: bool) -> list[dict[str, Any]]:
    phones = [_phone(random, country, country.phones[0], number, "MOBILE")]
    if has_email and random.random() < 0.2:
        phones.append(_phone(random, country, country.phones[1], number, "WORK"))
    return phones


def _phone(random: Random, country: Country, prefix: str, number: int, tag: str) -> dict[str, Any]:
    # In North America, exchanges begin with 2 to 9.
    lowest = 2_000_000 if country.code == "US" else 0
    digits = lowest + number * 7919 % (_FREE_DIGITS - lowest)
    phone = f"{prefix}{digits:07}"
    if random.random() < 0.25:
        phone = f"+{country.calling_code}{phone}"
    return {"tag": tag, "phone": phone, "countryCode": country.code}


def _address(random: Random, country: Country) -> dict[str, Any]:
    city: City = _pick(random, country.cities)
    house, street = random.randint(1, 250), _pick(random, country.streets)
    is_house_first = country.locale[:2] in ("en", "fr")
    return {
        "addressLine": f"{house} {street}" if is_house_first else f"{street} {house}",
        "city": city.name,
        "subdivision": city.subdivision,
        "country": country.code,
        "postalCode": _HASH.sub(lambda _: str(random.randint(0, 9)), city.postal_code),
    }


def _fields(random: Random, number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if random.random() < 0.5:
        fields[custom_key("Tier")] = _pick(random, TIERS)
    if random.random() < 0.4:
        fields[custom_key("Account")] = f"A-{number:08}"
    if random.random() < 0.5:
        fields[custom_key("Score")] = round(random.lognormvariate(4, 1.2), 1)
    if random.random() < 0.2:
        fields[custom_key("Renewal")] = _date(random, 2026, 2029)
    return fields


def _date(random: Random, first_year: int, last_year: int) -> str:
    year = random.randint(first_year, last_year)
    return f"{year}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def _pick(random: Random, values: Sequence[Any]) -> Any:
    """One of the values, the first of them more often than the later (Zipf)."""
    return random.choices(values, cum_weights=_zipf(len(values)))[0]


@cache
def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))
