"""Contacts: what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contactory.domain.contact_options import (
    FIND_OPTIONS,
    GET_OPTIONS,
    LIST_OPTIONS,
    UPDATE_OPTIONS,
    CreateContactOptions,
    FindContactsOptions,
    GetContactOptions,
    ListContactsOptions,
    UpdateContactOptions,
    read_label_keys,
    read_options,
    read_revision,
    sent_allow_duplicates,
)
from contactory.domain.contact_query import (
    ContactsCount,
    ContactsPage,
    contact_query,
    read_query,
)
from contactory.domain.contact_reading import read_info
from contactory.domain.contact_selection import Selection
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.projection import projected, read_projection
from contactory.domain.query_building import Query
from contactory.domain.update_reading import read_update
from contactory.ops.contact_creating import create
from contactory.ops.contact_queries import found_page, with_exact_search
from contactory.ops.contact_updating import check_revision, delete_in, relabel_in, update_in
from contactory.ops.contact_writing import contact_guid, required_contact, written
from contactory.ops.context import Context
from contactory.ops.idempotency import idempotent_call
from contactory.ops.operation import Bound, operation
from contactory.store.contact_plans import stored_count
from contactory.store.engine import Transaction
from contactory.store.merges import current_contact


class Contacts(Bound):
    """The contact list of a site."""

    @operation(Permission.CONTACTS_MODIFY)
    async def create_contact(
        self,
        context: Context,
        info: ContactInfo | Mapping[str, Any],
        options: CreateContactOptions | Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Contact:
        """Create a contact and return it whole (CONTRACT B.1).

        `info` is a ContactInfo, or a mapping in REST names or the seed's; it needs a name, an
        e-mail or a phone. With an `idempotency_key`, the same call within 24 hours answers the
        first result again.

        Raises PermissionDenied, InvalidArgument, MultiplePrimaryInfo, InsufficientContactData,
        InvalidExtendedFieldValue, LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded,
        IdempotencyKeyReused, and DuplicateContact when another contact has one of the e-mails (or
        the phone, where no e-mail is given) and `allow_duplicates` is not set.
        """
        problems = Problems()
        allow_duplicates = bool(problems.flag(sent_allow_duplicates(options), "allowDuplicates"))
        read = read_info(info, noted=problems)
        call = idempotent_call(context, idempotency_key, info, allow_duplicates)
        if read.dropped:
            context.report_ignored(read.dropped)
        return await create(context, read, allow_duplicates=allow_duplicates, call=call)

    @operation(Permission.CONTACTS_VIEW)
    async def get_contact(
        self,
        context: Context,
        contact_id: str,
        options: GetContactOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """The contact with this id, whole or the parts that the options name (CONTRACT B.2).

        The id of a contact that was merged into another one gives that one.

        Raises PermissionDenied, ContactNotFound, InvalidArgument.
        """
        chosen = read_options(options, GET_OPTIONS)
        projection = read_projection(chosen.get("fields"), chosen.get("fieldsets"))
        guid = contact_guid(contact_id)
        stored = await context.store.read(lambda tx: current_contact(tx, context.site, guid))
        return projected(stored.contact, projection)

    @operation(Permission.CONTACTS_VIEW)
    async def list_contacts(
        self,
        context: Context,
        options: ListContactsOptions | Mapping[str, Any] | None = None,
    ) -> ContactsPage:
        """A page of all contacts: those made first come first (CONTRACT B.5).

        Options are `sort`, `paging` or `cursor_paging`, `fields` and `fieldsets`.

        Raises PermissionDenied, InvalidArgument, UnsupportedSortField, IllegalLimit.
        """
        sent = read_query(read_options(options, LIST_OPTIONS), path="")
        return await found_page(context, sent, Selection())

    @operation(Permission.CONTACTS_VIEW)
    async def find_contacts(
        self,
        context: Context,
        query: Mapping[str, Any] | None = None,
        options: FindContactsOptions | Mapping[str, Any] | None = None,
    ) -> ContactsPage:
        """A page of the contacts that match a query (CONTRACT B.6, D).

        `query` has `filter`, `sort`, `paging` or `cursorPaging`, `fields` and `fieldsets`. Options
        are `search`, a text that a contact has as its name, e-mail or phone (CONTRACT D.8), and
        `omit_total`.

        Raises PermissionDenied, InvalidArgument, UnsupportedSortField, IllegalLimit, and the errors
        of filters (CONTRACT D.5).
        """
        chosen = read_options(options, FIND_OPTIONS)
        problems = Problems()
        is_counted = not problems.flag(chosen.get("omitTotal"), "omitTotal")
        sent = read_query(query, search=chosen.get("search"), noted=problems)
        if problems.dropped:
            context.report_ignored(problems.dropped)
        return await found_page(context, sent, with_exact_search(sent), counted=is_counted)

    def query_contacts(
        self,
        query: Mapping[str, Any] | None = None,
        options: FindContactsOptions | Mapping[str, Any] | None = None,
    ) -> Query[Contact]:
        """A query of contacts to build step by step; `await` it, or its `find()` (CONTRACT I.1)."""
        return contact_query(self.find_contacts, query, options)

    @operation(Permission.CONTACTS_VIEW)
    async def count_contacts(self, context: Context) -> ContactsCount:
        """How many contacts there are (CONTRACT B.14). Raises PermissionDenied."""
        count = await context.store.read(lambda tx: stored_count(tx, context.site, "contacts"))
        return ContactsCount(count)

    @operation(Permission.CONTACTS_MODIFY)
    async def update_contact(
        self,
        context: Context,
        contact_id: str,
        info: ContactInfo | Mapping[str, Any],
        revision: int,
        options: UpdateContactOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """Change what `info` names of a contact and return it whole (CONTRACT B.3, E.1).

        `revision` is that of the contact as it was read. Lists are replaced as a whole, names and
        extended fields key by key; null and "" clear. With a `field_mask`, exactly the parts that
        it names are written.

        Raises PermissionDenied, InvalidArgument, ContactNotFound, ContactAlreadyChanged,
        InsufficientUpdateContactData, InsufficientContactData, MultiplePrimaryInfo,
        InvalidExtendedFieldValue, LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded,
        CannotUpdateMemberEmail and DuplicateContact.
        """
        chosen = read_options(options, UPDATE_OPTIONS)
        problems = Problems()
        allow_duplicates = bool(problems.flag(chosen.get("allowDuplicates"), "allowDuplicates"))
        number = read_revision(revision, "revision", problems)
        update = read_update(info, field_mask=chosen.get("fieldMask"), noted=problems)
        guid = contact_guid(contact_id)
        if update.dropped:
            context.report_ignored(update.dropped)

        async def work(tx: Transaction) -> Contact:
            stored = await required_contact(tx, context, guid)
            check_revision(stored, number)
            return await update_in(tx, context, stored, update, allow_duplicates=allow_duplicates)

        return await written(context, work)

    @operation(Permission.CONTACTS_MODIFY)
    async def delete_contact(self, context: Context, contact_id: str) -> None:
        """Delete a contact for good (CONTRACT B.4).

        Raises PermissionDenied, ContactNotFound, CannotDeleteMember.
        """
        guid = contact_guid(contact_id)

        async def work(tx: Transaction) -> None:
            await delete_in(tx, context, await required_contact(tx, context, guid))

        await written(context, work)

    @operation(Permission.CONTACTS_MODIFY)
    async def label_contact(
        self, context: Context, contact_id: str, label_keys: Sequence[str]
    ) -> Contact:
        """Add 1 to 100 labels to a contact and return it whole (CONTRACT B.8).

        Raises PermissionDenied, InvalidArgument, ContactNotFound, LabelNotFound.
        """
        keys = read_label_keys(label_keys)
        guid = contact_guid(contact_id)

        async def work(tx: Transaction) -> Contact:
            stored = await required_contact(tx, context, guid)
            return await relabel_in(tx, context, stored, added=keys)

        return await written(context, work)

    @operation(Permission.CONTACTS_MODIFY)
    async def unlabel_contact(
        self, context: Context, contact_id: str, label_keys: Sequence[str]
    ) -> Contact:
        """Take 1 to 100 labels away from a contact and return it whole (CONTRACT B.8).

        Raises PermissionDenied, InvalidArgument, ContactNotFound, LabelNotFound.
        """
        keys = read_label_keys(label_keys)
        guid = contact_guid(contact_id)

        async def work(tx: Transaction) -> Contact:
            stored = await required_contact(tx, context, guid)
            return await relabel_in(tx, context, stored, removed=keys)

        return await written(context, work)
