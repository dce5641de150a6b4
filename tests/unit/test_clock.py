"""Instants (CONTRACT 1.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from contactory.kit.clock import Timestamp, decode_instant, encode_instant


class _Dated(msgspec.Struct):
    at: Timestamp


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2023-12-24T11:50:46.049Z", "2023-12-24T11:50:46.049Z"),
        ("2023-12-24T11:50:46Z", "2023-12-24T11:50:46.000Z"),
        ("2023-12-24T11:50:46.0Z", "2023-12-24T11:50:46.000Z"),
        ("2023-12-24T11:50:46.1234Z", "2023-12-24T11:50:46.123Z"),
        ("2024-01-10T10:30:27.479909037Z", "2024-01-10T10:30:27.479Z"),
        ("2023-12-24T11:50:46.999999999Z", "2023-12-24T11:50:46.999Z"),
        ("2023-12-24T11:50:46,5Z", "2023-12-24T11:50:46.500Z"),
        ("2023-12-24T12:50:46.049+01:00", "2023-12-24T11:50:46.049Z"),
        ("2023-12-24T11:50:46", "2023-12-24T11:50:46.000Z"),
        ("2023-12-24", "2023-12-24T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_iso_8601_is_read_and_shown_with_milliseconds(text: str, shown: str) -> None:
    instant = Timestamp.parse(text)
    assert type(instant) is Timestamp
    assert str(instant) == shown
    assert Timestamp.parse(shown) == instant
    assert Timestamp.from_ms(instant.ms) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "24.12.2023",
        "2023-02-30",
        "2023-12-24T25:00:00Z",
        "2023-02-30T00:00:00.000Z",
        "2023-12-24T11:60:00.000Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٣-12-24",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Timestamp.parse(text)


def test_milliseconds_since_1970() -> None:
    assert Timestamp.parse("1970-01-01T00:00:00.001Z").ms == 1
    assert Timestamp.parse("1969-12-31T23:59:59.999Z").ms == -1
    assert str(Timestamp.from_ms(1703418646049)) == "2023-12-24T11:50:46.049Z"


def test_present_instant_has_whole_milliseconds_in_utc() -> None:
    before = datetime.now(UTC)
    now = Timestamp.current()
    assert timedelta(milliseconds=-1) < now - before < timedelta(minutes=1)
    assert now.microsecond % 1000 == 0
    assert Timestamp.from_ms(now.ms) == now
    assert type(now) is Timestamp


def test_json_of_structs_holds_the_shown_form() -> None:
    dated = _Dated(Timestamp.parse("2023-12-24T11:50:46.049Z"))
    document = msgspec.json.encode(dated, enc_hook=encode_instant)
    assert document == b'{"at":"2023-12-24T11:50:46.049Z"}'
    assert msgspec.json.decode(document, type=_Dated, dec_hook=decode_instant) == dated


@pytest.mark.parametrize("document", [b'{"at":"soon"}', b'{"at":5}', b'{"at":null}'])
def test_json_that_holds_no_instant_is_refused(document: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.at"):
        msgspec.json.decode(document, type=_Dated, dec_hook=decode_instant)


def test_other_types_have_no_json_form() -> None:
    with pytest.raises(NotImplementedError, match="object"):
        msgspec.json.encode(object(), enc_hook=encode_instant)
    with pytest.raises(NotImplementedError, match="complex"):
        msgspec.json.decode(b"1", type=complex, dec_hook=decode_instant)
