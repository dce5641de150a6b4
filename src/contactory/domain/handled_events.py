"""Events as functions of a site's own code get them (CONTRACT H.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from contactory.domain.contact_events import CONTACT_FQDN
from contactory.domain.contacts import Contact
from contactory.domain.definition_events import EntityType
from contactory.domain.event_types import event_type
from contactory.domain.events import Event
from contactory.domain.field_definitions import ExtendedField
from contactory.domain.labels import Label
from contactory.kit.clock import Timestamp, decode_instant

E_co = TypeVar("E_co", covariant=True)


class EventMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to whom, when, and by whom.

    `id` is the same in each repetition. `sequence` grows with each event of an entity; there may be
    gaps. `identity` is who did it, as webhooks show it. `originated_from` names
    what else made it so, such as `merge`.
    """

    id: str
    type: str
    entity_id: str
    time: Timestamp
    sequence: int
    identity: Mapping[str, str]
    site_id: str
    originated_from: str | None = None


class HandledEvent(msgspec.Struct, Generic[E_co], frozen=True, kw_only=True):
    """One event. `entity` is as it was after the event, None where it was deleted.

    `modified_fields` is what an update changed: paths with the values before it, None where there
    was none.
    """

    metadata: EventMetadata
    entity: E_co
    modified_fields: Mapping[str, Any] = {}


class MergeData(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which contacts became part of which one, and how that one is since then."""

    target_contact_id: str
    source_contact_ids: Sequence[str]
    target_contact: Contact


class MergedEvent(HandledEvent[Contact], frozen=True, kw_only=True):
    """The event of a merge; its entity is the target."""

    data: MergeData


class _Created(msgspec.Struct):
    entity: msgspec.Raw


class _Updated(msgspec.Struct, rename="camel"):
    current_entity: msgspec.Raw
    modified_fields: dict[str, Any] = {}


class _Action(msgspec.Struct):
    body: MergeData


class _Body(msgspec.Struct, rename="camel"):
    created_event: _Created | None = None
    updated_event: _Updated | None = None
    action_event: _Action | None = None
    originated_from: str | None = None


_body: Final = msgspec.json.Decoder(_Body, dec_hook=decode_instant)
_identity: Final = msgspec.json.Decoder(dict[str, str])
_ENTITIES: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    CONTACT_FQDN: msgspec.json.Decoder(Contact, dec_hook=decode_instant),
    EntityType.LABEL.value: msgspec.json.Decoder(Label, dec_hook=decode_instant),
    EntityType.EXTENDED_FIELD.value: msgspec.json.Decoder(ExtendedField, dec_hook=decode_instant),
}


def handled_event(event: Event, site_id: str) -> HandledEvent[Any]:
    """What a function is told of the event."""
    body = _body.decode(event.body)
    metadata = EventMetadata(
        id=event.id,
        type=event_type(event.entity_fqdn, event.slug),
        entity_id=event.entity_id,
        time=event.time,
        sequence=event.entity_sequence,
        identity=_identity.decode(event.identity),
        site_id=site_id,
        originated_from=body.originated_from,
    )
    entity = _ENTITIES[event.entity_fqdn]
    if body.created_event is not None:
        return HandledEvent(metadata=metadata, entity=entity.decode(body.created_event.entity))
    if body.updated_event is not None:
        return HandledEvent(
            metadata=metadata,
            entity=entity.decode(body.updated_event.current_entity),
            modified_fields=body.updated_event.modified_fields,
        )
    if body.action_event is not None:
        data = body.action_event.body
        return MergedEvent(metadata=metadata, entity=data.target_contact, data=data)
    return HandledEvent(metadata=metadata, entity=None)
