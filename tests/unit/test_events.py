"""Events in the form in which readers get them (CONTRACT H)."""

from __future__ import annotations

import json
from typing import Any, Final

from contactory.domain.contact_events import (
    MERGE,
    contact_created,
    contact_deleted,
    contact_merged,
    contact_updated,
)
from contactory.domain.definition_events import Author, EntityType, deleted
from contactory.domain.event_types import EVENT_TYPES, event_type
from contactory.domain.events import Event
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.wire.events import domain_event, webhook_claims
from tests.unit.contacts_made import ID, NOW, made

WHO: Final = Identity.app("5f1b2c1d-0000-4000-8000-000000000001")
CONTACT: Final = made({"name": {"first": 'Zoë "Z"', "last": "\\ \u2028 🎈"}})


def head(event: Event, slug: str, sequence: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "entityFqdn": "wix.contacts.v4.contact",
        "slug": slug,
        "entityId": ID,
        "eventTime": "2023-12-24T11:50:46.049Z",
        "triggeredByAnonymizeRequest": False,
        "entityEventSequence": sequence,
    }


def test_each_kind_of_change_has_its_own_body() -> None:
    entity = CONTACT.to_rest()
    created = contact_created(CONTACT, WHO, NOW)
    updated = contact_updated(CONTACT, WHO, NOW, before=CONTACT, origin=MERGE)
    gone = contact_deleted(CONTACT, WHO, NOW, origin=MERGE)
    merged = contact_merged(CONTACT, ["a", "b"], WHO, NOW)
    assert json.loads(domain_event(created)) == head(created, "created", "1") | {
        "createdEvent": {"entity": entity}
    }
    assert json.loads(domain_event(updated)) == head(updated, "updated", "1") | {
        "updatedEvent": {"currentEntity": entity, "modifiedFields": {}},
        "originatedFrom": "merge",
    }
    assert json.loads(domain_event(gone)) == head(gone, "deleted", "3") | {
        "deletedEvent": {},
        "originatedFrom": "merge",
    }
    assert json.loads(domain_event(merged)) == head(merged, "merged", "2") | {
        "actionEvent": {
            "body": {
                "targetContactId": ID,
                "sourceContactIds": ["a", "b"],
                "targetContact": entity,
            }
        }
    }


def test_keys_of_labels_may_have_letters_of_any_script() -> None:
    event = deleted(EntityType.LABEL, "custom.größe").event(7, Author(WHO, NOW))
    told = json.loads(domain_event(event))
    assert (told["entityId"], told["entityEventSequence"]) == ("custom.größe", "7")


def test_a_webhook_claims_json_in_json_in_json() -> None:
    event = contact_created(CONTACT, WHO, NOW)
    now = Timestamp.parse("2024-01-01T00:00:00.999Z")
    claims = webhook_claims(event, instance_id="i-1", site_id="s-1", now=now, life_s=600)
    assert (claims["iat"], claims["exp"]) == (1704067200, 1704067800)
    told = json.loads(claims.pop("data"))
    assert claims.keys() == {"iat", "exp"}
    assert json.loads(told.pop("identity")) == {"identityType": "APP", "appId": WHO.id}
    assert told.pop("data") == domain_event(event)
    assert told == {
        "eventType": "wix.contacts.v4.contact_created",
        "instanceId": "i-1",
        "accountInfo": {"siteId": "s-1"},
    }


def test_all_kinds_of_events_have_names() -> None:
    contact, label, field = (f"wix.contacts.v4.{x}" for x in ("contact", "label", "extended-field"))
    assert list(EVENT_TYPES) == [
        *(f"{contact}_{slug}" for slug in ("created", "updated", "deleted", "merged")),
        *(f"{label}_{slug}" for slug in ("created", "updated", "deleted")),
        *(f"{field}_{slug}" for slug in ("created", "updated", "deleted")),
    ]
    assert event_type(field, "updated") == f"{field}_updated"
