"""The events of a site in the order in which they were committed, as readers get them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.domain.events import Event
from contactory.domain.problems import Problems

EARLIEST: Final = "earliest"
LATEST: Final = "latest"
MOST_EVENTS: Final = 1000
DEFAULT_EVENTS: Final = 100


class PlacedEvent(msgspec.Struct, frozen=True):
    """An event and its place in the order of its site, counted from 1."""

    position: int
    event: Event


class EventPage(msgspec.Struct, frozen=True):
    """Some events; the next page begins after the cursor, which is there on an empty one too."""

    events: Sequence[PlacedEvent]
    cursor: str
    has_more: bool


def cursor_of(position: int) -> str:
    """The cursor after this place."""
    return f"e{position}"


def read_cursor(sent: Any, problems: Problems, path: str = "after") -> int | str:
    """The place that a cursor stands for, or EARLIEST or LATEST."""
    if sent is None or sent == EARLIEST:
        return EARLIEST
    if sent == LATEST:
        return LATEST
    if isinstance(sent, str) and sent[:1] == "e" and sent[1:].isascii() and sent[1:].isdigit():
        place = int(sent[1:19])
        if cursor_of(place) == sent:
            return place
    problems.add(path, "INVALID_CURSOR", f"must be a cursor of this feed, {EARLIEST} or {LATEST}")
    return EARLIEST
