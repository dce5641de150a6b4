"""The calls about merges (CONTRACT B.7), their undoing and their history."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

_CONTACTS: Final = "/contacts/v4/contacts"
_TARGET: Final = f"{_CONTACTS}/{{targetContactId}}"
_UNDO_ERRORS: Final = ("CONTACT_NOT_FOUND", "NOT_FOUND", "FAILED_PRECONDITION")

MERGE_ROUTES: Final = (
    Route(
        verb="POST",
        path=f"{_TARGET}/merge",
        summary="Merge contacts.",
        about=(
            "Makes up to five other contacts part of the target, which gets what it lacks and they "
            "have; nothing of it is overwritten. They are gone, and their ids then give the "
            "target. `targetContactRevision` is that of the target as it was read. The answer is "
            "the whole target."
        ),
        operation="contacts.merge_contacts",
        arguments=("targetContactId", "targetContactRevision"),
        options=("sourceContactIds",),
        envelope="contact",
        errors=("CONTACT_NOT_FOUND", "ILLEGAL_MERGE", "FAILED_PRECONDITION"),
    ),
    Route(
        verb="POST",
        path=f"{_TARGET}/preview-merge",
        summary="Preview a merge.",
        about="The target as the merge would make it. Nothing changes.",
        operation="contacts.preview_merge_contacts",
        arguments=("targetContactId",),
        options=("sourceContactIds",),
        envelope="contact",
        errors=("CONTACT_NOT_FOUND", "ILLEGAL_MERGE", "FAILED_PRECONDITION"),
    ),
    Route(
        verb="POST",
        path=f"{_TARGET}/unmerge",
        summary="Undo a merge.",
        about=(
            "The merged contacts come back with their ids and all they had; the target gives back "
            "what it gained, and what was changed on it since stays. Without `mergeId`, the "
            "target's latest merge is undone; with it, the target may be `-`. Where somebody else "
            "got an e-mail of theirs since (or a phone, where they have no e-mail), nothing "
            "changes unless `allowDuplicates` is set. The answer has the `target`, unless it was "
            "deleted, and the `sources`."
        ),
        operation="contacts.unmerge_contacts",
        arguments=("mergeId",),
        options=("targetContactId", "allowDuplicates"),
        errors=(*_UNDO_ERRORS, "DUPLICATE_CONTACT_EXISTS"),
    ),
    Route(
        verb="POST",
        path=f"{_TARGET}/preview-unmerge",
        summary="Preview the undoing of a merge.",
        about=(
            "The answer that undoing the merge would give. Nothing changes. `duplicates` lists "
            "what others have by now, for which it would be refused."
        ),
        operation="contacts.preview_unmerge_contacts",
        arguments=("mergeId",),
        options=("targetContactId",),
        errors=_UNDO_ERRORS,
    ),
    Route(
        verb="GET",
        path=f"{_CONTACTS}/{{contactId}}/merges",
        summary="List the merges of a contact.",
        about=(
            "The latest 100 merges into a contact, and those that made it part of another one, "
            "newest first; also of a contact that is gone."
        ),
        operation="contacts.list_merges",
        arguments=("contactId",),
        envelope="merges",
        errors=("CONTACT_NOT_FOUND",),
    ),
)
