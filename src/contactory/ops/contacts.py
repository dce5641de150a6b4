"""Contacts: create and get."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED, new_contact, with_status
from contactory.domain.contact_options import (
    GET_OPTIONS,
    CreateContactOptions,
    GetContactOptions,
    read_options,
    sent_allow_duplicates,
)
from contactory.domain.contact_reading import ReadInfo, read_info
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.errors import ContactNotFound, MalformedRequest
from contactory.domain.events import contact_created
from contactory.domain.extended_fields import CheckedFields, check_fields, custom_keys
from contactory.domain.labels import check_label_keys
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.projection import projected, read_projection
from contactory.kit.clock import Timestamp
from contactory.kit.ids import as_guid, new_id
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.contacts import NewContact, find_duplicate, insert_contact
from contactory.store.contacts import get_contact as find_contact
from contactory.store.email_statuses import get_email_status
from contactory.store.engine import Transaction
from contactory.store.extended_fields import (
    get_field_types,
    insert_field_values,
    register_fields,
)
from contactory.store.idempotency_keys import IdempotentCall, claim_key, first_response
from contactory.store.labels import insert_contact_labels, register_labels

_LONGEST_KEY: Final = 255


class _Changed(Exception):
    """Something that was read before the transaction has changed since: start again."""


class _Draft(msgspec.Struct, frozen=True):
    """All of a create that needs no database."""

    new: NewContact
    checked: CheckedFields
    label_keys: list[str]
    call: IdempotentCall | None
    now: Timestamp


class Contacts(Bound):
    """The contact list of a site."""

    @operation(Permission.CONTACTS_MODIFY)
    async def create_contact(
        self,
        context: Context,
        info: ContactInfo | Mapping[str, Any],
        options: CreateContactOptions | Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Contact:
        """Create a contact and return it whole (CONTRACT B.1).

        `info` is a ContactInfo, or a mapping in REST names or the seed's; it needs a name, an
        e-mail or a phone. With an `idempotency_key`, the same call within 24 hours answers the
        first result again.

        Raises PermissionDenied, InvalidArgument, MultiplePrimaryInfo, InsufficientContactData,
        InvalidExtendedFieldValue, LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded,
        IdempotencyKeyReused, and DuplicateContact when another contact has one of the e-mails (or
        the phone, where no e-mail is given) and `allow_duplicates` is not set.
        """
        problems = Problems()
        allow_duplicates = bool(problems.flag(sent_allow_duplicates(options), "allowDuplicates"))
        read = read_info(info, noted=problems)
        call = _idempotent_call(context, idempotency_key, info, allow_duplicates)
        if read.dropped:
            context.report_ignored(read.dropped)
        while True:
            try:
                return await _create(context, read, allow_duplicates, call)
            except _Changed:
                continue

    @operation(Permission.CONTACTS_VIEW)
    async def get_contact(
        self,
        context: Context,
        contact_id: str,
        options: GetContactOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """The contact with this id, whole or the parts that the options name (CONTRACT B.2).

        Raises PermissionDenied, ContactNotFound, InvalidArgument.
        """
        chosen = read_options(options, GET_OPTIONS)
        projection = read_projection(chosen.get("fields"), chosen.get("fieldsets"))
        guid = as_guid(contact_id) if isinstance(contact_id, str) else None
        if guid is None:
            raise ContactNotFound

        async def look(tx: Transaction) -> Contact | None:
            found = await find_contact(tx, context.site, guid)
            return found and with_status(*found)

        contact = await context.store.read(look)
        if contact is None:
            raise ContactNotFound
        return projected(contact, projection)


async def _create(
    context: Context, read: ReadInfo, allow_duplicates: bool, call: IdempotentCall | None
) -> Contact:
    draft = await _draft(context, read, allow_duplicates, call)

    async def work(tx: Transaction) -> Contact:
        site, contact = context.site, draft.new.contact
        if call is not None and (first := await first_response(tx, site, call, draft.now)):
            return Contact.from_json(first)
        await _check_field_types(tx, context, draft.checked)
        if draft.new.primary_email_key is not None:
            status = await get_email_status(tx, site, draft.new.primary_email_key)
            if status != NOTHING_RECORDED:
                contact = with_status(contact, status)
        document = contact.to_json().decode()
        await find_duplicate(tx, site, draft.new)
        event = contact_created(contact.id, document, context.identity, draft.now)
        await insert_contact(tx, site, draft.new, document, event)
        await register_fields(
            tx, site, draft.checked, draft.now, quota=context.settings.fields_quota
        )
        await insert_field_values(tx, site, contact.id, draft.checked)
        await _label(tx, context, draft)
        if call is not None and not await claim_key(tx, site, call, document, draft.now):
            raise _Changed
        return contact

    return await context.store.write(work)


async def _draft(
    context: Context, read: ReadInfo, allow_duplicates: bool, call: IdempotentCall | None
) -> _Draft:
    types = {}
    if keys := custom_keys(read.fields):
        types = await context.store.read(lambda tx: get_field_types(tx, context.site, keys))
    checked = check_fields(read.fields, types, strict=context.settings.strict_keys)
    now = Timestamp.current()
    contact = new_contact(
        read, checked.values, contact_id=new_id(), source=context.source(), now=now
    )
    primary = next((at for at, e in enumerate(contact.info.emails.items) if e.primary), None)
    new = NewContact(
        contact=contact,
        email_keys=read.email_keys,
        phone_keys=read.phone_keys,
        primary_email_key=None if primary is None else read.email_keys[primary],
        allow_duplicates=allow_duplicates,
        now=now,
    )
    return _Draft(new, checked, check_label_keys(read.info.label_keys.items), call, now)


async def _check_field_types(tx: Transaction, context: Context, checked: CheckedFields) -> None:
    """The types that the values were checked against must still hold."""
    if checked.types:
        now = await get_field_types(tx, context.site, checked.types)
        assumed = {key: kind for key, kind in checked.types.items() if key not in checked.new}
        if now != assumed:
            raise _Changed


async def _label(tx: Transaction, context: Context, draft: _Draft) -> None:
    keys = draft.new.contact.info.label_keys.items
    if keys:
        await register_labels(
            tx,
            context.site,
            draft.label_keys,
            draft.now,
            strict=context.settings.strict_keys,
            quota=context.settings.labels_quota,
        )
        await insert_contact_labels(tx, context.site, draft.new.contact.id, keys)


def _idempotent_call(
    context: Context, key: str | None, info: Any, allow_duplicates: bool
) -> IdempotentCall | None:
    if key is None:
        return None
    if not (isinstance(key, str) and 1 <= len(key) <= _LONGEST_KEY and key.isprintable()):
        raise MalformedRequest("An idempotency key has 1 to 255 printable characters")
    try:
        asked = json.dumps([info, allow_duplicates], sort_keys=True, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedRequest(
            f"With an idempotency key, info must have a form in JSON: {error}"
        ) from error
    digest = hashlib.sha256(asked.encode()).digest()
    return IdempotentCall(f"create_contact {context.identity.name}", key, digest)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value, enc_hook=repr)
    return dict(value) if isinstance(value, Mapping) else repr(value)
