"""Phone numbers: normal form, and the key under which two are the same (CONTRACT A.5, F)."""

from __future__ import annotations

from functools import lru_cache

import msgspec
import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from contactory.domain.numbering_plans import numbering_plan


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
    if country_code is not None and (plain := _plain_forms(phone, country_code)) is not None:
        return plain
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


def _plain_forms(phone: str, country_code: str) -> PhoneForms | None:
    """The forms of what most people write: plain digits of the country itself."""
    if (plan := numbering_plan(country_code)) is None:
        return None
    if (digits := plan.national_number(phone)) is None:
        return None
    national, e164 = plan.international_form(digits), f"+{plan.calling_code}{digits}"
    return PhoneForms(national, e164, e164, f"+{plan.calling_code} {national}")


def _valid_number(phone: str, country_code: str) -> PhoneNumber | None:
    if country_code not in phonenumbers.SUPPORTED_REGIONS:
        return None
    try:
        number = phonenumbers.parse(phone, country_code)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _signs(phone: str) -> str:
    return "".join(
        str(int(sign)) if sign.isdecimal() else sign for sign in phone.casefold() if sign.isalnum()
    )
