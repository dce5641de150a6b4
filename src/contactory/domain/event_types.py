"""The types of events by name (CONTRACT H.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from contactory.domain.contact_events import CONTACT_FQDN
from contactory.domain.definition_events import EntityType

_SLUGS: Final = {
    CONTACT_FQDN: ("created", "updated", "deleted", "merged"),
    EntityType.LABEL.value: ("created", "updated", "deleted"),
    EntityType.EXTENDED_FIELD.value: ("created", "updated", "deleted"),
}


@lru_cache(maxsize=64)
def event_type(entity_fqdn: str, slug: str) -> str:
    """The name of a type, such as `wix.contacts.v4.contact_created`."""
    return f"{entity_fqdn}_{slug}"


EVENT_TYPES: Final = tuple(
    event_type(entity_fqdn, slug) for entity_fqdn, slugs in _SLUGS.items() for slug in slugs
)
"""All there are."""
