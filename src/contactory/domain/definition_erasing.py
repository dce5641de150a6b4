"""Contacts without a label or a field that is being deleted (CONTRACT B.11, B.12)."""

from __future__ import annotations

from typing import Any

import msgspec

from contactory.domain.contacts import NO_KEYS, Contact, ExtendedFields, Keys
from contactory.kit.clock import Timestamp


def without_label(contact: Contact, key: str, now: Timestamp) -> Contact:
    """The contact without the label, at its next revision."""
    keys = tuple(one for one in contact.info.label_keys.items if one != key)
    return _rewritten(contact, now, label_keys=Keys(items=keys) if keys else NO_KEYS)


def without_field(contact: Contact, key: str, now: Timestamp) -> Contact:
    """The contact without its value of the custom field, at its next revision."""
    kept = {one: value for one, value in contact.info.extended_fields.items.items() if one != key}
    return _rewritten(contact, now, extended_fields=ExtendedFields(items=kept))


def _rewritten(contact: Contact, now: Timestamp, **changes: Any) -> Contact:
    return msgspec.structs.replace(
        contact,
        revision=contact.revision + 1,
        updated_date=now,
        info=msgspec.structs.replace(contact.info, **changes),
    )
