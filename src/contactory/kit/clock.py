"""Instants with millisecond precision, as the wire shows them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final, Self

_FRACTION: Final = re.compile(r"[.,]([0-9]+)")
_AS_SHOWN: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
).fullmatch


class Timestamp(datetime):
    """An aware UTC instant. Encodes as ISO 8601 with milliseconds and `Z`."""

    @classmethod
    def current(cls) -> Self:
        """The present instant, cut to milliseconds."""
        milliseconds = time.time_ns() // 1_000_000
        instant = cls.fromtimestamp(milliseconds / 1000, UTC)
        # Both are asked for at once, and known here.
        instant.ms = milliseconds
        instant.text = f"{_second_text(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"
        return instant

    @classmethod
    def from_ms(cls, milliseconds: int) -> Self:
        """The instant so many milliseconds after 1970-01-01T00:00:00Z."""
        seconds, rest = divmod(milliseconds, 1000)
        return cls.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ISO 8601 with 0 to 9 fractional digits, cut to milliseconds; no zone means UTC.

        Raises ValueError when the text is no instant.
        """
        if _AS_SHOWN(text):
            instant = cls.fromisoformat(text)
            instant.text = text  # What was stored is shown again, most often by the page.
            return instant
        trimmed = _FRACTION.sub(lambda found: "." + found[1][:3].ljust(3, "0"), text, count=1)
        instant = cls.fromisoformat(trimmed)
        if instant.tzinfo is None:
            return instant.replace(tzinfo=UTC)
        try:
            return instant.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"outside of the years 1 to 9999: {text}") from None

    @cached_property
    def ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return round(self.timestamp() * 1000)

    @cached_property
    def text(self) -> str:
        """The form on the wire, made once: a contact shows one instant three times."""
        return f"{self.isoformat(timespec='milliseconds')[:-6]}Z"

    def __str__(self) -> str:
        return self.text


def encode_instant(value: Any) -> str:
    """`enc_hook` for msgspec: the one type of ours that JSON does not know."""
    if isinstance(value, Timestamp):
        return value.text
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


quick_encode_instant: Final = attrgetter("text")
"""As `encode_instant` where nothing else can occur, at a third of the cost."""


def decode_instant(kind: type, value: Any) -> Any:
    """`dec_hook` for msgspec, the reverse of `encode_instant`."""
    if kind is not Timestamp:
        raise NotImplementedError(f"{kind.__name__} cannot be read from JSON")
    if not isinstance(value, str):
        raise TypeError("Expected an instant such as 2026-11-24T10:30:00.000Z")
    return _parse_again(value)


@lru_cache(maxsize=2)
def _second_text(seconds: int) -> str:
    """The whole second, for all instants in it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


# A contact that was not changed since shows one instant three times.
_parse_again: Final = lru_cache(maxsize=256)(Timestamp.parse)
