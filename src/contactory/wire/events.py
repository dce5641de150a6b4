"""Events as readers get them: domain events, and what a webhook call says (CONTRACT H)."""

from __future__ import annotations

from typing import Any

import msgspec

from contactory.domain.event_types import event_type
from contactory.domain.events import Event
from contactory.kit.clock import Timestamp


class _Head(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """What a domain event says before its body."""

    id: str
    entity_fqdn: str
    slug: str
    entity_id: str
    event_time: str
    triggered_by_anonymize_request: bool
    entity_event_sequence: str


def domain_event(event: Event) -> str:
    """The event as a JSON object in REST names (CONTRACT H.2).

    Its body, an object too, is put into it as it was stored, with `originatedFrom` where that is.
    """
    head = _Head(
        id=event.id,
        entity_fqdn=event.entity_fqdn,
        slug=event.slug,
        entity_id=event.entity_id,
        event_time=event.time.text,
        triggered_by_anonymize_request=False,
        entity_event_sequence=str(event.entity_sequence),
    )
    return f"{_json(head)[:-1]},{event.body[1:]}"


def webhook_claims(
    event: Event, *, instance_id: str, site_id: str, now: Timestamp, life_s: int
) -> dict[str, Any]:
    """What the JWT of a webhook call claims: JSON in JSON in JSON (CONTRACT H.3).

    `instance_id` is that of the app at the site. The token is good for `life_s` seconds from `now`.
    """
    told = {
        "eventType": event_type(event.entity_fqdn, event.slug),
        "instanceId": instance_id,
        "identity": event.identity,
        "accountInfo": {"siteId": site_id},
        "data": domain_event(event),
    }
    issued = now.ms // 1000
    return {"data": _json(told), "iat": issued, "exp": issued + life_s}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
