"""Stored contacts as they are shown: with what the store knows of them beside their document."""

from __future__ import annotations

from typing import Any, Final

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


class _ToldEmail(msgspec.Struct, frozen=True, rename="camel", gc=False):
    email: str | None = None
    subscription_status: str | None = None
    deliverability_status: str | None = None


class _ToldItems(msgspec.Struct, frozen=True, gc=False):
    membership: Any = msgspec.field(default=None, name=MEMBERSHIP_STATUS)


class _ToldFields(msgspec.Struct, frozen=True, gc=False):
    items: _ToldItems = _ToldItems()


class _ToldInfo(msgspec.Struct, frozen=True, rename="camel", gc=False):
    extended_fields: _ToldFields = _ToldFields()


class _Told(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Of a contact, what `shown` may change, and what it goes by."""

    primary_info: _ToldEmail | None = None
    primary_email: _ToldEmail | None = None
    info: _ToldInfo = _ToldInfo()


def is_shown_as_stored(document: str, status: EmailStatus, *, is_member: bool) -> bool:
    """Whether `shown` leaves the contact of this JSON as it is. It is told without reading all."""
    told = _decoder.decode(document)
    is_told_member = told.info.extended_fields.items.membership is not None
    return _says(told, status) and is_member == is_told_member


_decoder: Final = msgspec.json.Decoder(_Told)


def _says(contact: Contact | _Told, status: EmailStatus) -> bool:
    """Whether the statuses are what they were when the contact was stored, as they mostly are."""
    email = contact.primary_email
    if email is None:
        return contact.primary_info is None or contact.primary_info.email is None
    return (
        email.subscription_status == status.subscription
        and email.deliverability_status == status.deliverability
    )
