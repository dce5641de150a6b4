"""Merges that were done, and their undoing, as callers ask for them and are told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.contact_merging import check_merge
from contactory.domain.contact_options import read_options
from contactory.domain.contacts import Contact
from contactory.domain.errors import ContactNotFound, DuplicateContact
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp
from contactory.kit.ids import as_guid

MERGE_OPTIONS: Final = frozenset({"sourceContactIds"})
PREVIEW_UNMERGE_OPTIONS: Final = frozenset({"targetContactId"})
UNMERGE_OPTIONS: Final = PREVIEW_UNMERGE_OPTIONS | {"allowDuplicates"}
MOST_LISTED: Final = 100
"""How many merges of one contact are listed."""

ANY_CONTACT: Final = "-"
"""Stands in a path for the target where the merge alone is named."""

_LONGEST_ID: Final = 100


class MergeContactsOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `merge_contacts`: the 1 to 5 contacts that become part of the target."""

    source_contact_ids: Sequence[str] = ()


class PreviewUnmergeOptions(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """Options of `preview_unmerge_contacts`: the target of the merge, where it is known."""

    target_contact_id: str | None = None


class UnmergeContactsOptions(PreviewUnmergeOptions, frozen=True, kw_only=True):
    """Options of `unmerge_contacts`; `allow_duplicates` as in creating contacts."""

    allow_duplicates: bool = False


class Merge(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A merge in the history of a contact; `undone_date` says since when it is undone."""

    id: str
    target_contact_id: str
    source_contact_ids: tuple[str, ...]
    merged_date: Timestamp
    undone_date: Timestamp | None = None


class UnmergeDuplicate(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """An e-mail or phone of `contact_id`, which comes back, that another contact has by now."""

    contact_id: str
    duplicate_contact_id: str
    duplicate_email: str | None = None
    duplicate_phone: str | None = None

    def error(self) -> DuplicateContact:
        """The error that tells of it."""
        return DuplicateContact(
            self.duplicate_contact_id, email=self.duplicate_email, phone=self.duplicate_phone
        )


class UnmergedContacts(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """The contacts after a merge was undone: the target, unless it was deleted, and the sources.

    `duplicates` are e-mails and phones that others got since: they stand in the way of an undo
    that does not allow duplicates.
    """

    target: Contact | None = None
    sources: tuple[Contact, ...]
    duplicates: tuple[UnmergeDuplicate, ...] = ()


class AskedUndo(msgspec.Struct, frozen=True):
    """Which merge shall be undone: by its id, or the latest of a target; at least one is there."""

    merge_id: str | None
    target_id: str | None
    allow_duplicates: bool


def read_undo(merge_id: Any, options: Any, known: frozenset[str]) -> AskedUndo:
    """What a call says of the merge to undo.

    Raises InvalidArgument, and ContactNotFound for a target that can be none.
    """
    problems = Problems()
    chosen: Mapping[str, Any] = read_options(options, known)
    named = chosen.get("targetContactId")
    target = None if named in (None, "", ANY_CONTACT) else named
    allow_duplicates = bool(problems.flag(chosen.get("allowDuplicates"), "allowDuplicates"))
    guid = None
    if merge_id not in (None, "") or target is None:
        guid = problems.guid(problems.required(merge_id, "mergeId", _LONGEST_ID), "mergeId")
    problems.check()
    if target is None:
        return AskedUndo(guid, None, allow_duplicates)
    target_id = as_guid(target) if isinstance(target, str) else None
    if target_id is None:
        raise ContactNotFound
    return AskedUndo(guid, target_id, allow_duplicates)


def read_sources(target_id: Any, options: Any, problems: Problems) -> tuple[str, ...]:
    """The sources that a merge names, checked together with what the problems have by then.

    Raises InvalidArgument, IllegalMerge.
    """
    chosen = read_options(options, MERGE_OPTIONS)
    named = target_id if isinstance(target_id, str) else ""
    return check_merge(named, chosen.get("sourceContactIds"), noted=problems)
