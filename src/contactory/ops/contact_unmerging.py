"""How a merge is undone: the sources come back, the target loses what it gained.

Merges into one target are undone in any order. What a later merge would have brought too goes with
the earlier one; the later one's sources have it still, and again once that merge is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from contactory.domain.contact_events import UNMERGE, contact_created, contact_updated
from contactory.domain.contact_parts import email_keys, keys_or_none, phone_keys
from contactory.domain.contacts import NO_KEYS, Contact, ExtendedFields
from contactory.domain.errors import ContactNotFound, FailedPrecondition, NotFound
from contactory.domain.events import Event
from contactory.domain.extended_fields import FieldType, FieldValue, custom_keys, field_value
from contactory.domain.labels import SYSTEM_LABELS
from contactory.domain.merge_undoing import restored_source, unmerged_target
from contactory.domain.merges import (
    MOST_LISTED,
    AskedUndo,
    Merge,
    UnmergedContacts,
    UnmergeDuplicate,
)
from contactory.kit.clock import Timestamp
from contactory.ops.contact_writing import required_contact, with_recorded_status, written
from contactory.ops.context import Context
from contactory.store.contacts import (
    Changed,
    ContactWrite,
    Entry,
    StoredContact,
    contact_entries,
    insert_contact,
    insert_entries,
    load_contact,
    replace_contact,
)
from contactory.store.engine import Transaction
from contactory.store.extended_fields import hold_field_types
from contactory.store.labels import find_label
from contactory.store.merges import (
    HeldEntry,
    MergedSource,
    StoredMerge,
    any_holder,
    exclusive_holder,
    get_merge,
    latest_merge,
    list_merges,
    mark_undone,
    merge_of_source,
    return_visitors,
)


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing a merge writes, before anything is written."""

    merge: StoredMerge
    old_target: StoredContact | None
    target: ContactWrite | None
    sources: Sequence[ContactWrite]
    duplicates: Sequence[UnmergeDuplicate]
    dropped: Sequence[str]
    now: Timestamp

    @property
    def result(self) -> UnmergedContacts:
        """The contacts as they are then."""
        return UnmergedContacts(
            target=self.target.contact if self.target else None,
            sources=tuple(write.contact for write in self.sources),
            duplicates=tuple(self.duplicates),
        )


class _Kept(msgspec.Struct, frozen=True):
    """A list of entries as it shall be kept, and what others have of it by now."""

    entries: list[Entry]
    duplicates: list[UnmergeDuplicate]


async def undo(context: Context, asked: AskedUndo) -> UnmergedContacts:
    """Undo the merge in one transaction, and report what could not come back.

    Raises DuplicateContact, and what `_planned` raises.
    """

    async def work(tx: Transaction) -> Undo:
        plan = await _planned(tx, context, asked)
        if plan.duplicates and not asked.allow_duplicates:
            # They may be what another undo has just brought back.
            if (await _found(tx, context, asked)).id != plan.merge.id:
                raise Changed
            raise plan.duplicates[0].error()
        await _write(tx, context, plan)
        return plan

    return _reported(context, await written(context, work))


async def preview_undo(context: Context, asked: AskedUndo) -> UnmergedContacts:
    """What `undo` would answer; nothing is written. Raises what `_planned` raises."""
    plan = await context.store.read(lambda tx: _planned(tx, context, asked))
    return _reported(context, plan)


async def listed_merges(context: Context, contact_id: str) -> list[Merge]:
    """The merges of a contact, also of one that is gone. Raises ContactNotFound."""

    async def work(tx: Transaction) -> list[Merge]:
        merges = await list_merges(tx, context.site, contact_id, MOST_LISTED)
        if not merges:
            await required_contact(tx, context, contact_id)
        return merges

    return await context.store.read(work)


def _reported(context: Context, plan: Undo) -> UnmergedContacts:
    if plan.dropped:
        context.report_ignored(plan.dropped)
    return plan.result


async def _planned(tx: Transaction, context: Context, asked: AskedUndo) -> Undo:
    """What undoing the merge would write. Nothing is written yet.

    Raises NotFound for a merge that is none, or none of this target; ContactNotFound for a target
    that never was; and FailedPrecondition where the merge was undone before, where the target was
    merged into another contact since, and where no merge of the target is left.
    """
    site, now = context.site, Timestamp.current()
    merge = await _found(tx, context, asked)
    old = await load_contact(tx, site, merge.target_id)
    if old is None and (later := await merge_of_source(tx, site, merge.target_id)):
        raise FailedPrecondition(
            "The target was merged into another contact since: undo that merge first",
            mergeId=later,
        )
    sources: list[ContactWrite] = []
    duplicates: list[UnmergeDuplicate] = []
    dropped: list[str] = []
    for at, source in enumerate(merge.sources):
        write, found, lost = await _restored(tx, context, merge, source, now)
        sources.append(write)
        duplicates += found
        dropped += [f"sources[{at}].{path}" for path in lost]
    target = None
    if old is not None:
        target, found = await _unmerged(tx, context, merge, old, sources, now)
        duplicates += found
    return Undo(
        merge=merge,
        old_target=old,
        target=target,
        sources=sources,
        duplicates=duplicates,
        dropped=dropped,
        now=now,
    )


async def _write(tx: Transaction, context: Context, plan: Undo) -> None:
    """Write what was planned in this transaction. Raises Changed, FailedPrecondition."""
    site, merge = context.site, plan.merge
    if not await mark_undone(tx, site, merge.id, plan.now):
        raise _undone_before(merge)
    writes = list(plan.sources)
    # The target first: sources take back what it has of theirs.
    if plan.old_target is not None and plan.target is not None:
        writes.append(plan.target)
        await replace_contact(tx, site, plan.old_target, _without_entries(plan.target))
    for write in plan.sources:
        await insert_contact(tx, site, _without_entries(write), shares_later=True)
    await insert_entries(tx, site, writes)
    for source in merge.sources:
        await return_visitors(tx, site, source, merge.target_id)


def _without_entries(write: ContactWrite) -> ContactWrite:
    return msgspec.structs.replace(write, emails=(), phones=())


async def _found(tx: Transaction, context: Context, asked: AskedUndo) -> StoredMerge:
    merge_id = asked.merge_id or await _latest(tx, context, str(asked.target_id))
    merge = await get_merge(tx, context.site, merge_id)
    if merge is None:
        raise NotFound(f"There is no merge {merge_id}")
    if asked.target_id not in (None, merge.target_id):
        raise NotFound(f"{merge_id} is no merge into the contact {asked.target_id}")
    if merge.undone is not None:
        raise _undone_before(merge)
    return merge


async def _latest(tx: Transaction, context: Context, target_id: str) -> str:
    found = await latest_merge(tx, context.site, target_id)
    if found is not None:
        return found
    if await load_contact(tx, context.site, target_id) is None:
        raise ContactNotFound
    raise FailedPrecondition("No merge into this contact is left to undo", contactId=target_id)


def _undone_before(merge: StoredMerge) -> FailedPrecondition:
    return FailedPrecondition("The merge was undone before", mergeId=merge.id)


async def _restored(
    tx: Transaction, context: Context, merge: StoredMerge, source: MergedSource, now: Timestamp
) -> tuple[ContactWrite, list[UnmergeDuplicate], list[str]]:
    """The source as it comes back, what others have of it by now, and the paths of what is lost."""
    contact = restored_source(source.contact, now=now)
    contact, types, lost = await _with_what_exists(tx, context, contact)
    contact = await with_recorded_status(tx, context, contact)
    emails = await _kept_of_source(tx, context, "email", source, merge.target_id)
    phones = await _kept_of_source(tx, context, "phone", source, merge.target_id)
    write = ContactWrite(
        contact=contact,
        emails=emails.entries,
        phones=phones.entries,
        types=types,
        events=[_come_back(contact, context, now)],
    )
    return write, [*emails.duplicates, *phones.duplicates], lost


def _come_back(contact: Contact, context: Context, now: Timestamp) -> Event:
    """Told after the deletion, which took the number of the next revision."""
    event = contact_created(contact, context.identity, now, origin=UNMERGE)
    return msgspec.structs.replace(event, entity_sequence=2 * contact.revision)


async def _kept_of_source(
    tx: Transaction, context: Context, kind: str, source: MergedSource, target_id: str
) -> _Kept:
    """The source's e-mails or phones; those that somebody shared with it then may be shared now."""
    is_compared = kind == "email" or not source.entries.emails
    held = source.entries.emails if kind == "email" else source.entries.phones
    kept = _Kept([], [])
    for at, entry in enumerate(held):
        await _keep(
            tx,
            context,
            kind,
            entry,
            kept,
            _Owner(source.contact, at, target_id, is_compared and not entry.is_shared),
        )
    return kept


class _Owner(msgspec.Struct, frozen=True):
    """Whose entry it is, at which place, who besides may have it, and whether others may."""

    contact: Contact
    at: int
    but: str
    is_compared: bool


async def _keep(
    tx: Transaction, context: Context, kind: str, entry: Entry, kept: _Kept, owner: _Owner
) -> None:
    """Add an entry that is exclusive only where nobody else has it."""
    site = context.site
    is_exclusive = entry.is_exclusive
    if is_exclusive and await exclusive_holder(tx, site, kind, entry.key, owner.but):
        is_exclusive = False
    if owner.is_compared and (other := await any_holder(tx, site, kind, entry.key, owner.but)):
        is_exclusive = False
        kept.duplicates.append(_duplicate(kind, owner, other))
    kept.entries.append(Entry(entry.key, is_exclusive))


def _duplicate(kind: str, owner: _Owner, other: str) -> UnmergeDuplicate:
    info = owner.contact.info
    return UnmergeDuplicate(
        contact_id=owner.contact.id,
        duplicate_contact_id=other,
        duplicate_email=info.emails.items[owner.at].email if kind == "email" else None,
        duplicate_phone=info.phones.items[owner.at].phone if kind == "phone" else None,
    )


async def _with_what_exists(
    tx: Transaction, context: Context, contact: Contact
) -> tuple[Contact, dict[str, FieldType], list[str]]:
    """The contact without labels and custom values that are no more, with the paths of these."""
    info, site = contact.info, context.site
    labels = [
        key
        for key in info.label_keys.items
        if key in SYSTEM_LABELS or await find_label(tx, site, key)
    ]
    values = info.extended_fields.items
    types = await hold_field_types(tx, site, custom_keys(values))
    fitting = dict(_fitting(values, types))
    lost = [f"info.labelKeys.{key}" for key in info.label_keys.items if key not in labels]
    lost += [f"info.extendedFields.{key}" for key in values if key not in fitting]
    if not lost:
        return contact, types, []
    info = msgspec.structs.replace(
        info,
        label_keys=keys_or_none(labels) or NO_KEYS,
        extended_fields=ExtendedFields(items=fitting),
    )
    return msgspec.structs.replace(contact, info=info), types, lost


def _fitting(
    values: dict[str, FieldValue], types: dict[str, FieldType]
) -> Iterator[tuple[str, FieldValue]]:
    """Values of system fields, and of custom ones that their fields take as they are by now."""
    for key, value in values.items():
        if not key.startswith("custom."):
            yield key, value
        elif key in types:
            try:
                yield key, field_value(types[key], value)
            except ValueError:
                continue


async def _unmerged(
    tx: Transaction,
    context: Context,
    merge: StoredMerge,
    old: StoredContact,
    sources: Sequence[ContactWrite],
    now: Timestamp,
) -> tuple[ContactWrite, list[UnmergeDuplicate]]:
    """The target as it is then, and what others have of it by now that it gets back."""
    gone = [source.contact for source in merge.sources]
    contact = unmerged_target(old.contact, merge.before, merge.after, gone, now=now)
    contact = await with_recorded_status(tx, context, contact)
    now_emails, now_phones = await contact_entries(tx, context.site, contact.id)
    taken = [entry for write in sources for entry in write.emails or ()]
    emails = await _kept_of_target(
        tx, context, "email", contact, (now_emails, merge.entries.emails, taken)
    )
    taken = [entry for write in sources for entry in write.phones or ()]
    phones = await _kept_of_target(
        tx, context, "phone", contact, (now_phones, merge.entries.phones, taken)
    )
    types = await hold_field_types(
        tx, context.site, custom_keys(contact.info.extended_fields.items)
    )
    write = ContactWrite(
        contact=contact,
        emails=emails.entries,
        phones=phones.entries,
        types=types,
        member_id=old.member_id,
        events=[
            contact_updated(contact, context.identity, now, before=old.contact, origin=UNMERGE)
        ],
    )
    return write, [*emails.duplicates, *phones.duplicates]


async def _kept_of_target(
    tx: Transaction,
    context: Context,
    kind: str,
    contact: Contact,
    known: tuple[Sequence[Entry], Sequence[HeldEntry], Sequence[Entry]],
) -> _Kept:
    """The target's e-mails or phones, of which `known` are those now, before, and the sources'.

    What was exclusive now or before is so again, unless a source takes it back as its own; phones
    only without e-mails. Where the target gets entries back that it has not now, they are compared.
    """
    emails = email_keys(contact.info.emails.items)
    keys = emails if kind == "email" else phone_keys(contact.info.phones.items)
    guards = kind == "email" or not emails
    now, before, taken = known
    exclusive = {entry.key for entry in (*now, *before) if entry.is_exclusive}
    exclusive -= {entry.key for entry in taken if entry.is_exclusive}
    there = {entry.key for entry in now} | {entry.key for entry in before if entry.is_shared}
    kept = _Kept([], [])
    for at, key in enumerate(keys):
        entry = Entry(key, guards and key in exclusive)
        owner = _Owner(contact, at, contact.id, guards and key not in there)
        await _keep(tx, context, kind, entry, kept, owner)
    return kept
