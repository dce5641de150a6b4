"""What happened to a contact, as it will be told to others (CONTRACT H.1, H.2).

The sequence of an entity's events follows its revision: 2r - 1 for the write that made revision r,
and 2r for what is told of a merge beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from contactory.domain.contacts import Contact
from contactory.domain.events import Event, new_event
from contactory.domain.identities import Identity
from contactory.domain.modified_fields import modified_fields_json
from contactory.kit.clock import Timestamp

CONTACT_FQDN: Final = "wix.contacts.v4.contact"
MERGE: Final = "merge"
UNMERGE: Final = "unmerge"


def contact_created(
    contact: Contact,
    identity: Identity,
    now: Timestamp,
    *,
    origin: str | None = None,
    document: str | None = None,
) -> Event:
    """A contact is new, or came back; `origin` is what else made it so.

    `document` is its JSON, where it is at hand.
    """
    entity = document or contact.to_json().decode()
    body = f'{{"createdEvent":{{"entity":{entity}}}{_from(origin)}}}'
    return _event(contact, "created", body, identity, now)


def contact_updated(
    contact: Contact,
    identity: Identity,
    now: Timestamp,
    *,
    before: Contact,
    origin: str | None = None,
) -> Event:
    """A contact was written; here it is as it is now, and what was different `before`."""
    body = (
        f'{{"updatedEvent":{{"currentEntity":{contact.to_json().decode()},'
        f'"modifiedFields":{modified_fields_json(before, contact)}}}{_from(origin)}}}'
    )
    return _event(contact, "updated", body, identity, now)


def contact_deleted(
    contact: Contact, identity: Identity, now: Timestamp, *, origin: str | None = None
) -> Event:
    """A contact is gone; `contact` is how it was."""
    gone = msgspec.structs.replace(contact, revision=contact.revision + 1)
    return _event(gone, "deleted", f'{{"deletedEvent":{{}}{_from(origin)}}}', identity, now)


def contact_merged(
    target: Contact, source_ids: Sequence[str], identity: Identity, now: Timestamp
) -> Event:
    """Other contacts became part of the target; here it is as it is now."""
    ids = msgspec.json.encode(list(source_ids)).decode()
    body = (
        f'{{"actionEvent":{{"body":{{"targetContactId":"{target.id}","sourceContactIds":{ids},'
        f'"targetContact":{target.to_json().decode()}}}}}}}'
    )
    sequence = 2 * target.revision
    entity = (CONTACT_FQDN, target.id)
    return new_event(entity, "merged", body, sequence=sequence, identity=identity, now=now)


def _event(contact: Contact, slug: str, body: str, identity: Identity, now: Timestamp) -> Event:
    sequence = 2 * contact.revision - 1
    entity = (CONTACT_FQDN, contact.id)
    return new_event(entity, slug, body, sequence=sequence, identity=identity, now=now)


def _from(origin: str | None) -> str:
    return f',"originatedFrom":"{origin}"' if origin else ""
