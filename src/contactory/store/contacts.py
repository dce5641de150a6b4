"""Contacts: rows in and out, and the duplicate guard."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactIdAlreadyExists, DuplicateContact, Unavailable
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction
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


async def insert_contact(tx: Transaction, site: RowId, new: NewContact, document: str) -> None:
    """Insert the contact and its entries; entries in sorted order, so that writers never deadlock.

    Raises DuplicateContact, and ContactIdAlreadyExists where the id is taken.
    """
    contact = new.contact
    contact_id = RowId(contact.id)
    inserted = await tx.run(
        "insert_contact",
        site_id=site,
        id=contact_id,
        revision=contact.revision,
        now=new.now.ms,
        primary_email=new.primary_email_key,
        document=document,
    )
    if not inserted:
        raise ContactIdAlreadyExists
    exclusive = not new.allow_duplicates
    for position, key in _sorted(new.email_keys):
        if not await tx.run(
            "insert_email",
            site_id=site,
            contact_id=contact_id,
            position=position,
            normalised=key,
            exclusive=exclusive,
        ):
            found = await tx.row("find_email", site_id=site, normalised=key)
            raise _duplicate_email(new, key, found)
    for position, key in _sorted(new.phone_keys):
        if not await tx.run(
            "insert_phone",
            site_id=site,
            contact_id=contact_id,
            position=position,
            normalised=key,
            exclusive=exclusive and not new.email_keys,
        ):
            found = await tx.row("find_phone", site_id=site, normalised=key)
            raise _duplicate_phone(new, key, found)


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


def _sorted(keys: Sequence[str]) -> list[tuple[int, str]]:
    return sorted(enumerate(keys), key=lambda entry: entry[1])


def _duplicate_email(new: NewContact, key: str, found: Row | None) -> DuplicateContact:
    sent = new.contact.info.emails.items[new.email_keys.index(key)].email
    return DuplicateContact(_holder(found), email=sent)


def _duplicate_phone(new: NewContact, key: str, found: Row | None) -> DuplicateContact:
    sent = new.contact.info.phones.items[new.phone_keys.index(key)].phone
    return DuplicateContact(_holder(found), phone=sent)


def _holder(found: Row | None) -> str:
    if found is None:  # It was deleted between the two statements.
        raise Unavailable("the contact with this e-mail or phone is just changing: try again")
    return as_text(found[0])
