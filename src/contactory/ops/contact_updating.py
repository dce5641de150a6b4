"""How a contact is changed, labelled and deleted: each inside a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.domain.contact_events import contact_deleted, contact_updated
from contactory.domain.contact_updating import updated_contact
from contactory.domain.contacts import NO_KEYS, Contact, Keys
from contactory.domain.emails import email_key
from contactory.domain.errors import (
    CannotDeleteMember,
    CannotUpdateMemberEmail,
    ContactAlreadyChanged,
    LabelNotFound,
)
from contactory.domain.extended_fields import custom_keys
from contactory.domain.field_changes import FieldChanges, check_field_changes
from contactory.domain.labels import SYSTEM_LABELS
from contactory.domain.update_reading import ReadUpdate
from contactory.kit.clock import Timestamp
from contactory.ops.contact_registering import register_named
from contactory.ops.contact_writing import checked_entries, with_recorded_status
from contactory.ops.context import Context
from contactory.store.contacts import (
    ContactWrite,
    StoredContact,
    remove_contact,
    replace_contact,
)
from contactory.store.engine import Transaction
from contactory.store.extended_fields import hold_field_types
from contactory.store.labels import find_label


def check_revision(stored: StoredContact, revision: int) -> None:
    """Raise ContactAlreadyChanged unless the contact has this revision."""
    if stored.contact.revision != revision:
        raise ContactAlreadyChanged


async def register_in(tx: Transaction, context: Context, update: ReadUpdate) -> None:
    """See that the labels and custom fields exist that an update of several contacts names.

    Raises what `update_in` does of them.
    """
    changes = await _field_changes(tx, context, update)
    keys = (update.parts.get("label_keys") or NO_KEYS).items
    await register_named(tx, context, keys, changes.checked, Timestamp.current())


async def update_in(
    tx: Transaction,
    context: Context,
    stored: StoredContact,
    update: ReadUpdate,
    *,
    allow_duplicates: bool,
) -> Contact:
    """Write the update over the contact (CONTRACT E.1).

    Raises, before it writes the contact, InvalidExtendedFieldValue, LabelNotFound,
    InsufficientContactData, CannotUpdateMemberEmail, DuplicateContact and the errors of quotas;
    then Changed.
    """
    now, old = Timestamp.current(), stored.contact
    changes = await _field_changes(tx, context, update)
    contact = updated_contact(old, update, changes, now=now)
    contact = await with_recorded_status(tx, context, contact)
    if stored.member_id is not None and _primary_key(contact) != _primary_key(old):
        raise CannotUpdateMemberEmail
    emails = phones = None
    if update.emails is not None or update.phones is not None:
        emails, phones = await checked_entries(
            tx,
            context,
            contact,
            names_emails=update.emails is not None,
            allow_duplicates=allow_duplicates,
        )
    had = set(old.info.label_keys.items)
    added = [key for key in contact.info.label_keys.items if key not in had]
    await register_named(tx, context, added, changes.checked, now)
    write = ContactWrite(
        contact=contact,
        emails=emails,
        phones=phones,
        types=changes.checked.types,
        member_id=stored.member_id,
        events=[contact_updated(contact, context.identity, now, before=old)],
    )
    await replace_contact(tx, context.site, stored, write)
    return contact


async def relabel_in(
    tx: Transaction,
    context: Context,
    stored: StoredContact,
    *,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> Contact:
    """Add labels after those that are there, and take others away (CONTRACT B.8).

    Where that changes nothing, nothing is written. Raises LabelNotFound for labels that do not
    exist; then Changed.
    """
    await _check_labels_exist(tx, context, [*added, *removed])
    old = stored.contact
    gone = set(removed)
    keys = tuple(
        key for key in dict.fromkeys((*old.info.label_keys.items, *added)) if key not in gone
    )
    if keys == old.info.label_keys.items:
        return old
    now = Timestamp.current()
    contact = msgspec.structs.replace(
        old,
        revision=old.revision + 1,
        updated_date=now,
        info=msgspec.structs.replace(old.info, label_keys=Keys(items=keys) if keys else NO_KEYS),
    )
    write = ContactWrite(
        contact=contact,
        member_id=stored.member_id,
        events=[contact_updated(contact, context.identity, now, before=old)],
    )
    await replace_contact(tx, context.site, stored, write)
    return contact


async def delete_in(
    tx: Transaction, context: Context, stored: StoredContact, *, with_member: bool = False
) -> None:
    """Delete the contact. Raises CannotDeleteMember for a member's unless told to; then Changed."""
    if stored.member_id is not None and not with_member:
        raise CannotDeleteMember
    now = Timestamp.current()
    events = [contact_deleted(stored.contact, context.identity, now)]
    await remove_contact(tx, context.site, stored, events)


async def _check_labels_exist(tx: Transaction, context: Context, keys: Sequence[str]) -> None:
    missing = [
        key
        for key in dict.fromkeys(keys)
        if key not in SYSTEM_LABELS and not await find_label(tx, context.site, key)
    ]
    if missing:
        raise LabelNotFound(missing)


async def _field_changes(tx: Transaction, context: Context, update: ReadUpdate) -> FieldChanges:
    types = await hold_field_types(tx, context.site, custom_keys(update.fields))
    return check_field_changes(
        update.fields,
        types,
        strict=context.settings.strict_keys,
        replaces_all=update.replaces_fields,
    )


def _primary_key(contact: Contact) -> str | None:
    return email_key(contact.primary_email.email) if contact.primary_email else None
