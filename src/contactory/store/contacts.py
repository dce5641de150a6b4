"""Contacts: rows in and out, and the duplicate guard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactIdAlreadyExists, DuplicateContact
from contactory.domain.events import Event
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Statement, Transaction
from contactory.store.outbox import event_row
from contactory.store.rows import as_text


class NewContact(msgspec.Struct, frozen=True):
    """A contact to insert, with the keys under which others are its duplicates."""

    contact: Contact
    email_keys: tuple[str, ...]
    phone_keys: tuple[str, ...]
    primary_email_key: str | None
    allow_duplicates: bool
    now: Timestamp


async def find_duplicate(tx: Transaction, site: RowId, new: NewContact) -> None:
    """Raise DuplicateContact where somebody has an e-mail, or without e-mails a phone (CONTRACT F).

    Entries that are not exclusive are found only here; for exclusive ones, two racing writers meet
    in the unique index afterwards.
    """
    if new.allow_duplicates:
        return
    for key in new.email_keys:
        if found := await tx.row("find_email", site_id=site, normalised=key):
            raise _duplicate_email(new, key, found)
    if not new.email_keys:
        for key in new.phone_keys:
            if found := await tx.row("find_phone", site_id=site, normalised=key):
                raise _duplicate_phone(new, key, found)


async def insert_contact(
    tx: Transaction, site: RowId, new: NewContact, document: str, event: Event
) -> None:
    """Insert the contact, its entries and its event.

    Entries go in sorted order, so that two writers never wait for each other in a circle. Raises
    DuplicateContact, and ContactIdAlreadyExists where the id is taken.
    """
    contact = new.contact
    owner = {"site_id": site, "contact_id": RowId(contact.id)}
    row = {
        "site_id": site,
        "id": owner["contact_id"],
        "revision": contact.revision,
        "now": new.now.ms,
        "primary_email": new.primary_email_key,
        "document": document,
    }
    guards_emails = not new.allow_duplicates
    guards_phones = guards_emails and not new.email_keys
    statements = [
        ("insert_contact", row),
        *_entries("insert_email", owner, new.email_keys, exclusive=guards_emails),
        *_entries("insert_phone", owner, new.phone_keys, exclusive=guards_phones),
        ("insert_event", event_row(site, event)),
    ]
    if await tx.run_all(statements) < len(statements):
        await _raise_conflict(tx, site, new)


def _entries(
    query: str, owner: dict[str, RowId], keys: Sequence[str], *, exclusive: bool
) -> list[Statement]:
    positions = sorted(range(len(keys)), key=keys.__getitem__)
    return [
        (query, {**owner, "position": at, "normalised": keys[at], "exclusive": exclusive})
        for at in positions
    ]


async def _raise_conflict(tx: Transaction, site: RowId, new: NewContact) -> NoReturn:
    """Say which row was not inserted, because another contact's stands in its place."""
    for key in new.email_keys:
        found = await tx.row("find_email", site_id=site, normalised=key)
        if found is not None and as_text(found[0]) != new.contact.id:
            raise _duplicate_email(new, key, found)
    for key in new.phone_keys:
        found = await tx.row("find_phone", site_id=site, normalised=key)
        if found is not None and as_text(found[0]) != new.contact.id:
            raise _duplicate_phone(new, key, found)
    raise ContactIdAlreadyExists


async def get_contact(
    tx: Transaction, site: RowId, contact_id: str
) -> tuple[Contact, EmailStatus] | None:
    """The contact as written, and what is recorded of its primary e-mail; None if there is none."""
    row = await tx.row("get_contact", site_id=site, id=RowId(contact_id))
    if row is None:
        return None
    document, subscription, deliverability = row
    status = EmailStatus(subscription, deliverability) if subscription else NOTHING_RECORDED
    return Contact.from_json(document), status


def _duplicate_email(new: NewContact, key: str, found: Row) -> DuplicateContact:
    sent = new.contact.info.emails.items[new.email_keys.index(key)].email
    return DuplicateContact(as_text(found[0]), email=sent)


def _duplicate_phone(new: NewContact, key: str, found: Row) -> DuplicateContact:
    sent = new.contact.info.phones.items[new.phone_keys.index(key)].phone
    return DuplicateContact(as_text(found[0]), phone=sent)
