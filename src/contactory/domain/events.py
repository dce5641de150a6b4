"""What happened to an entity, as it will be told to others (CONTRACT H)."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from contactory.domain.identities import Identity, IdentityType
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id

CONTACT_FQDN = "wix.contacts.v4.contact"

_IDENTITY_TYPES = {
    IdentityType.VISITOR: ("ANONYMOUS_VISITOR", "anonymousVisitorId"),
    IdentityType.MEMBER: ("MEMBER", "memberId"),
    IdentityType.USER: ("WIX_USER", "wixUserId"),
    IdentityType.API_KEY: ("WIX_USER", "wixUserId"),
    IdentityType.APP: ("APP", "appId"),
}


class Event(msgspec.Struct, frozen=True):
    """One change of one entity; `body` and `identity` are JSON, fixed when it happened."""

    id: str
    entity_fqdn: str
    slug: str
    entity_id: str
    entity_sequence: int
    time: Timestamp
    identity: str
    body: str


def contact_created(contact_id: str, document: str, identity: Identity, now: Timestamp) -> Event:
    """The event of a new contact, whose JSON is `document`."""
    return Event(
        id=new_id(),
        entity_fqdn=CONTACT_FQDN,
        slug="created",
        entity_id=contact_id,
        entity_sequence=1,
        time=now,
        identity=_identity(identity),
        body=f'{{"createdEvent":{{"entity":{document}}}}}',
    )


@lru_cache(maxsize=1024)
def _identity(identity: Identity) -> str:
    kind, id_name = _IDENTITY_TYPES[identity.type]
    shown = {"identityType": kind} | ({id_name: identity.id} if identity.id else {})
    return msgspec.json.encode(shown).decode()
