"""The quick way through common phone numbers gives what the whole library gives."""

from __future__ import annotations

import phonenumbers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from contactory.domain.phones import normalise_phone

_COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)


def _examples(country: str) -> list[str]:
    found = [phonenumbers.example_number_for_type(country, kind) for kind in range(11)]
    return [phonenumbers.national_significant_number(number) for number in found if number]


@st.composite
def _national_phones(draw: st.DrawFn) -> tuple[str, str]:
    """Digits near those of real numbers of a country, with the separators that people write."""
    country = draw(st.sampled_from(_COUNTRIES))
    digits = list(draw(st.sampled_from(_examples(country) or ["2125550000"])))
    for at, digit in draw(
        st.dictionaries(st.integers(0, len(digits) - 1), st.sampled_from("0123456789"), max_size=5)
    ).items():
        digits[at] = digit
    prefix = draw(st.sampled_from(["", "", "", "0", "1", "8", "00"]))
    gap = draw(st.integers(1, 6))
    separator = draw(st.sampled_from(["", " ", "-", ".", ") "]))
    text = "".join(digits)
    return country, prefix + text[:gap] + separator + text[gap:]


@settings(max_examples=1500, deadline=None)
@given(_national_phones())
@example(("US", "6465676359"))
@example(("IL", "553343434"))
@example(("RU", "8 912 345 67 89"))
def test_a_phone_normalises_as_the_library_reads_it(sent: tuple[str, str]) -> None:
    country, phone = sent
    forms = normalise_phone(phone, country)
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        assert forms.e164 is None
        return
    if not phonenumbers.is_valid_number(number):
        assert forms.e164 is None
        return
    assert forms.e164 == phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert forms.formatted == phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
