"""What every write of an existing contact does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from contactory.domain.contact_making import NOTHING_RECORDED, with_status
from contactory.domain.contact_parts import email_keys, phone_keys
from contactory.domain.contacts import Contact
from contactory.domain.emails import email_key
from contactory.domain.errors import ContactNotFound
from contactory.kit.ids import as_guid
from contactory.ops.context import Context
from contactory.store.contacts import (
    Changed,
    Entry,
    StoredContact,
    contact_entries,
    find_duplicate,
    load_contact,
)
from contactory.store.email_statuses import get_email_status
from contactory.store.engine import Transaction

T = TypeVar("T")

Entries = tuple[list[Entry], list[Entry]]
"""The e-mails and the phones of a contact."""


async def written(context: Context, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """The result of the work in one transaction; again where somebody else was faster."""
    while True:
        try:
            return await context.store.write(work)
        except Changed:
            continue


def contact_guid(contact_id: object) -> str:
    """The id in lower case. Raises ContactNotFound for what can be none: nobody has it."""
    guid = as_guid(contact_id) if isinstance(contact_id, str) else None
    if guid is None:
        raise ContactNotFound
    return guid


async def required_contact(tx: Transaction, context: Context, contact_id: str) -> StoredContact:
    """The contact. Raises ContactNotFound."""
    stored = await load_contact(tx, context.site, contact_id)
    if stored is None:
        raise ContactNotFound
    return stored


async def with_recorded_status(tx: Transaction, context: Context, contact: Contact) -> Contact:
    """The contact with what is recorded of the e-mail that is primary now."""
    if contact.primary_email is None:
        return contact
    key = email_key(contact.primary_email.email)
    status = await get_email_status(tx, context.site, key)
    return contact if status == NOTHING_RECORDED else with_status(contact, status)


async def checked_entries(
    tx: Transaction,
    context: Context,
    contact: Contact,
    *,
    names_emails: bool,
    allow_duplicates: bool,
) -> Entries:
    """The e-mails and phones of a contact whose lists were rewritten, as the guard keeps them.

    Entries that were exclusive stay so. E-mails are compared where the write names them, phones
    where no e-mail is left (CONTRACT F). Raises DuplicateContact unless duplicates are allowed.
    """
    emails = email_keys(contact.info.emails.items)
    phones = phone_keys(contact.info.phones.items)
    if not allow_duplicates:
        await find_duplicate(
            tx,
            context.site,
            contact,
            email_keys=emails if names_emails else (),
            phone_keys=() if emails else phones,
        )
    old_emails, old_phones = await contact_entries(tx, context.site, contact.id)
    guards = not allow_duplicates
    return (
        _as_entries(emails, old_emails, guards=guards and names_emails),
        [Entry(key, False) for key in phones]
        if emails
        else _as_entries(phones, old_phones, guards=guards),
    )


def _as_entries(keys: Sequence[str], old: Sequence[Entry], *, guards: bool) -> list[Entry]:
    exclusive = {entry.key for entry in old if entry.is_exclusive}
    return [Entry(key, guards or key in exclusive) for key in keys]
