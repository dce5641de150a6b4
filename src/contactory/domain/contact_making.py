"""Turns a checked `info` into the contact that will be stored, and shows stored contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from contactory.domain.contact_reading import ReadInfo
from contactory.domain.contacts import (
    Contact,
    ContactInfo,
    ContactPhone,
    ExtendedFields,
    LastActivity,
    PrimaryEmail,
    PrimaryInfo,
    PrimaryPhone,
    Source,
)
from contactory.domain.errors import InsufficientContactData
from contactory.domain.extended_fields import (
    DELIVERABILITY_STATUS,
    DISPLAY_BY_FIRST,
    DISPLAY_BY_LAST,
    EFFECTIVE_EMAIL,
    SUBSCRIPTION_STATUS,
    VAT_ID,
    FieldValue,
)
from contactory.kit.clock import Timestamp

NOT_SET: Final = "NOT_SET"
UNSUBSCRIBED: Final = "UNSUBSCRIBED"
CONSENTING: Final = frozenset({"SUBSCRIBED", "PENDING"})
"""The statuses with which an address may be written to, or asked."""

_SAID: Final = CONSENTING | {UNSUBSCRIBED}
_COMPUTED: Final = frozenset(
    {
        DISPLAY_BY_FIRST,
        DISPLAY_BY_LAST,
        SUBSCRIPTION_STATUS,
        DELIVERABILITY_STATUS,
        EFFECTIVE_EMAIL,
    }
)


class EmailStatus(msgspec.Struct, frozen=True):
    """What is recorded of one e-mail address of a site; it outlives the contact."""

    subscription: str = NOT_SET
    deliverability: str = NOT_SET


NOTHING_RECORDED: Final = EmailStatus()


def new_contact(
    read: ReadInfo,
    values: dict[str, FieldValue],
    *,
    contact_id: str,
    source: Source,
    now: Timestamp,
    status: EmailStatus = NOTHING_RECORDED,
) -> Contact:
    """The contact as it is right after its creation (CONTRACT A.1)."""
    info = read.info
    phone = next((entry for entry in info.phones.items if entry.primary), None)
    email = next((entry.email for entry in info.emails.items if entry.primary), None)
    fields = _display_names(info) | {VAT_ID: ""} | values
    return Contact(
        id=contact_id,
        revision=1,
        source=source,
        created_date=now,
        updated_date=now,
        last_activity=LastActivity(activity_date=now, activity_type="CONTACT_CREATED"),
        primary_info=PrimaryInfo(email=email, phone=read.sent_phone),
        primary_email=None if email is None else _primary_email(email, status),
        primary_phone=None if phone is None else _primary_phone(phone),
        info=msgspec.structs.replace(info, extended_fields=_with_status(fields, email, status)),
    )


def with_info(
    contact: Contact,
    info: ContactInfo,
    *,
    phone_as_sent: str | None,
    status: EmailStatus = NOTHING_RECORDED,
) -> Contact:
    """The contact with another `info` and all that follows from it: primaries, display names.

    `phone_as_sent` is what `primaryInfo` shows where there is a primary phone (CONTRACT A.3).
    Of its extended fields, those that are computed here are computed anew. Raises
    InsufficientContactData where neither name, e-mail nor phone is left.
    """
    if not (info.name.first or info.name.last or info.emails.items or info.phones.items):
        raise InsufficientContactData
    phone = next((entry for entry in info.phones.items if entry.primary), None)
    email = next((entry.email for entry in info.emails.items if entry.primary), None)
    kept = {key: value for key, value in info.extended_fields.items.items() if key not in _COMPUTED}
    made = msgspec.structs.replace(
        contact,
        primary_info=PrimaryInfo(email=email, phone=None if phone is None else phone_as_sent),
        primary_email=None,
        primary_phone=None if phone is None else _primary_phone(phone),
        info=msgspec.structs.replace(
            info, extended_fields=ExtendedFields(items=_display_names(info) | {VAT_ID: ""} | kept)
        ),
    )
    return with_status(made, status)


def _primary_phone(phone: ContactPhone) -> PrimaryPhone:
    return PrimaryPhone(
        country_code=phone.country_code,
        phone=phone.phone,
        e164_phone=phone.e164_phone,
        formatted_phone=phone.formatted_phone,
        subscription_status=NOT_SET if phone.e164_phone else "NO_SUBSCRIPTION_STATUS",
    )


def with_status(contact: Contact, status: EmailStatus) -> Contact:
    """The contact with what is recorded of its primary e-mail, and what follows from it.

    Consent that is not recorded is no consent: the effective status then says UNSUBSCRIBED
    (CONTRACT, box, 1).
    """
    email = contact.primary_info.email if contact.primary_info else None
    if email is None:
        return contact
    fields = _with_status(contact.info.extended_fields.items, email, status)
    return msgspec.structs.replace(
        contact,
        primary_email=_primary_email(email, status),
        info=msgspec.structs.replace(contact.info, extended_fields=fields),
    )


def _primary_email(email: str, status: EmailStatus) -> PrimaryEmail:
    return PrimaryEmail(
        email=email,
        subscription_status=status.subscription,
        deliverability_status=status.deliverability,
    )


def _with_status(
    items: Mapping[str, FieldValue], email: str | None, status: EmailStatus
) -> ExtendedFields:
    """The fields, with those that tell of the primary e-mail where there is one."""
    fields = dict(items)
    if email is not None:
        effective = status.subscription if status.subscription in _SAID else UNSUBSCRIBED
        fields[SUBSCRIPTION_STATUS] = effective
        fields[DELIVERABILITY_STATUS] = status.deliverability
        fields.pop(EFFECTIVE_EMAIL, None)
        if effective != UNSUBSCRIBED:
            fields[EFFECTIVE_EMAIL] = email
    return ExtendedFields(items=fields)


def _display_names(info: ContactInfo) -> dict[str, FieldValue]:
    first, last = (info.name.first or "").strip(), (info.name.last or "").strip()
    names: dict[str, FieldValue] = {}
    for key, parts in ((DISPLAY_BY_LAST, (last, first)), (DISPLAY_BY_FIRST, (first, last))):
        if text := _words(parts):
            names[key] = text
    return names


def _words(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)
