"""What happened to an entity, as it will be told to others (CONTRACT H)."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from contactory.domain.identities import Identity, IdentityType
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id

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


def new_event(
    entity: tuple[str, str],
    slug: str,
    body: str,
    *,
    sequence: int,
    identity: Identity,
    now: Timestamp,
) -> Event:
    """An event of the entity, which is given by its type and id; `body` is JSON."""
    return Event(
        id=new_id(),
        entity_fqdn=entity[0],
        slug=slug,
        entity_id=entity[1],
        entity_sequence=sequence,
        time=now,
        identity=identity_json(identity),
        body=body,
    )


@lru_cache(maxsize=1024)
def identity_json(identity: Identity) -> str:
    """Who did it, as envelopes show it (CONTRACT H.3)."""
    kind, id_name = _IDENTITY_TYPES[identity.type]
    shown = {"identityType": kind} | ({id_name: identity.id} if identity.id else {})
    return msgspec.json.encode(shown).decode()
