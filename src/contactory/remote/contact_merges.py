"""Merges of a server elsewhere: the same calls as in `ops/contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.contact_options import read_options
from contactory.domain.contacts import Contact
from contactory.domain.merges import (
    ANY_CONTACT,
    MERGE_OPTIONS,
    PREVIEW_UNMERGE_OPTIONS,
    UNMERGE_OPTIONS,
    AskedUndo,
    Merge,
    MergeContactsOptions,
    PreviewUnmergeOptions,
    UnmergeContactsOptions,
    UnmergedContacts,
    read_undo,
)
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteMerges:
    """Merges contacts, undoes that, and tells of it."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def merge_contacts(
        self,
        target_contact_id: str,
        target_contact_revision: int,
        options: MergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """Make 1 to 5 other contacts part of this one and return it whole (CONTRACT B.7, E.2)."""
        values = {
            "targetContactId": target_contact_id,
            "targetContactRevision": target_contact_revision,
            **read_options(options, MERGE_OPTIONS),
        }
        return read_answer(Contact, await self._calls.call("contacts.merge_contacts", values))

    async def preview_merge_contacts(
        self,
        target_contact_id: str,
        options: MergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """The contact as `merge_contacts` would make it; nothing changes (CONTRACT B.7)."""
        values = {"targetContactId": target_contact_id, **read_options(options, MERGE_OPTIONS)}
        answer = await self._calls.call("contacts.preview_merge_contacts", values)
        return read_answer(Contact, answer)

    async def unmerge_contacts(
        self,
        merge_id: str | None,
        options: UnmergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> UnmergedContacts:
        """Undo a merge: its sources come back, and the target gives back what it gained."""
        asked = read_undo(merge_id, options, UNMERGE_OPTIONS)
        values = _named(asked) | {"allowDuplicates": asked.allow_duplicates}
        answer = await self._calls.call("contacts.unmerge_contacts", values)
        return read_answer(UnmergedContacts, answer)

    async def preview_unmerge_contacts(
        self,
        merge_id: str | None,
        options: PreviewUnmergeOptions | Mapping[str, Any] | None = None,
    ) -> UnmergedContacts:
        """The contacts as `unmerge_contacts` would make them; nothing changes."""
        asked = read_undo(merge_id, options, PREVIEW_UNMERGE_OPTIONS)
        answer = await self._calls.call("contacts.preview_unmerge_contacts", _named(asked))
        return read_answer(UnmergedContacts, answer)

    async def list_merges(self, contact_id: str) -> list[Merge]:
        """The latest 100 merges of a contact, newest first, also of one that is gone."""
        answer = await self._calls.call("contacts.list_merges", {"contactId": contact_id})
        return read_answer(list[Merge], answer)


def _named(asked: AskedUndo) -> dict[str, Any]:
    return {"mergeId": asked.merge_id, "targetContactId": asked.target_id or ANY_CONTACT}
