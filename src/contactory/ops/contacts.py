"""Contacts: what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contactory.domain.bulk_jobs import (
    BulkDeleteContactsOptions,
    BulkJob,
    BulkLabelContactsOptions,
    BulkUpdateContactsOptions,
    StartedBulkJob,
)
from contactory.domain.contact_options import (
    BULK_UPSERT_OPTIONS,
    FIND_OPTIONS,
    GET_OPTIONS,
    LIST_OPTIONS,
    UPDATE_OPTIONS,
    BulkUpsertOptions,
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
from contactory.domain.contact_search import SearchedContacts, read_contact_search
from contactory.domain.contact_selection import Selection
from contactory.domain.contact_upserting import BulkUpsertResults, UpsertedContact
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.facets import (
    FacetsPage,
    ListFacetsOptions,
    QueryFacetsOptions,
    read_listed_facets,
    read_queried_facets,
)
from contactory.domain.merges import (
    PREVIEW_UNMERGE_OPTIONS,
    UNMERGE_OPTIONS,
    Merge,
    MergeContactsOptions,
    PreviewUnmergeOptions,
    UnmergeContactsOptions,
    UnmergedContacts,
    read_sources,
    read_undo,
)
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.domain.projection import projected, read_projection
from contactory.domain.query_building import Query
from contactory.domain.update_reading import read_update
from contactory.ops.bulk_jobs import (
    bulk_job,
    bulk_jobs,
    start_delete,
    start_labelling,
    start_update,
)
from contactory.ops.contact_creating import create
from contactory.ops.contact_facets import shown_facets
from contactory.ops.contact_merging import merge_in, preview_in
from contactory.ops.contact_queries import found_page, with_exact_search
from contactory.ops.contact_searching import search as found_by_words
from contactory.ops.contact_unmerging import listed_merges, preview_undo, undo
from contactory.ops.contact_updating import check_revision, delete_in, relabel_in, update_in
from contactory.ops.contact_upserting import bulk_upsert, upsert
from contactory.ops.contact_writing import contact_guid, required_contact, written
from contactory.ops.context import Context
from contactory.ops.idempotency import idempotent_call
from contactory.ops.operation import Bound, operation
from contactory.store.contact_counts import count_everybody
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
        count = await context.store.read(lambda tx: count_everybody(tx, context.site))
        return ContactsCount(count)

    @operation(Permission.CONTACTS_VIEW)
    async def search_contacts(
        self, context: Context, search: Mapping[str, Any] | str
    ) -> SearchedContacts:
        """A page of the contacts that have some words, the last as a beginning (CONTRACT B.14).

        `search` is the words, or has `search`, which is `{mode, expression, fields, fuzzy}`, and
        what queries have: `filter`, `sort`, `cursorPaging` or `paging`, `fields`, `fieldsets`.

        Raises PermissionDenied, InvalidArgument, UnsupportedSortField, IllegalLimit, and the errors
        of filters (CONTRACT D.5).
        """
        problems = Problems()
        sent, words = read_contact_search(search, problems)
        if problems.dropped:
            context.report_ignored(problems.dropped)
        return await found_by_words(context, sent, words)

    @operation(Permission.CONTACTS_VIEW)
    async def list_facets(
        self,
        context: Context,
        options: ListFacetsOptions | Mapping[str, Any] | None = None,
    ) -> FacetsPage:
        """A page of the groups of contacts, with their sizes and filters (CONTRACT B.9, E.6).

        Options are `paging` and `language`. Raises PermissionDenied, InvalidArgument, IllegalLimit.
        """
        return await shown_facets(context, read_listed_facets(options))

    @operation(Permission.CONTACTS_VIEW)
    async def query_facets(
        self,
        context: Context,
        options: QueryFacetsOptions | Mapping[str, Any] | None = None,
    ) -> FacetsPage:
        """As `list_facets`, counting only the contacts that `filter` leaves (CONTRACT B.9).

        Options are `filter`, on statuses of e-mails, `paging`, `language` and `omit_count`. Raises
        PermissionDenied, InvalidArgument, IllegalLimit, and the errors of filters (CONTRACT D.5).
        """
        return await shown_facets(context, read_queried_facets(options))

    @operation(Permission.CONTACTS_MODIFY)
    async def upsert_contact(
        self, context: Context, info: ContactInfo | Mapping[str, Any]
    ) -> UpsertedContact:
        """Write over the contact that has the e-mail, or else make one (CONTRACT B.14).

        Without an e-mail, the contact is found by phone. Single values that are sent overwrite,
        entries of lists are appended, and nothing is taken away.

        Raises PermissionDenied, InvalidArgument, MultiplePrimaryInfo, InsufficientContactData,
        InvalidExtendedFieldValue, LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded, and
        DuplicateContact when a third contact has an e-mail that this one would gain.
        """
        read = read_info(info)
        if read.dropped:
            context.report_ignored(read.dropped)
        return await upsert(context, read)

    @operation(Permission.CONTACTS_MODIFY)
    async def bulk_upsert_contacts(
        self,
        context: Context,
        infos: Sequence[ContactInfo | Mapping[str, Any]],
        options: BulkUpsertOptions | Mapping[str, Any] | None = None,
    ) -> BulkUpsertResults:
        """Upsert 1 to 100 contacts, each by itself, and say what became of each (CONTRACT B.14).

        With `return_full_entity`, the results hold the contacts. Raises PermissionDenied,
        InvalidArgument, Unavailable; errors of single items stand in their results.
        """
        chosen = read_options(options, BULK_UPSERT_OPTIONS)
        problems = Problems()
        is_full = bool(problems.flag(chosen.get("returnFullEntity"), "returnFullEntity"))
        problems.check()
        return await bulk_upsert(context, infos, returns_contacts=is_full)

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

    @operation(Permission.CONTACTS_MERGE)
    async def merge_contacts(
        self,
        context: Context,
        target_contact_id: str,
        target_contact_revision: int,
        options: MergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """Make 1 to 5 other contacts part of this one and return it whole (CONTRACT B.7, E.2).

        Options are `source_contact_ids`. The target gets what it lacks and a source has; nothing
        of it is overwritten. The sources are gone, and their ids then give the target. Undo it
        with `unmerge_contacts`; `list_merges` has its id.

        Raises PermissionDenied, InvalidArgument, ContactNotFound, IllegalMerge, and
        FailedPrecondition for another revision of the target and for a member's contact as source.
        """
        problems = Problems()
        number = read_revision(target_contact_revision, "targetContactRevision", problems)
        sources = read_sources(target_contact_id, options, problems)
        guid = contact_guid(target_contact_id)
        return await written(
            context, lambda tx: merge_in(tx, context, guid, sources, revision=number)
        )

    @operation(Permission.CONTACTS_MERGE)
    async def preview_merge_contacts(
        self,
        context: Context,
        target_contact_id: str,
        options: MergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """The contact as `merge_contacts` would make it; nothing changes (CONTRACT B.7).

        Raises PermissionDenied, InvalidArgument, ContactNotFound, IllegalMerge, and
        FailedPrecondition for a member's contact as source.
        """
        sources = read_sources(target_contact_id, options, Problems())
        guid = contact_guid(target_contact_id)
        return await context.store.read(lambda tx: preview_in(tx, context, guid, sources))

    @operation(Permission.CONTACTS_MERGE)
    async def unmerge_contacts(
        self,
        context: Context,
        merge_id: str | None,
        options: UnmergeContactsOptions | Mapping[str, Any] | None = None,
    ) -> UnmergedContacts:
        """Undo a merge: its sources come back, and the target gives back what it gained.

        What was changed on the target since stays. Without a `merge_id`, the latest merge of the
        option `target_contact_id` is undone. Where somebody else got an e-mail of a source since
        (or a phone, where it has no e-mail), nothing changes unless `allow_duplicates` is set.
        Labels and custom fields that were deleted since do not come back, which is reported as
        ignored values are. Where the target was deleted, the sources come back alone.

        Raises PermissionDenied, InvalidArgument, ContactNotFound, DuplicateContact, NotFound for
        a merge that is none of this target, and FailedPrecondition where it was undone before or
        where another merge must be undone first, which data names.
        """
        return await undo(context, read_undo(merge_id, options, UNMERGE_OPTIONS))

    @operation(Permission.CONTACTS_MERGE)
    async def preview_unmerge_contacts(
        self,
        context: Context,
        merge_id: str | None,
        options: PreviewUnmergeOptions | Mapping[str, Any] | None = None,
    ) -> UnmergedContacts:
        """The contacts as `unmerge_contacts` would make them; nothing changes.

        `duplicates` lists what others have by now, for which it would be refused.

        Raises PermissionDenied, InvalidArgument, ContactNotFound, NotFound and FailedPrecondition.
        """
        return await preview_undo(context, read_undo(merge_id, options, PREVIEW_UNMERGE_OPTIONS))

    @operation(Permission.CONTACTS_VIEW)
    async def list_merges(self, context: Context, contact_id: str) -> list[Merge]:
        """The latest 100 merges of a contact, newest first, also of one that is gone.

        Merges into it count, and those that made it part of another contact.

        Raises PermissionDenied, ContactNotFound.
        """
        return await listed_merges(context, contact_guid(contact_id))

    @operation(Permission.CONTACTS_MODIFY)
    async def bulk_delete_contacts(
        self,
        context: Context,
        options: BulkDeleteContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order the deletion of all contacts that match a filter or search (CONTRACT B.10).

        Options are `filter`, `search` (a text as in CONTRACT D.8), or both, and `delete_member`:
        without it, contacts of members stay and count as failed. A worker does it: see
        `Crm.wait_for_bulk_job`.

        Raises PermissionDenied, also for `delete_member` without MEMBERS.MEMBER_DELETE,
        InvalidArgument, NeitherFilterNorSearch, and the errors of filters (CONTRACT D.5).
        """
        return await start_delete(context, options)

    @operation(Permission.CONTACTS_MODIFY)
    async def bulk_update_contacts(
        self,
        context: Context,
        options: BulkUpdateContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order one update of all contacts that match a filter or search (CONTRACT B.10, E.1).

        Options are `filter`, `search`, or both; `info` as `update_contact` takes it, and
        `field_mask`. Labels and custom fields that it names are made at once.

        Raises PermissionDenied, InvalidArgument, NeitherFilterNorSearch, the errors of filters,
        InsufficientUpdateContactData, MultiplePrimaryInfo, InvalidExtendedFieldValue,
        LabelNotFound, LabelsQuotaReached and FieldsQuotaExceeded.
        """
        return await start_update(context, options)

    @operation(Permission.CONTACTS_MODIFY)
    async def bulk_label_and_unlabel_contacts(
        self,
        context: Context,
        options: BulkLabelContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order a change of labels of contacts that match a filter or search (CONTRACT B.10).

        Options are `filter`, `search`, or both; `label_keys_to_add`, `label_keys_to_remove`, or
        both. A label in both is taken away.

        Raises PermissionDenied, InvalidArgument, NeitherFilterNorSearch, the errors of filters,
        and LabelNotFound.
        """
        return await start_labelling(context, options)

    @operation(Permission.CONTACTS_MODIFY)
    async def get_bulk_job(self, context: Context, job_id: str) -> BulkJob:
        """How far a job is (CONTRACT B.10). Raises PermissionDenied, NotFound."""
        return await bulk_job(context, job_id)

    @operation(Permission.CONTACTS_MODIFY)
    async def list_bulk_jobs(self, context: Context) -> list[BulkJob]:
        """The newest 100 jobs, newest first (CONTRACT B.10). Raises PermissionDenied."""
        return await bulk_jobs(context)
