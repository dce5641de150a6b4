"""Phone numbers: the table of CONTRACT A.5, and which phones are the same (F)."""

from __future__ import annotations

import pytest

from contactory.domain.phones import normalise_phone


@pytest.mark.parametrize(
    ("phone", "country", "kept", "e164", "formatted"),
    [
        ("6465676359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
        ("646-567-6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
        ("(646) 567-6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
        ("+1 646 567 6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
        ("5246242486", "US", "524-624-2486", "+15246242486", "+1 524-624-2486"),
        ("2142682998", "US", "214-268-2998", "+12142682998", "+1 214-268-2998"),
        ("553343434", "IL", "55-334-3434", "+972553343434", "+972 55-334-3434"),
        ("0553343434", "IL", "55-334-3434", "+972553343434", "+972 55-334-3434"),
        ("2421642341", "US", "2421642341", None, None),
        ("601-081-124", "US", "601-081-124", None, None),
        ("(722)-138-3099", "US", "(722)-138-3099", None, None),
        ("+972553343434", None, "+972553343434", None, None),
        ("6465676359", None, "6465676359", None, None),
    ],
)
def test_contract_table(
    phone: str, country: str | None, kept: str, e164: str | None, formatted: str | None
) -> None:
    forms = normalise_phone(phone, country)
    assert (forms.phone, forms.e164, forms.formatted) == (kept, e164, formatted)


def test_number_of_a_sibling_region_is_valid() -> None:
    assert normalise_phone("6465676359", "CA").e164 == "+16465676359"


def test_unknown_country_keeps_the_phone_as_sent() -> None:
    assert normalise_phone("646 567 6359", "ZZ").phone == "646 567 6359"


def test_number_of_another_country_keeps_its_calling_code() -> None:
    forms = normalise_phone("+44 20 7946 0958", "US")
    assert (forms.phone, forms.e164) == ("+44 20 7946 0958", "+442079460958")
    # Without "+44", 207-946-0958 would be a number in Maine.
    assert normalise_phone(forms.phone, "US") == forms


@pytest.mark.parametrize("phone", ["", "x", "-", "+", "١٢٣", "1" * 50, "\x7f", "ext. 5"])
def test_what_is_no_number_is_kept_as_sent(phone: str) -> None:
    forms = normalise_phone(phone, "US")
    assert (forms.phone, forms.e164, forms.formatted) == (phone, None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("6465676359", "US"), ("+1 (646) 567-6359", "US")),
        (("6465676359", "US"), ("646.567.6359", "CA")),
        (("601-081-124", "US"), ("601081124", "US")),
        (("+972553343434", None), ("972 55 334 3434", None)),
        (("1-800-flowers", None), ("1800 FLOWERS", None)),
        (("٦٤٦", None), ("646", None)),
    ],
)
def test_same_phone(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    assert normalise_phone(*one).key == normalise_phone(*other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("6465676359", "US"), ("6465676358", "US")),
        (("601081124", "US"), ("601081124", "GB")),
        (("6465676359", "US"), ("6465676359", None)),
        (("6465676359 ext. 1", "US"), ("6465676359 ext. 2", "US")),
        (("1-800-FLOWERS", None), ("1-800-CARPETS", None)),
        (("-", None), ("+", None)),
    ],
)
def test_other_phone(one: tuple[str, str | None], other: tuple[str, str | None]) -> None:
    assert normalise_phone(*one).key != normalise_phone(*other).key
