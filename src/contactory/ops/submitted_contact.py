"""Submitted contacts: what visitors, members and programs say of a person (CONTRACT B.13, E.7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from contactory.domain.contact_making import NOTHING_RECORDED
from contactory.domain.contact_showing import shown
from contactory.domain.contacts import Contact
from contactory.domain.errors import (
    ContactIdAlreadyExists,
    DuplicateContact,
    InsufficientContactData,
    InsufficientPermission,
)
from contactory.domain.permissions import Permission
from contactory.domain.submissions import (
    Activity,
    Submission,
    SubmitAnswer,
    SubmittedAs,
    overrides_in,
    read_submission,
    with_activity,
)
from contactory.kit.clock import Timestamp
from contactory.ops.contact_appending import append_in, is_free
from contactory.ops.contact_creating import Draft, draft_of, write_new
from contactory.ops.context import Context
from contactory.ops.operation import Bound, operation
from contactory.store.contacts import Changed, StoredContact, contact_of_member, load_contact
from contactory.store.engine import Transaction
from contactory.store.merges import current_contact
from contactory.store.submissions import attach_visitor, contact_of_visitor, find_holder

_MOST_LOST_RACES: Final = 10


class SubmittedContact(Bound):
    """What people say of themselves in forms, and programs of people that they met."""

    @operation(Permission.CONTACTS_SUBMIT)
    async def append_or_create_contact(
        self, context: Context, submission: Mapping[str, Any] | None = None
    ) -> SubmitAnswer:
        """Add the submitted `info` to the contact that it is about, or make one (CONTRACT E.7).

        A member writes the member's own contact. Otherwise the contact is found by e-mail, then by
        phone, then by the visitor's session. What is there is not overwritten. Nothing is written
        to a member's contact unless the member is signed in.

        Callers with the permission CONTACTS.SUBMIT_WITH_OVERRIDES may also send the `contactId`
        of the contact that is meant, the `activity` that shows as its last, and in `options`
        `overrideVisitorId` or `overrideMemberId` for whom they submit.

        Raises PermissionDenied, InsufficientPermission, InvalidArgument, MultiplePrimaryInfo,
        InsufficientContactData, ContactNotFound, InvalidExtendedFieldValue, LabelNotFound,
        LabelsQuotaReached and FieldsQuotaExceeded.
        """
        needed = Permission.CONTACTS_SUBMIT_WITH_OVERRIDES
        overrides = overrides_in(submission)
        if overrides and needed not in context.identity.permissions:
            raise InsufficientPermission(needed.value, overrides)
        asked = read_submission(submission, context.identity)
        if asked.dropped:
            context.report_ignored(asked.dropped)
        lost_races = 0
        while True:
            draft = await _draft(context, asked)
            try:
                return await context.store.write(partial(_submit, context, asked, draft))
            except (Changed, ContactIdAlreadyExists):
                continue
            except DuplicateContact:
                # Somebody else was faster: now there is a contact to append to.
                lost_races += 1
                if lost_races > _MOST_LOST_RACES:
                    raise


async def _draft(context: Context, asked: Submission) -> Draft | None:
    """The contact that the submission makes where there is none yet."""
    if asked.contact_id is not None or not asked.read.is_enough:
        return None
    member_id = asked.submitter.member_id
    draft = await draft_of(context, asked.read, allow_duplicates=False, member_id=member_id)
    contact = shown(draft.contact, NOTHING_RECORDED, is_member=member_id is not None)
    if asked.activity is not None:
        contact = with_activity(contact, asked.activity, draft.now)
    return msgspec.structs.replace(draft, contact=contact)


async def _submit(
    context: Context, asked: Submission, draft: Draft | None, tx: Transaction
) -> SubmitAnswer:
    stored = await _found(tx, context, asked)
    kind = _kind(asked, stored)
    if stored is None:
        contact = await _create(tx, context, draft, asked.submitter.visitor_id)
    elif kind is SubmittedAs.NOT_AUTHENTICATED_MEMBER:
        return SubmitAnswer(contact_id=stored.contact.id, identity_type=kind, new_contact=False)
    else:
        activity = asked.activity or Activity()
        contact = await append_in(tx, context, stored, asked.read, activity)
    if visitor_id := asked.submitter.visitor_id:
        await attach_visitor(tx, context.site, visitor_id, contact.id, Timestamp.current())
    return SubmitAnswer(contact_id=contact.id, identity_type=kind, new_contact=stored is None)


async def _found(tx: Transaction, context: Context, asked: Submission) -> StoredContact | None:
    """The contact that the submission is about. Raises ContactNotFound for an id that is none."""
    site, who, read = context.site, asked.submitter, asked.read
    if asked.contact_id is not None:
        return await current_contact(tx, site, asked.contact_id)
    if who.member_id is not None:
        found = await contact_of_member(tx, site, who.member_id)
    else:
        found = await find_holder(tx, site, email_keys=read.email_keys, phone_keys=read.phone_keys)
        if found is None and who.visitor_id is not None:
            found = await contact_of_visitor(tx, site, who.visitor_id)
    return None if found is None else await load_contact(tx, site, found)


def _kind(asked: Submission, stored: StoredContact | None) -> SubmittedAs:
    is_members = stored is not None and stored.member_id is not None
    if asked.contact_id is not None:
        return SubmittedAs.MEMBER if is_members else SubmittedAs.CONTACT
    if asked.submitter.member_id is not None:
        return SubmittedAs.MEMBER
    return SubmittedAs.NOT_AUTHENTICATED_MEMBER if is_members else SubmittedAs.CONTACT


async def _create(
    tx: Transaction, context: Context, draft: Draft | None, visitor_id: str | None
) -> Contact:
    if draft is None:
        raise InsufficientContactData
    if draft.member_id is not None and not await is_free(tx, context, draft.contact):
        # A member gets a contact of their own even so; the other one keeps what is guarded.
        draft = msgspec.structs.replace(draft, allow_duplicates=True)
    return await write_new(tx, context, draft, shares_later=visitor_id is not None)
