"""The call that reads events. The contract has none: it is ours."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.event_feed import DEFAULT_EVENTS, EARLIEST, LATEST, MOST_EVENTS
from contactory.domain.event_types import EVENT_TYPES
from contactory.wire.route import Route

EVENT_ROUTES: Final = (
    Route(
        verb="GET",
        path="/contacts/v4/events",
        aliases=("/events",),
        summary="List or follow events.",
        about=(
            "The next events after a cursor, in the order of commits. No event is skipped, and "
            "none comes again after a later cursor. With `Accept: text/event-stream` the answer "
            "is a stream that goes on with each event as soon as it is committed; there, `after` "
            f"is `{LATEST}` unless it is sent, and the header `Last-Event-ID` beats it."
        ),
        operation="events.list_events",
        arguments=("after", "limit", "types"),
        optional=("after", "limit", "types"),
        streams=True,
        errors=("FAILED_PRECONDITION",),
    ),
)

EVENT_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "events.list_events after": {
        "type": "string",
        "pattern": f"^({EARLIEST}|{LATEST}|e(0|[1-9][0-9]{{0,17}}))$",
        "default": EARLIEST,
        "description": f"The cursor of an event or page, or {EARLIEST} or {LATEST}.",
    },
    "events.list_events limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_EVENTS,
        "default": DEFAULT_EVENTS,
    },
    "events.list_events types": {
        "type": "array",
        "items": {"enum": list(EVENT_TYPES)},
        "description": "Only events of these types; also with commas between.",
    },
}
"""JSON Schemas of what the call takes, by operation and name on the wire."""
