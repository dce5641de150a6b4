"""Appends what a visitor or member submitted to a contact that is there (CONTRACT E.7)."""

from __future__ import annotations

from typing import Final

import msgspec

from contactory.domain.contact_filling import filled_info
from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus, with_info
from contactory.domain.contact_parts import KEY_PARTS, MOST_ITEMS, info_with
from contactory.domain.contact_reading import ReadInfo
from contactory.domain.contacts import (
    Contact,
    ContactInfo,
    ExtendedFields,
    Keys,
    LastActivity,
)
from contactory.domain.extended_fields import FieldValue
from contactory.kit.clock import Timestamp

GENERAL: Final = "GENERAL"
_LISTS: Final = ("emails", "phones", "addresses")


class AppendedContact(msgspec.Struct, frozen=True):
    """A contact after a submit, and whether it says anything more than before."""

    contact: Contact
    is_changed: bool


def appended_contact(
    old: Contact,
    read: ReadInfo,
    values: dict[str, FieldValue],
    *,
    now: Timestamp,
    activity_type: str = GENERAL,
    status: EmailStatus = NOTHING_RECORDED,
) -> AppendedContact:
    """The contact with what it lacked: empty single values filled, new entries not primary.

    Nothing is overwritten; entries that are there already by their keys are skipped, and so are
    those beyond the limits of CONTRACT A.4, because whoever submits cannot help it. The contact
    is one revision further, and its last activity is this one, even when nothing was new. `values`
    are the checked extended fields.
    """
    sent = info_with(read.info, {"extended_fields": ExtendedFields(items=values)})
    info = _within_limits(filled_info(old.info, sent), old.info)
    shown = old.primary_info.phone if old.primary_info else None
    written = msgspec.structs.replace(
        old,
        revision=old.revision + 1,
        updated_date=now,
        last_activity=LastActivity(activity_date=now, activity_type=activity_type),
    )
    contact = with_info(written, info, phone_as_sent=shown or read.sent_phone, status=status)
    return AppendedContact(contact, is_changed=info != old.info)


def _within_limits(info: ContactInfo, old: ContactInfo) -> ContactInfo:
    """Lists cut to their limits, at their ends: what was there before stands in front."""
    cut: dict[str, object] = {}
    for name in _LISTS:
        part = getattr(info, name)
        if len(part.items) > MOST_ITEMS:
            most = max(MOST_ITEMS, len(getattr(old, name).items))
            cut[name] = msgspec.structs.replace(part, items=part.items[:most])
    for name, most in KEY_PARTS.items():
        keys = getattr(info, name).items
        if len(keys) > most:
            cut[name] = Keys(items=keys[: max(most, len(getattr(old, name).items))])
    return info_with(info, cut) if cut else info
