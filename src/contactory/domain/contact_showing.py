"""Stored contacts as they are shown: with what the store knows of them beside their document."""

from __future__ import annotations

from typing import Final

import msgspec

from contactory.domain.contact_making import EmailStatus, with_status
from contactory.domain.contacts import Contact, ExtendedFields
from contactory.domain.extended_fields import MEMBERSHIP_STATUS

APPROVED: Final = "APPROVED"


def shown(contact: Contact, status: EmailStatus, *, is_member: bool) -> Contact:
    """The contact with the statuses of its primary e-mail and of its membership (CONTRACT A.8)."""
    if not _says(contact, status):
        contact = with_status(contact, status)
    items = contact.info.extended_fields.items
    if is_member == (MEMBERSHIP_STATUS in items):
        return contact
    fields = {key: value for key, value in items.items() if key != MEMBERSHIP_STATUS}
    if is_member:
        fields[MEMBERSHIP_STATUS] = APPROVED
    info = msgspec.structs.replace(contact.info, extended_fields=ExtendedFields(items=fields))
    return msgspec.structs.replace(contact, info=info)


def _says(contact: Contact, status: EmailStatus) -> bool:
    """Whether the statuses are what they were when the contact was stored, as they mostly are."""
    email = contact.primary_email
    return (
        email is not None
        and email.subscription_status == status.subscription
        and email.deliverability_status == status.deliverability
    )
