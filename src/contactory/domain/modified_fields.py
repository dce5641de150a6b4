"""What an update changed of a contact: paths with the values that were there before (CONTRACT H.2).

A path leads down to a single value: `info.name.first`, `primaryEmail.email`. A picture, a list and
the map of extended fields are one value each: `info.picture`, `info.emails.items`,
`info.extendedFields.items`. So no path ends in an index or in a key that a site chose, of which the
official SDK would make something else: it takes each path apart at its dots, converts what it finds
as it converts a contact, and puts the path together again.

What was absent or empty before is null. Revision and dates of writing are told by the contact
itself, and are no part of this.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import msgspec

from contactory.domain.contacts import (
    Contact,
    LastActivity,
    Name,
    PrimaryEmail,
    PrimaryInfo,
    PrimaryPhone,
)
from contactory.kit.clock import encode_instant

_VALUES: Final = tuple(
    (path, attrgetter(attribute))
    for path, attribute in {
        "info.emails.items": "info.emails.items",
        "info.phones.items": "info.phones.items",
        "info.addresses.items": "info.addresses.items",
        "info.company": "info.company",
        "info.jobTitle": "info.job_title",
        "info.picture": "info.picture",
        "info.birthdate": "info.birthdate",
        "info.locale": "info.locale",
        "info.labelKeys.items": "info.label_keys.items",
        "info.extendedFields.items": "info.extended_fields.items",
        "info.locations.items": "info.locations.items",
        "info.assignedUserIds.items": "info.assigned_user_ids.items",
    }.items()
)

_OBJECTS: Final = tuple(
    (
        attrgetter(attribute),
        [
            (f"{path}.{name}", field)
            for name, field in zip(
                kind.__struct_encode_fields__, kind.__struct_fields__, strict=True
            )
        ],
    )
    for path, attribute, kind in (
        ("lastActivity", "last_activity", LastActivity),
        ("primaryInfo", "primary_info", PrimaryInfo),
        ("primaryEmail", "primary_email", PrimaryEmail),
        ("primaryPhone", "primary_phone", PrimaryPhone),
        ("info.name", "info.name", Name),
    )
)

_encoder: Final = msgspec.json.Encoder(enc_hook=encode_instant)


def modified_fields(before: Contact, after: Contact) -> dict[str, Any]:
    """The previous values by the paths of what is different now, as parts of the contact."""
    found: dict[str, Any] = {}
    for part_of, fields in _OBJECTS:
        old, new = part_of(before), part_of(after)
        if old is not new and old != new:
            for path, field in fields:
                value = getattr(old, field, None)
                if value != getattr(new, field, None):
                    found[path] = value
    for path, value_of in _VALUES:
        old, new = value_of(before), value_of(after)
        if old is not new and old != new:
            found[path] = old or None
    return found


def modified_fields_json(before: Contact, after: Contact) -> str:
    """As `modified_fields`, as JSON in REST names."""
    return _encoder.encode(modified_fields(before, after)).decode()
