"""Merges: what they removed, and which contact stands for another one now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactNotFound
from contactory.domain.merges import Merge
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.contacts import Entry, StoredContact, contact_entries, load_contact
from contactory.store.engine import Transaction
from contactory.store.rows import as_instant_or_none, as_text


class HeldEntry(Entry, frozen=True, kw_only=True):
    """An entry at the time of a merge; `is_shared` where a contact outside of it had it too."""

    is_shared: bool = False


class HeldEntries(msgspec.Struct, frozen=True):
    """The e-mails and the phones of a contact, in their order."""

    emails: Sequence[HeldEntry] = ()
    phones: Sequence[HeldEntry] = ()


class MergedSource(msgspec.Struct, frozen=True):
    """A contact that a merge removed, and the visitors who were known by it."""

    contact: Contact
    entries: HeldEntries
    visitors: Sequence[str] = ()


class StoredMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge with all that is needed to undo it; `entries` are the target's before it."""

    id: str
    before: Contact
    after: Contact
    entries: HeldEntries
    sources: Sequence[MergedSource]
    merged: Timestamp
    undone: Timestamp | None = None

    @property
    def target_id(self) -> str:
        """The contact that the sources became part of."""
        return self.before.id


_entries: Final = msgspec.json.Decoder(HeldEntries)
_visitors: Final = msgspec.json.Decoder(list[str])


async def current_contact(tx: Transaction, site: RowId, contact_id: str) -> StoredContact:
    """The contact, or that into which it was merged, also over several merges.

    Raises ContactNotFound.
    """
    seen: set[str] = set()
    while (stored := await load_contact(tx, site, contact_id)) is None:
        row = await tx.row("get_merge_target", site_id=site, source_id=RowId(contact_id))
        if row is None or contact_id in seen:
            raise ContactNotFound
        seen.add(contact_id)
        contact_id = as_text(row[0])
    return stored


async def held_entries(
    tx: Transaction, site: RowId, contact_id: str, group: frozenset[str]
) -> HeldEntries:
    """The entries of a contact that will be merged with the rest of the group."""
    emails, phones = await contact_entries(tx, site, contact_id)
    return HeldEntries(
        [await _held(tx, site, "email", entry, contact_id, group) for entry in emails],
        [await _held(tx, site, "phone", entry, contact_id, group) for entry in phones],
    )


async def insert_merge(tx: Transaction, site: RowId, merge: StoredMerge) -> None:
    """Keep what the merge will remove, and move the sources' visitors to the target."""
    target = RowId(merge.target_id)
    key = {"site_id": site, "merge_id": RowId(merge.id)}
    await tx.run(
        "insert_merge",
        site_id=site,
        id=RowId(merge.id),
        target_id=target,
        merged_at=merge.merged.ms,
        before=merge.before.to_json().decode(),
        after=merge.after.to_json().decode(),
        entries=_json(merge.entries),
    )
    for position, source in enumerate(merge.sources):
        owner = RowId(source.contact.id)
        await tx.run(
            "insert_merged_contact",
            **key,
            source_id=owner,
            target_id=target,
            position=position,
            document=source.contact.to_json().decode(),
            entries=_json(source.entries),
            visitors=_json(source.visitors),
        )
        await tx.run("move_visitors", site_id=site, source_id=owner, target_id=target)


async def get_merge(tx: Transaction, site: RowId, merge_id: str) -> StoredMerge | None:
    """The merge, None if there is none."""
    row = await tx.row("get_merge", site_id=site, id=RowId(merge_id))
    if row is None:
        return None
    _, merged, undone, before, after, entries = row
    sources = await tx.rows("get_merged_contacts", site_id=site, merge_id=RowId(merge_id))
    return StoredMerge(
        id=merge_id,
        before=Contact.from_json(before),
        after=Contact.from_json(after),
        entries=_entries.decode(entries),
        sources=[
            MergedSource(Contact.from_json(document), _entries.decode(held), _visitors.decode(seen))
            for document, held, seen in sources
        ],
        merged=Timestamp.from_ms(merged),
        undone=as_instant_or_none(undone),
    )


async def latest_merge(tx: Transaction, site: RowId, target_id: str) -> str | None:
    """The id of the target's latest merge that is not undone."""
    row = await tx.row("get_latest_merge", site_id=site, target_id=RowId(target_id))
    return as_text(row[0]) if row else None


async def merge_of_source(tx: Transaction, site: RowId, contact_id: str) -> str | None:
    """The id of the merge that took the contact away, unless it was undone."""
    row = await tx.row("get_merge_of_source", site_id=site, source_id=RowId(contact_id))
    return as_text(row[0]) if row else None


async def mark_undone(tx: Transaction, site: RowId, merge_id: str, now: Timestamp) -> bool:
    """Note that the merge is undone; False where it was before."""
    if not await tx.run("undo_merge", site_id=site, id=RowId(merge_id), now=now.ms):
        return False
    await tx.run("undo_merged_contacts", site_id=site, merge_id=RowId(merge_id))
    return True


async def list_merges(tx: Transaction, site: RowId, contact_id: str, most: int) -> list[Merge]:
    """Merges of the contact, as target or as source, newest first."""
    rows = await tx.rows("list_merges", site_id=site, contact_id=RowId(contact_id), most=most)
    found = []
    for merge_id, target_id, merged, undone in rows:
        key = {"site_id": site, "merge_id": RowId(as_text(merge_id))}
        sources = await tx.rows("list_merge_sources", **key)
        found.append(
            Merge(
                id=as_text(merge_id),
                target_contact_id=as_text(target_id),
                source_contact_ids=tuple(as_text(row[0]) for row in sources),
                merged_date=Timestamp.from_ms(merged),
                undone_date=as_instant_or_none(undone),
            )
        )
    return found


async def visitors_of(tx: Transaction, site: RowId, contact_id: str) -> list[str]:
    """The visitors who are known by the contact."""
    rows = await tx.rows("list_visitors", site_id=site, contact_id=RowId(contact_id))
    return [row[0] for row in rows]


async def return_visitors(
    tx: Transaction, site: RowId, source: MergedSource, target_id: str
) -> None:
    """Give a source its visitors back, unless another contact got them since."""
    ids = {"source_id": RowId(source.contact.id), "target_id": RowId(target_id)}
    for visitor in source.visitors:
        await tx.run("return_visitor", site_id=site, visitor_id=visitor, **ids)


async def exclusive_holder(
    tx: Transaction, site: RowId, kind: str, key: str, but: str
) -> str | None:
    """Who has the e-mail or phone exclusively, other than one contact; `kind` says which it is."""
    found = await tx.row(
        f"find_exclusive_{kind}", site_id=site, normalised=key, contact_id=RowId(but)
    )
    return as_text(found[0]) if found else None


async def any_holder(tx: Transaction, site: RowId, kind: str, key: str, but: str) -> str | None:
    """As `exclusive_holder`, also one who shares it."""
    found = await tx.row(
        f"find_{kind}_of_others", site_id=site, normalised=key, contact_id=RowId(but)
    )
    return as_text(found[0]) if found else None


async def _held(
    tx: Transaction, site: RowId, kind: str, entry: Entry, owner: str, group: frozenset[str]
) -> HeldEntry:
    rows = await tx.rows(
        f"list_{kind}_holders",
        site_id=site,
        normalised=entry.key,
        contact_id=RowId(owner),
        most=len(group),
    )
    is_shared = any(as_text(row[0]) not in group for row in rows)
    return HeldEntry(entry.key, entry.is_exclusive, is_shared=is_shared)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
