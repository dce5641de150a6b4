"""Phone numbers: normal form, and the key under which two are the same (CONTRACT A.5, F)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

_NO_SEPARATORS: Final = str.maketrans("", "", " ().-")


class PhoneForms(msgspec.Struct, frozen=True):
    """A phone as it is kept, its key, and its computed forms where it is a valid number."""

    phone: str
    key: str
    e164: str | None = None
    formatted: str | None = None


@lru_cache(maxsize=4096)
def normalise_phone(phone: str, country_code: str | None) -> PhoneForms:
    """National, E.164 and international forms; the phone as sent when it is not valid.

    A number counts as valid by the numbering plan of its country calling code. Without a country,
    nothing is computed. Two phones with one key are the same: by E.164 and extension, else by
    country, digits and letters.
    """
    number = None if country_code is None else _valid_number(phone, country_code)
    if country_code is None or number is None:
        return PhoneForms(phone, f"{country_code or ''}:{_signs(phone) or phone.casefold()}")
    formatted = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    national = formatted
    # Without its calling code, a number of another country would be read as one of this country.
    if number.country_code == phonenumbers.country_code_for_region(country_code):
        national = formatted.removeprefix(f"+{number.country_code} ")
    key = f"{e164};ext={number.extension}" if number.extension else e164
    return PhoneForms(national, key, e164, formatted)


def _valid_number(phone: str, country_code: str) -> PhoneNumber | None:
    if country_code not in phonenumbers.SUPPORTED_REGIONS:
        return None
    number = _plain_national_number(phone, country_code)
    if number is not None and phonenumbers.is_valid_number_for_region(number, country_code):
        return number
    try:
        number = phonenumbers.parse(phone, country_code)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _plain_national_number(phone: str, country_code: str) -> PhoneNumber | None:
    """What most people write, read at a twentieth of the cost of parsing anything.

    Digits of the country itself, without a prefix that parsing would take away. Where such a number
    is valid, parsing gives the same one; a property test holds it.
    """
    digits = phone.translate(_NO_SEPARATORS)
    calling_code, prefix = _beginnings(country_code)
    if not (digits.isascii() and digits.isdecimal()) or digits.startswith(("0", calling_code)):
        return None
    if prefix is not None and prefix.match(digits):
        return None
    return PhoneNumber(country_code=int(calling_code), national_number=int(digits))


@cache
def _beginnings(country_code: str) -> tuple[str, re.Pattern[str] | None]:
    """A supported country's calling code, and the prefixes that only count inside of it."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country_code)
    prefix = metadata.national_prefix_for_parsing if metadata else None
    calling_code = str(phonenumbers.country_code_for_region(country_code))
    return calling_code, None if prefix is None else re.compile(prefix)


def _signs(phone: str) -> str:
    return "".join(
        str(int(sign)) if sign.isdecimal() else sign for sign in phone.casefold() if sign.isalnum()
    )
