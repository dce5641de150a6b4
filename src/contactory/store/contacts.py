"""Contacts: rows in and out, and the duplicate guard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import msgspec

from contactory.domain.contact_documents import ContactDocument
from contactory.domain.contact_index import ContactIndex, contact_index
from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactIdAlreadyExists, DuplicateContact
from contactory.domain.events import Event
from contactory.domain.extended_fields import FieldType
from contactory.domain.search_words import SearchWords, search_words
from contactory.domain.spellings import spellings, words_to_spell
from contactory.kit.ids import RowId, number_of
from contactory.store.contact_rows import (
    count_changes,
    counted_values,
    label_changes,
    term_changes,
    value_changes,
    word_row,
)
from contactory.store.engine import Row, Statement, Transaction
from contactory.store.outbox import event_row
from contactory.store.rows import as_text


class Changed(Exception):
    """Something that was read for this write has changed meanwhile: start again."""


class Entry(msgspec.Struct, frozen=True):
    """An e-mail or phone of a contact as the guard knows it."""

    key: str
    is_exclusive: bool


class StoredContact(msgspec.Struct, frozen=True):
    """A contact as it is stored and shown, and the member whose it is."""

    contact: Contact
    member_id: str | None = None


class ContactWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A contact as it shall be. `emails` and `phones` are None where they stay as they are.

    `types` has the types of all custom fields whose values are new; `events` are written with it.
    `words` are those of the contact and `document` its JSON, where they are at hand.
    """

    contact: Contact
    emails: Sequence[Entry] | None = None
    phones: Sequence[Entry] | None = None
    types: Mapping[str, FieldType] = {}
    member_id: str | None = None
    events: Sequence[Event] = ()
    words: SearchWords | None = None
    document: str | None = None


async def find_duplicate(
    tx: Transaction,
    site: RowId,
    contact: Contact,
    *,
    email_keys: Sequence[str],
    phone_keys: Sequence[str],
) -> None:
    """Raise DuplicateContact where another contact has one of the e-mails or phones (CONTRACT F).

    Entries that are not exclusive are found only here; for exclusive ones, two racing writers meet
    in the unique index afterwards.
    """
    asked = _asks_for_others(site, contact, email_keys, phone_keys)
    for at, found in enumerate(await tx.rows_of(asked)):
        if found and at < len(email_keys):
            raise _duplicate_email(contact, at, found[0])
        if found:
            raise _duplicate_phone(contact, at - len(email_keys), found[0])


def asked_before_insert(
    site: RowId,
    contact: Contact,
    *,
    email_keys: Sequence[str],
    phone_keys: Sequence[str],
    primary_email_key: str | None,
) -> Iterator[Statement]:
    """The questions about a new contact: most people have no other contact, and no status yet."""
    yield from _asks_for_others(site, contact, email_keys, phone_keys)
    if primary_email_key is not None:
        yield "get_email_status", {"site_id": site, "normalised": primary_email_key}


async def look_ahead_of_insert(
    tx: Transaction, site: RowId, asked: Iterator[Statement], words: SearchWords
) -> None:
    """Have at hand what is looked up on the way to `insert_contact`."""
    await tx.look_ahead(_all_asked(tx, site, asked, words))


def _all_asked(
    tx: Transaction, site: RowId, asked: Iterator[Statement], words: SearchWords
) -> Iterator[Statement]:
    """Made only where they are taken: stores in this process look nothing up ahead."""
    yield from asked
    yield from _asks_for_spellings(site, tx.unspelled(site, words_to_spell(words)))


async def insert_unknown_contact(
    tx: Transaction, site: RowId, write: ContactWrite, asked: Sequence[Statement]
) -> bool:
    """Insert the contact unless one of the questions has an answer; whether it was inserted.

    It is one statement, after which the transaction writes nothing. Where it inserted nothing, the
    work may go on. Only for a transaction that asks while it writes.
    """
    words = words_to_spell(write.words or search_words(write.contact))
    unknown = tx.unspelled(site, words)
    guarded, others, totals = _inserts(tx, site, write)
    # To spell a known word out again costs less than to ask for it.
    shared = [*_spelled_out(site, unknown), *totals]
    if not await tx.run_guarded(guarded, [*others, *shared], ends=True, unless=asked):
        return False
    tx.note_spelled(site, unknown)
    return True


async def insert_contact(
    tx: Transaction,
    site: RowId,
    write: ContactWrite,
    *,
    ends: bool = False,
    shares_later: bool = False,
) -> None:
    """Insert the contact, its entries, what it is looked up by, and its events.

    `ends` says that the transaction writes nothing after it; `shares_later` that it does write what
    others may hold, such as another contact, so that what contacts share comes at its end. Raises
    DuplicateContact, and ContactIdAlreadyExists where the id is taken.
    """
    words = words_to_spell(write.words or search_words(write.contact))
    guarded, others, totals = _inserts(tx, site, write)
    shared = [*await _new_spellings(tx, site, words), *totals]
    if shares_later:
        tx.at_end(shared)
    else:
        others += shared
    if not await tx.run_guarded(guarded, others, ends=ends):
        await _raise_conflict(tx, site, write)


def _inserts(
    tx: Transaction, site: RowId, write: ContactWrite
) -> tuple[list[Statement], list[Statement], list[Statement]]:
    """The rows of a new contact: those that must all go in, others, and its totals."""
    contact, owner = write.contact, RowId(write.contact.id)
    index = contact_index(contact)
    words = write.words or search_words(contact)
    guarded = [
        ("insert_contact", _row(site, owner, write, index)),
        *_entries("insert_email", site, owner, write.emails or ()),
        *_entries("insert_phone", site, owner, write.phones or ()),
    ]
    others = [
        ("insert_search_words", word_row(tx.dialect, site, owner, words)),
        ("insert_document", _document(site, owner, write)),
        *term_changes(site, owner, None, index),
        *label_changes(site, owner, None, contact),
        *value_changes(site, owner, None, contact, write.types),
        *[("insert_event", event_row(site, event)) for event in write.events],
    ]
    fields = counted_values(None, contact, write.types)
    return guarded, others, [*count_changes(site, owner, None, index, fields)]


async def replace_contact(
    tx: Transaction, site: RowId, old: StoredContact, write: ContactWrite
) -> None:
    """Write the contact over what was read of it.

    Raises Changed where somebody else wrote it since, or took one of its e-mails or phones, which
    whoever writes has looked for in the same transaction.
    """
    contact, owner = write.contact, RowId(write.contact.id)
    before, after = contact_index(old.contact), contact_index(contact)
    row = _row(site, owner, write, after) | {"read_revision": old.contact.revision}
    if not await tx.run("update_contact", **row):
        raise Changed
    for kind, entries in (("email", write.emails), ("phone", write.phones)):
        if entries is not None:
            await tx.run(f"delete_{kind}s", site_id=site, contact_id=owner)
            statements = _entries(f"insert_{kind}", site, owner, entries)
            if statements and await tx.run_all(statements) < len(statements):
                raise Changed  # Somebody took one since it was looked for.
    statements = [
        ("update_document", _document(site, owner, write)),
        *term_changes(site, owner, before, after),
        *label_changes(site, owner, old.contact, contact),
        *value_changes(site, owner, old.contact, contact, write.types),
        *[("insert_event", event_row(site, event)) for event in write.events],
    ]
    words = search_words(contact)
    if words != search_words(old.contact):
        statements.append(("update_search_words", word_row(tx.dialect, site, owner, words)))
        tx.at_end(await _new_spellings(tx, site, words_to_spell(words)))
    await tx.run_all(statements)
    counted = counted_values(old.contact, contact, write.types)
    tx.at_end(count_changes(site, owner, before, after, counted))


async def insert_entries(tx: Transaction, site: RowId, writes: Sequence[ContactWrite]) -> None:
    """Insert the entries of contacts that have none yet, of all together by key.

    Raises Changed where somebody took one since it was looked for.
    """
    emails, phones = (
        sorted(
            [
                statement
                for write in writes
                for statement in _entries(
                    f"insert_{kind}",
                    site,
                    RowId(write.contact.id),
                    getattr(write, f"{kind}s") or (),
                )
            ],
            key=lambda statement: statement[1]["normalised"],
        )
        for kind in ("email", "phone")
    )
    for statements in (emails, phones):
        if statements and await tx.run_all(statements) < len(statements):
            raise Changed


async def hold_ids(tx: Transaction, site: RowId, ids: Iterable[str]) -> dict[str, int]:
    """The revisions of those of the contacts that exist: nobody else writes them until the end.

    Whoever writes several takes them all, and in this order, before the first is written.
    """
    rows = await tx.rows("hold_contacts", site_id=site, ids=" ".join(ids))
    return {as_text(contact_id): revision for contact_id, revision in rows}


async def hold_contacts(tx: Transaction, site: RowId, read: Sequence[StoredContact]) -> None:
    """Nobody else writes these contacts until the end. Raises Changed as `replace_contact` does."""
    contacts = [stored.contact for stored in read]
    if await hold_ids(tx, site, [one.id for one in contacts]) != {
        one.id: one.revision for one in contacts
    }:
        raise Changed


async def remove_contact(
    tx: Transaction, site: RowId, old: StoredContact, events: Sequence[Event]
) -> None:
    """Delete the contact with all that belongs to it. Raises Changed as `replace_contact` does."""
    owner = RowId(old.contact.id)
    key = _key(site, owner)
    before = contact_index(old.contact)
    await hold_contacts(tx, site, [old])
    # First: an index of words may go by a number that stands in the contact.
    await tx.run("delete_search_words", **key)
    if not await tx.run("delete_contact", **key, read_revision=old.contact.revision):
        raise Changed
    await tx.run_all(
        [
            *term_changes(site, owner, before, None),
            *label_changes(site, owner, old.contact, None),
            *value_changes(site, owner, old.contact, None, {}),
            ("delete_visitors", {"site_id": site, "contact_id": owner}),
            *[("insert_event", event_row(site, event)) for event in events],
        ]
    )
    counted = counted_values(old.contact, None, {})
    tx.at_end(count_changes(site, owner, before, None, counted))


async def load_contact(tx: Transaction, site: RowId, contact_id: str) -> StoredContact | None:
    """The contact as it is shown now; None if there is none."""
    row = await tx.row("get_contact", site_id=site, id=RowId(contact_id))
    return None if row is None else StoredContact(contact_document(row).contact, row[-1])


def contact_document(row: Row) -> ContactDocument:
    """A contact from its document, the statuses of its primary e-mail, and its member."""
    document, subscription, deliverability, member_id = row
    status = EmailStatus(subscription, deliverability) if subscription else NOTHING_RECORDED
    return ContactDocument(document, status, is_member=member_id is not None)


async def contact_entries(
    tx: Transaction, site: RowId, contact_id: str
) -> tuple[list[Entry], list[Entry]]:
    """The e-mails and the phones of a contact, in their order."""
    owner = {"site_id": site, "contact_id": RowId(contact_id)}
    emails = await tx.rows("get_emails", **owner)
    phones = await tx.rows("get_phones", **owner)
    return _as_entries(emails), _as_entries(phones)


def _as_entries(rows: Sequence[Row]) -> list[Entry]:
    return [Entry(key, bool(is_exclusive)) for key, is_exclusive in rows]


async def contact_of_member(tx: Transaction, site: RowId, member_id: str) -> str | None:
    """The id of the member's contact, if there is one."""
    row = await tx.row("get_member_contact", site_id=site, member_id=member_id)
    return as_text(row[0]) if row else None


async def _new_spellings(tx: Transaction, site: RowId, words: Sequence[str]) -> list[Statement]:
    """Statements that make the words known that are not yet."""
    unknown = tx.unspelled(site, words)
    if not unknown:
        return []
    tx.note_spelled(site, unknown)
    known = await tx.rows_of(_asks_for_spellings(site, unknown))
    new = [word for word, found in zip(unknown, known, strict=True) if not found]
    return _spelled_out(site, new)


def _spelled_out(site: RowId, words: Sequence[str]) -> list[Statement]:
    """Statements that make the words known; those that are known already do no harm."""
    rows = {(spelling, word) for word in words for spelling in spellings(word)}
    return [
        ("insert_spelling", {"site_id": site, "spelling": spelling, "word": word})
        for spelling, word in sorted(rows)
    ]


def _asks_for_spellings(site: RowId, words: Sequence[str]) -> list[Statement]:
    return [("knows_spelling", {"site_id": site, "word": word}) for word in words]


def _asks_for_others(
    site: RowId, contact: Contact, email_keys: Sequence[str], phone_keys: Sequence[str]
) -> list[Statement]:
    owner = RowId(contact.id)
    return [
        (query, {"site_id": site, "normalised": key, "contact_id": owner})
        for query, keys in (
            ("find_email_of_others", email_keys),
            ("find_phone_of_others", phone_keys),
        )
        for key in keys
    ]


def _key(site: RowId, owner: RowId) -> dict[str, RowId]:
    return {"site_id": site, "id": owner}


def _row(site: RowId, owner: RowId, write: ContactWrite, index: ContactIndex) -> dict[str, Any]:
    contact = write.contact
    created, updated = contact.created_date, contact.updated_date
    return {
        "number": number_of(owner),
        "site_id": site,
        "id": owner,
        "revision": contact.revision,
        "created_at": created.ms if created else 0,
        "updated_at": updated.ms if updated else 0,
        "member_id": write.member_id,
        **index.columns,
    }


def _document(site: RowId, owner: RowId, write: ContactWrite) -> dict[str, Any]:
    return {**_key(site, owner), "document": write.document or write.contact.to_json().decode()}


def _entries(query: str, site: RowId, owner: RowId, entries: Sequence[Entry]) -> list[Statement]:
    """In sorted order, so that two writers never wait for each other in a circle."""
    return [
        (
            query,
            {
                "site_id": site,
                "contact_id": owner,
                "position": at,
                "normalised": entries[at].key,
                "exclusive": entries[at].is_exclusive,
            },
        )
        for at in sorted(range(len(entries)), key=lambda at: entries[at].key)
    ]


async def _raise_conflict(tx: Transaction, site: RowId, write: ContactWrite) -> NoReturn:
    """Say which row was not inserted, because another contact's stands in its place."""
    emails = [entry.key for entry in write.emails or ()]
    phones = [entry.key for entry in write.phones or ()]
    await find_duplicate(tx, site, write.contact, email_keys=emails, phone_keys=phones)
    raise ContactIdAlreadyExists


def _duplicate_email(contact: Contact, at: int, found: Row) -> DuplicateContact:
    return DuplicateContact(as_text(found[0]), email=contact.info.emails.items[at].email)


def _duplicate_phone(contact: Contact, at: int, found: Row) -> DuplicateContact:
    return DuplicateContact(as_text(found[0]), phone=contact.info.phones.items[at].phone)
