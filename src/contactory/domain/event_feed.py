"""The events of a site in the order in which they were committed, as readers get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.contacts import Contact
from contactory.domain.definition_events import EntityType
from contactory.domain.event_types import EVENT_TYPES, event_type
from contactory.domain.events import Event
from contactory.domain.field_definitions import ExtendedField
from contactory.domain.labels import Label
from contactory.domain.paging import single
from contactory.domain.problems import Problems
from contactory.domain.seed_names import to_seed_names
from contactory.kit.clock import Timestamp, encode_instant

EARLIEST: Final = "earliest"
LATEST: Final = "latest"
MOST_EVENTS: Final = 1000
DEFAULT_EVENTS: Final = 100

_LONGEST_PLACE: Final = 18
_DEFINITIONS: Final[Mapping[str, type[Label | ExtendedField]]] = {
    EntityType.LABEL.value: Label,
    EntityType.EXTENDED_FIELD.value: ExtendedField,
}


class PlacedEvent(msgspec.Struct, frozen=True):
    """An event and its place in the order of its site, counted from 1."""

    position: int
    event: Event


class FeedEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What happened to one entity (CONTRACT H.2), and the cursor after it.

    `sequence` grows with each event of an entity. One of `created_event`, `updated_event`,
    `deleted_event` and `action_event` is there. Who reads twice drops what has an `id` that it
    knows.
    """

    id: str
    type: str = msgspec.field(name="eventType")
    entity_fqdn: str
    slug: str
    entity_id: str
    time: Timestamp = msgspec.field(name="eventTime")
    triggered_by_anonymize_request: bool = msgspec.field(default_factory=bool)
    originated_from: str | None = None
    entity_event_sequence: str
    created_event: Mapping[str, Any] | None = None
    updated_event: Mapping[str, Any] | None = None
    deleted_event: Mapping[str, Any] | None = None
    action_event: Mapping[str, Any] | None = None
    identity: Mapping[str, str]
    cursor: str

    @classmethod
    def of(cls, placed: PlacedEvent) -> FeedEvent:
        """The event as readers get it."""
        event = placed.event
        body = msgspec.json.decode(event.body)
        return cls(
            id=event.id,
            type=event_type(event.entity_fqdn, event.slug),
            entity_fqdn=event.entity_fqdn,
            slug=event.slug,
            entity_id=event.entity_id,
            time=event.time,
            originated_from=body.get("originatedFrom"),
            entity_event_sequence=str(event.entity_sequence),
            created_event=body.get("createdEvent"),
            updated_event=body.get("updatedEvent"),
            deleted_event=body.get("deletedEvent"),
            action_event=body.get("actionEvent"),
            identity=msgspec.json.decode(event.identity),
            cursor=cursor_of(placed.position),
        )

    @property
    def sequence(self) -> int:
        """The number of the event among those of its entity; there may be gaps."""
        return int(self.entity_event_sequence)

    @property
    def entity(self) -> Contact | Label | ExtendedField | None:
        """The entity as it was after the event; of a merge the target, None of what was deleted."""
        plain = (
            (self.created_event or {}).get("entity")
            or (self.updated_event or {}).get("currentEntity")
            or (self.action_event or {}).get("body", {}).get("targetContact")
        )
        if plain is None:
            return None
        definition = _DEFINITIONS.get(self.entity_fqdn)
        return definition.from_rest(plain) if definition else Contact.from_rest(plain)

    @property
    def modified_fields(self) -> Mapping[str, Any]:
        """What an update changed: paths with the values before it, None where there was none."""
        found: Mapping[str, Any] = (self.updated_event or {}).get("modifiedFields", {})
        return found

    def to_rest(self) -> dict[str, Any]:
        """As JSON-able data in REST names, as the HTTP API shows it."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=encode_instant)
        return plain

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able data in the seed's names (`_id`, `_createdDate`, …)."""
        plain: dict[str, Any] = to_seed_names(self.to_rest())
        return plain


class EventPage(msgspec.Struct, frozen=True, rename="camel"):
    """Some events; the next page begins after the cursor, which is there on an empty one too."""

    events: Sequence[FeedEvent]
    cursor: str
    has_more: bool


class AskedEvents(msgspec.Struct, frozen=True):
    """After which place, how many at most, and of which types; no types are all."""

    after: int | str
    limit: int = DEFAULT_EVENTS
    types: frozenset[str] = frozenset()

    def wants(self, placed: PlacedEvent) -> bool:
        """Whether the event is of a type that is asked for."""
        event = placed.event
        return not self.types or event_type(event.entity_fqdn, event.slug) in self.types


def read_asked(after: Any, limit: Any, types: Any, *, default: str = EARLIEST) -> AskedEvents:
    """What is asked of the feed; values may be alone in a list, as query strings give them.

    Raises InvalidArgument with all that is wrong.
    """
    problems = Problems()
    start = read_cursor(single(after), problems, default=default)
    most = problems.whole(single(limit), "limit", 1, MOST_EVENTS)
    wanted = _read_types(types, problems)
    problems.check()
    return AskedEvents(start, DEFAULT_EVENTS if most is None else most, wanted)


def cursor_of(position: int) -> str:
    """The cursor after this place."""
    return f"e{position}"


def read_cursor(
    sent: Any, problems: Problems, path: str = "after", *, default: str = EARLIEST
) -> int | str:
    """The place that a cursor stands for, or EARLIEST or LATEST."""
    if sent is None or sent == "":
        return default
    if sent in (EARLIEST, LATEST):
        return str(sent)
    if isinstance(sent, str) and sent[:1] == "e" and sent[1:].isascii() and sent[1:].isdigit():
        place = int(sent[1 : _LONGEST_PLACE + 1])
        if cursor_of(place) == sent:
            return place
    problems.add_other(
        path, "INVALID_CURSOR", f"must be a cursor of this feed, {EARLIEST} or {LATEST}"
    )
    return default


def _read_types(sent: Any, problems: Problems) -> frozenset[str]:
    """Types in a list, or in texts with commas."""
    if sent is None:
        return frozenset()
    if not isinstance(sent, str | list | tuple | set | frozenset):
        problems.wrong_kind("types", "a list")
        return frozenset()
    parts = [sent] if isinstance(sent, str) else list(sent)
    wanted: list[str] = []
    for part in parts:
        names = part.split(",") if isinstance(part, str) else [part]
        wanted += [name.strip() if isinstance(name, str) else name for name in names]
    unknown = [name for name in wanted if name not in EVENT_TYPES and name != ""]
    if unknown:
        shown = ", ".join(str(name)[:80] for name in unknown[:10])
        problems.add(
            "types",
            "INVALID_ENUM_VALUE",
            f"has {shown} for one of {', '.join(EVENT_TYPES)}",
            supported=list(EVENT_TYPES),
        )
    return frozenset(name for name in wanted if name in EVENT_TYPES)
