"""How a known contact gains what is said of it, inside a transaction of the caller's."""

from __future__ import annotations

import msgspec

from contactory.domain.contact_appending import appended_contact
from contactory.domain.contact_events import contact_updated
from contactory.domain.contact_parts import email_keys, info_with, phone_keys
from contactory.domain.contact_reading import ReadInfo
from contactory.domain.contact_upserting import upserted_contact
from contactory.domain.contacts import Contact, ContactEmails, ContactPhones
from contactory.domain.errors import DuplicateContact
from contactory.domain.extended_fields import CheckedFields, check_fields, custom_keys
from contactory.domain.submissions import Activity, with_activity
from contactory.kit.clock import Timestamp
from contactory.ops.contact_registering import register_named
from contactory.ops.contact_writing import Entries, with_recorded_status
from contactory.ops.context import Context
from contactory.store.contacts import (
    ContactWrite,
    Entry,
    StoredContact,
    contact_entries,
    find_duplicate,
    replace_contact,
)
from contactory.store.engine import Transaction
from contactory.store.extended_fields import hold_field_types


async def append_in(
    tx: Transaction, context: Context, stored: StoredContact, read: ReadInfo, activity: Activity
) -> Contact:
    """Add what the contact lacks (CONTRACT E.7); e-mails of others come without the guard.

    Raises InvalidExtendedFieldValue, LabelNotFound and the errors of quotas; then Changed.
    """
    now, old = Timestamp.current(), stored.contact
    checked = await _checked_fields(tx, context, read)
    contact = appended_contact(old, read, checked.values, now=now).contact
    contact = msgspec.structs.replace(contact, last_activity=old.last_activity)
    contact = with_activity(contact, activity, now)
    return await _write(tx, context, stored, contact, checked, refuses_taken=False)


async def upsert_in(
    tx: Transaction, context: Context, stored: StoredContact, read: ReadInfo
) -> Contact:
    """Write what was sent over the contact, and add to its lists (CONTRACT B.14).

    Raises what `append_in` raises, InvalidArgument for lists that would become too long, and
    DuplicateContact where another contact has an e-mail that
    this one would gain, or a phone while it has no e-mail.
    """
    checked = await _checked_fields(tx, context, read)
    now = Timestamp.current()
    contact = upserted_contact(stored.contact, read, checked.values, now=now)
    return await _write(tx, context, stored, contact, checked, refuses_taken=True)


async def check_free(tx: Transaction, context: Context, contact: Contact) -> None:
    """Raise DuplicateContact where another contact has one of the e-mails.

    Phones are compared where there is no e-mail (CONTRACT F).
    """
    emails, phones = email_keys(contact.info.emails.items), phone_keys(contact.info.phones.items)
    compared = () if emails else phones
    await find_duplicate(tx, context.site, contact, email_keys=emails, phone_keys=compared)


async def is_free(tx: Transaction, context: Context, contact: Contact) -> bool:
    """Whether no other contact has one of the e-mails, as `check_free` looks for them."""
    try:
        await check_free(tx, context, contact)
    except DuplicateContact:
        return False
    return True


async def _checked_fields(tx: Transaction, context: Context, read: ReadInfo) -> CheckedFields:
    types = await hold_field_types(tx, context.site, custom_keys(read.fields))
    return check_fields(read.fields, types, strict=context.settings.strict_keys)


async def _write(
    tx: Transaction,
    context: Context,
    stored: StoredContact,
    contact: Contact,
    checked: CheckedFields,
    *,
    refuses_taken: bool,
) -> Contact:
    old = stored.contact
    now = contact.updated_date or Timestamp.current()
    contact = await with_recorded_status(tx, context, contact)
    emails, phones = await _entries(tx, context, old, contact, refuses_taken=refuses_taken)
    had = set(old.info.label_keys.items)
    added = [key for key in contact.info.label_keys.items if key not in had]
    await register_named(tx, context, added, checked, now)
    write = ContactWrite(
        contact=contact,
        emails=emails,
        phones=phones,
        types=checked.types,
        member_id=stored.member_id,
        events=[contact_updated(contact, context.identity, now, before=old)],
    )
    await replace_contact(tx, context.site, stored, write)
    return contact


async def _entries(
    tx: Transaction, context: Context, old: Contact, contact: Contact, *, refuses_taken: bool
) -> Entries | tuple[None, None]:
    """The entries of the contact as the guard shall keep them; None where none was gained.

    Old ones stay what they are, but that a phone is not guarded beside an e-mail. A gained one is
    guarded where nobody else has it; with `refuses_taken`, it raises DuplicateContact otherwise.
    """
    emails, phones = email_keys(contact.info.emails.items), phone_keys(contact.info.phones.items)
    if emails == email_keys(old.info.emails.items) and phones == phone_keys(old.info.phones.items):
        return None, None
    old_emails, old_phones = await contact_entries(tx, context.site, contact.id)
    known = {entry.key: entry for entry in old_emails}
    by_email = [
        known.get(key)
        or await _gained(tx, context, _with_only(contact, emails=at), key, refuses=refuses_taken)
        for at, key in enumerate(emails)
    ]
    if emails:
        return by_email, [Entry(key, False) for key in phones]
    known = {entry.key: entry for entry in old_phones}
    by_phone = [
        known.get(key)
        or await _gained(tx, context, _with_only(contact, phones=at), key, refuses=refuses_taken)
        for at, key in enumerate(phones)
    ]
    return by_email, by_phone


async def _gained(
    tx: Transaction, context: Context, only: Contact, key: str, *, refuses: bool
) -> Entry:
    if refuses:
        await check_free(tx, context, only)
        return Entry(key, True)
    return Entry(key, await is_free(tx, context, only))


def _with_only(contact: Contact, *, emails: int = -1, phones: int = -1) -> Contact:
    """The contact with nothing but one e-mail or one phone."""
    info = contact.info
    items: dict[str, object] = {
        "emails": ContactEmails(
            items=info.emails.items[emails : emails + 1] if emails >= 0 else ()
        ),
        "phones": ContactPhones(
            items=info.phones.items[phones : phones + 1] if phones >= 0 else ()
        ),
    }
    return msgspec.structs.replace(contact, info=info_with(info, items))
