"""Phone numbers: normal form, and the key under which two are the same (CONTRACT A.5, F)."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers import PhoneNumberFormat


class PhoneForms(msgspec.Struct, frozen=True):
    """A phone as it is kept, and its computed forms where it is a valid number."""

    phone: str
    e164: str | None = None
    formatted: str | None = None


@lru_cache(maxsize=4096)
def normalise_phone(phone: str, country_code: str | None) -> PhoneForms:
    """National, E.164 and international forms; the phone as sent when it is not valid.

    A number counts as valid by the numbering plan of its country calling code. Without a country,
    nothing is computed.
    """
    if country_code is None or country_code not in phonenumbers.SUPPORTED_REGIONS:
        return PhoneForms(phone)
    try:
        number = phonenumbers.parse(phone, country_code)
    except phonenumbers.NumberParseException:
        return PhoneForms(phone)
    if not phonenumbers.is_valid_number(number):
        return PhoneForms(phone)
    formatted = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return PhoneForms(
        formatted.removeprefix(f"+{number.country_code} "),
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        formatted,
    )


def phone_key(phone: str, e164: str | None, country_code: str | None) -> str:
    """What two entries of one phone share: E.164, else country and digits."""
    if e164 is not None:
        return e164
    digits = "".join(str(int(sign)) for sign in phone if sign.isdecimal())
    return f"{country_code or ''}:{digits or phone.strip().casefold()}"
