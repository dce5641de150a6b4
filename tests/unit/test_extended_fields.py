"""Extended fields: keys, types and values (CONTRACT A.8, E.5)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import InvalidExtendedFieldValue
from contactory.domain.extended_fields import (
    READ_ONLY,
    FieldType,
    check_fields,
    custom_keys,
)

KNOWN = {
    "custom.text": FieldType.TEXT,
    "custom.number": FieldType.NUMBER,
    "custom.date": FieldType.DATE,
    "custom.url": FieldType.URL,
}


def refusal(fields: dict[str, Any], *, strict: bool = False) -> InvalidExtendedFieldValue:
    with pytest.raises(InvalidExtendedFieldValue) as caught:
        check_fields(fields, KNOWN, strict=strict)
    return caught.value


@pytest.mark.parametrize(
    ("key", "sent", "kept"),
    [
        ("custom.text", "Jonny", "Jonny"),
        ("custom.text", " two\nlines ", " two\nlines "),
        ("custom.number", 24, 24),
        ("custom.number", -1.5, -1.5),
        ("custom.number", "24", 24),
        ("custom.number", " -2.50 ", -2.5),
        ("custom.number", "1e3", 1000.0),
        ("custom.number", 10**300, 1e300),
        ("custom.number", "9" * 18, 999999999999999999),
        ("custom.date", "2026-11-24", "2026-11-24"),
        ("custom.date", "2026-11-24T10:30:00.123Z", "2026-11-24T10:30:00.123Z"),
        ("custom.url", "https://example.com", "https://example.com"),
        ("custom.url", "example.com", "https://example.com"),
        ("custom.url", "example.com:8080/a?b=c#d", "https://example.com:8080/a?b=c#d"),
        ("custom.url", "ftp://example.com", "ftp://example.com"),
        ("custom.url", "mailto:a@example.com", "mailto:a@example.com"),
        ("custom.url", "javascript:alert(1)", "https://javascript:alert(1)"),
    ],
)
def test_value_is_kept_in_the_form_of_its_type(key: str, sent: Any, kept: Any) -> None:
    checked = check_fields({key: sent}, KNOWN, strict=True)
    assert checked.values == {key: kept}
    assert type(checked.values[key]) is type(kept)
    assert checked.types == {key: KNOWN[key]}
    assert not checked.new


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("custom.text", 5, "takes a string"),
        ("custom.number", "five", "takes a number"),
        ("custom.number", "1_000", "takes a number"),
        ("custom.number", "nan", "takes a number"),
        ("custom.number", "٣", "takes a number"),
        ("custom.number", float("nan"), "takes a finite number up to 10^300"),
        ("custom.number", float("-inf"), "takes a finite number up to 10^300"),
        ("custom.number", 10**400, "takes a finite number up to 10^300"),
        ("custom.number", "9" * 400, "takes a finite number up to 10^300"),
        ("custom.number", "1e999", "takes a finite number up to 10^300"),
        ("custom.date", "24.11.2026", "takes a date such as 2026-11-24"),
        ("custom.date", "2026-02-30", "takes a date such as 2026-11-24"),
        ("custom.date", "20261124", "takes a date such as 2026-11-24"),
        ("custom.date", "0001-01-01T00:00:00+14:00", "takes a date such as 2026-11-24"),
        ("custom.date", 20261124, "takes a date such as 2026-11-24"),
        ("custom.url", 5, "takes a web address"),
        ("custom.url", "two words", "takes a web address"),
        ("custom.url", "  ", "takes a web address"),
        ("invoices.vatId", 5, "takes a string"),
    ],
)
def test_value_that_does_not_fit_is_refused(key: str, value: Any, reason: str) -> None:
    error = refusal({key: value})
    assert str(error) == f"Extended field {key} {reason}"
    assert error.data == {"key": key, "keys": [key]}


def test_every_bad_value_is_named() -> None:
    fields = {"custom.number": "x", "custom.text": "fine", "phone": "1", "custom.date": "y"}
    error = refusal(fields)
    assert error.data == {
        "key": "custom.number",
        "keys": ["custom.number", "phone", "custom.date"],
    }
    assert str(error) == (
        "Extended field custom.number takes a number; "
        "Extended field phone does not exist: "
        "use a key such as custom.nickname, or invoices.vatId; "
        "Extended field custom.date takes a date such as 2026-11-24"
    )


@pytest.mark.parametrize("key", sorted(READ_ONLY))
def test_read_only_keys_are_ignored_whatever_they_hold(key: str) -> None:
    assert check_fields({key: ["anything"]}, KNOWN, strict=True).values == {}


@pytest.mark.parametrize("key", ["custom.text", "custom.unknown", "no-such-key", "invoices.vatId"])
@pytest.mark.parametrize("value", [None, ""])
def test_nothing_given_is_no_value(key: str, value: Any) -> None:
    assert check_fields({key: value}, KNOWN, strict=True).values == {}


def test_vat_id_can_be_written_and_needs_no_definition() -> None:
    checked = check_fields({"invoices.vatId": "DE 123"}, KNOWN, strict=True)
    assert checked.values == {"invoices.vatId": "DE 123"}
    assert not checked.types


@pytest.mark.parametrize(
    ("value", "kind"),
    [("x", FieldType.TEXT), (5, FieldType.NUMBER), (0, FieldType.NUMBER), (1.5, FieldType.NUMBER)],
)
def test_unknown_custom_key_becomes_a_field_typed_by_its_value(value: Any, kind: FieldType) -> None:
    checked = check_fields({"custom.new": value}, KNOWN, strict=False)
    assert checked.types == {"custom.new": kind}
    assert checked.new == {"custom.new"}


def test_strict_keys_refuse_unknown_custom_keys() -> None:
    error = refusal({"custom.new": "x", "custom.newer": 1, "custom.text": "y"}, strict=True)
    assert error.data["keys"] == ["custom.new", "custom.newer"]


@pytest.mark.parametrize("key", ["nickname", "custom.", "custom.a b", "members.level", "Custom.a"])
def test_keys_outside_custom_do_not_exist(key: str) -> None:
    assert "does not exist" in str(refusal({key: "x"}))


def test_key_of_80_characters_is_the_longest() -> None:
    longest = "custom." + "a" * 73
    assert check_fields({longest: "x"}, {}, strict=False).new == {longest}
    error = refusal({longest + "a": "x"})
    assert error.data["key"] == longest + "…"
    assert "over 80 characters" in str(error)


def test_keys_in_the_seeds_spelling_are_the_same_fields() -> None:
    assert check_fields({"custom._id": "x"}, {}, strict=False).values == {"custom.id": "x"}
    assert custom_keys({"custom._id": 1, "invoices.vatId": 2}) == ["custom.id"]
    assert "is given twice" in str(refusal({"custom._id": "x", "custom.id": "y"}))
