"""How a contact is made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from contactory.domain.contact_events import contact_created
from contactory.domain.contact_making import NOTHING_RECORDED, new_contact, with_status
from contactory.domain.contact_reading import ReadInfo
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactIdAlreadyExists, DuplicateContact
from contactory.domain.extended_fields import CheckedFields, check_fields, custom_keys
from contactory.domain.labels import check_label_keys
from contactory.domain.search_words import SearchWords, search_words
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id_at
from contactory.ops.contact_registering import register_named
from contactory.ops.context import Context
from contactory.store.contacts import (
    Changed,
    ContactWrite,
    Entry,
    asked_before_insert,
    find_duplicate,
    insert_contact,
    insert_unknown_contact,
    look_ahead_of_insert,
)
from contactory.store.email_statuses import get_email_status
from contactory.store.engine import Transaction
from contactory.store.extended_fields import get_field_types, hold_field_types
from contactory.store.idempotency_keys import IdempotentCall, claim_key, first_response


class Draft(msgspec.Struct, frozen=True):
    """All of a create that needs no database."""

    contact: Contact
    email_keys: Sequence[str]
    phone_keys: Sequence[str]
    primary_email_key: str | None
    allow_duplicates: bool
    checked: CheckedFields
    now: Timestamp
    member_id: str | None = None


async def create(
    context: Context, read: ReadInfo, *, allow_duplicates: bool, call: IdempotentCall | None
) -> Contact:
    """Make the contact; again from the start where something changed meanwhile."""
    while True:
        draft = await draft_of(context, read, allow_duplicates=allow_duplicates)
        try:
            return await context.store.write(partial(_write, context, draft, call))
        except (Changed, ContactIdAlreadyExists):  # The next draft has another id.
            continue
        except DuplicateContact:
            # The same call may have been faster, and be the one that it is a duplicate of.
            first = call and await _first_contact(context, call, draft.now)
            if not first:
                raise
            return first


async def draft_of(
    context: Context, read: ReadInfo, *, allow_duplicates: bool, member_id: str | None = None
) -> Draft:
    """The contact that this `info` makes. Raises InvalidExtendedFieldValue, LabelNotFound."""
    types = {}
    if keys := custom_keys(read.fields):
        types = await context.store.read(lambda tx: get_field_types(tx, context.site, keys))
    checked = check_fields(read.fields, types, strict=context.settings.strict_keys)
    check_label_keys(read.info.label_keys.items)
    now = Timestamp.current()
    contact = new_contact(
        read, checked.values, contact_id=new_id_at(now.ms), source=context.source(), now=now
    )
    primary = next((at for at, e in enumerate(contact.info.emails.items) if e.primary), None)
    return Draft(
        contact=contact,
        email_keys=read.email_keys,
        phone_keys=read.phone_keys,
        primary_email_key=None if primary is None else read.email_keys[primary],
        allow_duplicates=allow_duplicates,
        checked=checked,
        now=now,
        member_id=member_id,
    )


async def write_new(
    tx: Transaction,
    context: Context,
    draft: Draft,
    *,
    ends: bool = False,
    shares_later: bool = False,
) -> Contact:
    """Insert the contact with its event; `ends` and `shares_later` are those of `insert_contact`.

    Raises DuplicateContact, LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded, and Changed
    where the draft is out of date.
    """
    site, contact = context.site, draft.contact
    await _check_field_types(tx, context, draft.checked)
    phones = () if draft.email_keys else draft.phone_keys
    words = search_words(contact)
    asked = partial(
        asked_before_insert,
        site,
        contact,
        email_keys=() if draft.allow_duplicates else draft.email_keys,
        phone_keys=() if draft.allow_duplicates else phones,
        primary_email_key=draft.primary_email_key,
    )
    labels = contact.info.label_keys.items
    if ends and tx.asks_while_writing and not (labels or draft.checked.types):
        write = _write_of(context, draft, contact, words)
        if await insert_unknown_contact(tx, site, write, list(asked())):
            return contact
    await look_ahead_of_insert(tx, site, asked(), words)
    if draft.primary_email_key is not None:
        status = await get_email_status(tx, site, draft.primary_email_key)
        if status != NOTHING_RECORDED:
            contact = with_status(contact, status)
    if not draft.allow_duplicates:
        await find_duplicate(tx, site, contact, email_keys=draft.email_keys, phone_keys=phones)
    if labels or draft.checked.new:
        await register_named(tx, context, labels, draft.checked, draft.now)
    write = _write_of(context, draft, contact, words)
    await insert_contact(tx, site, write, ends=ends, shares_later=shares_later)
    return contact


def _write_of(context: Context, draft: Draft, contact: Contact, words: SearchWords) -> ContactWrite:
    guards = not draft.allow_duplicates
    document = contact.to_json().decode()
    return ContactWrite(
        contact=contact,
        emails=[Entry(key, guards) for key in draft.email_keys],
        phones=[Entry(key, guards and not draft.email_keys) for key in draft.phone_keys],
        types=draft.checked.types,
        member_id=draft.member_id,
        events=[contact_created(contact, context.identity, draft.now, document=document)],
        words=words,
        document=document,
    )


async def _first_contact(context: Context, call: IdempotentCall, now: Timestamp) -> Contact | None:
    first = await context.store.read(lambda tx: first_response(tx, context.site, call, now))
    return None if first is None else Contact.from_json(first)


async def _write(
    context: Context, draft: Draft, call: IdempotentCall | None, tx: Transaction
) -> Contact:
    if call is not None and (first := await first_response(tx, context.site, call, draft.now)):
        return Contact.from_json(first)
    contact = await write_new(tx, context, draft, ends=call is None)
    if call is not None:
        document = contact.to_json().decode()
        if not await claim_key(tx, context.site, call, document, draft.now):
            raise Changed
    return contact


async def _check_field_types(tx: Transaction, context: Context, checked: CheckedFields) -> None:
    """The types that the values were checked against must still hold."""
    if checked.types:
        now = await hold_field_types(tx, context.site, checked.types)
        assumed = {key: kind for key, kind in checked.types.items() if key not in checked.new}
        if now != assumed:
            raise Changed
