"""The forms in which values of queries are compared, sorted and sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from contactory.domain.emails import email_key
from contactory.kit.clock import Timestamp

LONGEST_COMPARED: Final = 200
"""Filters take no longer texts, and orders look at no more of a folded text, in characters."""

MOST_COMPARED_BYTES: Final = 600
"""The same in bytes of UTF-8: databases limit what an index takes, and four texts stand in one."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LONGEST_SHOWN: Final = 120
_LARGEST_CHARACTER: Final = 4
_ALWAYS_SHORT: Final = MOST_COMPARED_BYTES // _LARGEST_CHARACTER
_LARGEST_WHOLE: Final = 2**63


def is_storable(text: str) -> bool:
    """Whether every store and encoding can take the text."""
    return not _UNSTORABLE.search(text)


def shown(name: Any) -> str:
    """A name that was sent, for messages and paths: cut, and fit for every encoding."""
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(name)[: _LONGEST_SHOWN + 1])
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def folded(text: str) -> str:
    """The text as it is compared where letter case does not count."""
    return text.casefold()


def email_form(text: str) -> str:
    """An e-mail as filters compare it: its key; what is no address is trimmed and folded."""
    trimmed = text.strip()
    try:
        return email_key(trimmed)
    except ValueError:
        return folded(trimmed)


def sort_form(text: str) -> str:
    """A text as orders compare it: its beginning, of 200 characters, without letter case."""
    if len(text) <= LONGEST_COMPARED and text.isascii():
        return text.lower()
    return _cut(folded(text[:LONGEST_COMPARED]), LONGEST_COMPARED, MOST_COMPARED_BYTES)


def compared(text: str) -> str:
    """The text as it is compared: cut, but longer than what is taken to compare with."""
    return _cut(text, LONGEST_COMPARED + 1, MOST_COMPARED_BYTES + _LARGEST_CHARACTER)


def is_comparable(text: str) -> bool:
    """Whether the text is short enough to compare with."""
    return _cut(text, LONGEST_COMPARED, MOST_COMPARED_BYTES) == text


def _cut(text: str, longest: int, most_bytes: int) -> str:
    """The beginning of a text, of whole characters."""
    if len(text) <= _ALWAYS_SHORT:
        return text
    return text[:longest].encode()[:most_bytes].decode(errors="ignore")


def instant_text(moment: date) -> str:
    """A date as `YYYY-MM-DD`, a datetime as an ISO instant; without a zone it counts as UTC."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return Timestamp.parse(moment.isoformat()).text


def json_form(value: Any) -> Any:
    """The value as JSON has it: mappings and lists of plain values, dates as texts."""
    if isinstance(value, Mapping):
        return {name: json_form(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_form(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)  # Encoders know no subclass of it.
    if isinstance(value, int) and abs(value) >= _LARGEST_WHOLE:
        return float(value)
    return instant_text(value) if isinstance(value, date) else value
