"""Instants with millisecond precision, as the wire shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Self

_FRACTION = re.compile(r"\.(\d+)")


class Timestamp(datetime):
    """An aware UTC instant. Encodes as ISO 8601 with milliseconds and `Z`."""

    @classmethod
    def current(cls) -> Self:
        """The present instant, cut to milliseconds."""
        now = cls.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    @classmethod
    def from_ms(cls, milliseconds: int) -> Self:
        """The instant so many milliseconds after 1970-01-01T00:00:00Z."""
        seconds, rest = divmod(milliseconds, 1000)
        return cls.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ISO 8601 with 0 to 9 fractional digits; a time without zone is UTC.

        Raises ValueError when the text is no instant.
        """
        trimmed = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text, count=1)
        instant = cls.fromisoformat(trimmed)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

    @property
    def ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00:00Z."""
        return round(self.timestamp() * 1000)

    def __str__(self) -> str:
        return f"{self.isoformat(timespec='milliseconds')[:-6]}Z"


def encode_instant(value: Any) -> str:
    """`enc_hook` for msgspec: the one type of ours that JSON does not know."""
    if isinstance(value, Timestamp):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def decode_instant(kind: type, value: Any) -> Any:
    """`dec_hook` for msgspec, the reverse of `encode_instant`."""
    if kind is Timestamp and isinstance(value, str):
        return Timestamp.parse(value)
    raise NotImplementedError(f"{kind.__name__} cannot be read from JSON")
