"""What happened to a label or an extended field, as it will be told to others (CONTRACT H.1)."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from contactory.domain.definitions import Definition
from contactory.domain.events import Event, identity_json
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id


class EntityType(StrEnum):
    """The two kinds of definitions, by their names in events."""

    LABEL = "wix.contacts.v4.label"
    EXTENDED_FIELD = "wix.contacts.v4.extended-field"


class Author(msgspec.Struct, frozen=True):
    """Who changes something, and when."""

    identity: Identity
    now: Timestamp


class Change(msgspec.Struct, frozen=True):
    """One change of a definition; `body` is what its event says, in JSON."""

    entity_type: EntityType
    key: str
    slug: str
    body: str

    def event(self, sequence: int, author: Author) -> Event:
        """The event of the change, whose number is greater than those before it of its key."""
        return Event(
            id=new_id(),
            entity_fqdn=self.entity_type.value,
            slug=self.slug,
            entity_id=self.key,
            entity_sequence=sequence,
            time=author.now,
            identity=identity_json(author.identity),
            body=self.body,
        )


def created(kind: EntityType, definition: Definition) -> Change:
    """A label or field is new."""
    body = f'{{"createdEvent":{{"entity":{definition.to_json()}}}}}'
    return Change(kind, definition.key, "created", body)


def updated(kind: EntityType, definition: Definition, *, before: Definition) -> Change:
    """A label or field was renamed; here it is as it is now, with the name that it had `before`."""
    modified = msgspec.json.encode({"displayName": before.display_name}).decode()
    body = (
        f'{{"updatedEvent":{{"currentEntity":{definition.to_json()},"modifiedFields":{modified}}}}}'
    )
    return Change(kind, definition.key, "updated", body)


def deleted(kind: EntityType, key: str) -> Change:
    """A label or field is gone."""
    return Change(kind, key, "deleted", '{"deletedEvent":{}}')
