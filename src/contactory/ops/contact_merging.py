"""How contacts are merged into one of them (CONTRACT E.2)."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.contact_events import (
    MERGE,
    contact_deleted,
    contact_merged,
    contact_updated,
)
from contactory.domain.contact_merging import merged_contact
from contactory.domain.contact_parts import email_keys, phone_keys
from contactory.domain.contacts import Contact
from contactory.domain.errors import FailedPrecondition
from contactory.domain.extended_fields import custom_keys
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.contact_writing import Entries, required_contact, with_recorded_status
from contactory.ops.context import Context
from contactory.store.contacts import (
    ContactWrite,
    Entry,
    StoredContact,
    hold_contacts,
    remove_contact,
    replace_contact,
)
from contactory.store.engine import Transaction
from contactory.store.extended_fields import hold_field_types
from contactory.store.merges import (
    HeldEntries,
    MergedSource,
    StoredMerge,
    held_entries,
    insert_merge,
    visitors_of,
)


async def preview_in(
    tx: Transaction, context: Context, target_id: str, source_ids: Sequence[str]
) -> Contact:
    """The target as the merge would make it; nothing is written. Raises what `merge_in` raises."""
    target = await required_contact(tx, context, target_id)
    sources = await _sources(tx, context, source_ids)
    return await _merged(tx, context, target, sources, Timestamp.current())


async def merge_in(
    tx: Transaction,
    context: Context,
    target_id: str,
    source_ids: Sequence[str],
    *,
    revision: int,
) -> Contact:
    """Make the sources part of the target, which must have this revision.

    What the merge removes is kept, so that it can be undone. Sources are removed before the target
    is written, in one transaction: no one else can take their e-mails in between.

    Raises ContactNotFound, FailedPrecondition, IllegalMerge; then Changed.
    """
    site, now = context.site, Timestamp.current()
    target = await required_contact(tx, context, target_id)
    _check_revision(target, revision)
    sources = await _sources(tx, context, source_ids)
    merged = await _merged(tx, context, target, sources, now)
    group = frozenset((target_id, *source_ids))
    kept = [
        MergedSource(
            source.contact,
            await held_entries(tx, site, source.contact.id, group),
            await visitors_of(tx, site, source.contact.id),
        )
        for source in sources
    ]
    own = await held_entries(tx, site, target_id, group)
    merge = StoredMerge(
        id=new_id(), before=target.contact, after=merged, entries=own, sources=kept, merged=now
    )
    fields = custom_keys(merged.info.extended_fields.items)
    types = await hold_field_types(tx, site, fields)
    await hold_contacts(tx, site, [target, *sources])
    await insert_merge(tx, site, merge)
    for source in sources:
        gone = contact_deleted(source.contact, context.identity, now, origin=MERGE)
        await remove_contact(tx, site, source, [gone])
    emails, phones = _merged_entries(merged, [own, *(source.entries for source in kept)])
    write = ContactWrite(
        contact=merged,
        emails=emails,
        phones=phones,
        types=types,
        member_id=target.member_id,
        events=[
            contact_updated(merged, context.identity, now, before=target.contact, origin=MERGE),
            contact_merged(merged, source_ids, context.identity, now),
        ],
    )
    await replace_contact(tx, site, target, write)
    return merged


def _check_revision(target: StoredContact, revision: int) -> None:
    if target.contact.revision != revision:
        raise FailedPrecondition(
            f"The target has another revision than {revision}: read it again",
            contactId=target.contact.id,
        )


async def _sources(
    tx: Transaction, context: Context, source_ids: Sequence[str]
) -> list[StoredContact]:
    sources = [await required_contact(tx, context, source_id) for source_id in source_ids]
    for source in sources:
        if source.member_id is not None:
            raise FailedPrecondition(
                "The contact of a site member cannot be merged into another one",
                contactId=source.contact.id,
            )
    return sources


async def _merged(
    tx: Transaction,
    context: Context,
    target: StoredContact,
    sources: Sequence[StoredContact],
    now: Timestamp,
) -> Contact:
    merged = merged_contact(target.contact, [source.contact for source in sources], now=now)
    return await with_recorded_status(tx, context, merged)


def _merged_entries(merged: Contact, held: Sequence[HeldEntries]) -> Entries:
    """What was exclusive for one of the contacts stays so, phones only without e-mails."""
    emails = email_keys(merged.info.emails.items)
    exclusive_emails = {entry.key for one in held for entry in one.emails if entry.is_exclusive}
    exclusive_phones = {entry.key for one in held for entry in one.phones if entry.is_exclusive}
    return (
        [Entry(key, key in exclusive_emails) for key in emails],
        [
            Entry(key, not emails and key in exclusive_phones)
            for key in phone_keys(merged.info.phones.items)
        ],
    )
