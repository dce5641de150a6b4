"""How work on many contacts is ordered, and told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from contactory.domain.bulk_jobs import (
    DELETE_OPTIONS,
    LABEL_OPTIONS,
    UPDATE_OPTIONS,
    BulkJob,
    BulkRequest,
    StartedBulkJob,
    delete_request,
    label_request,
    read_bulk_options,
    update_request,
)
from contactory.domain.errors import LabelNotFound, NotFound
from contactory.domain.filter_reading import custom_keys_in
from contactory.domain.labels import SYSTEM_LABELS
from contactory.domain.permissions import Permission
from contactory.domain.problems import Problems
from contactory.kit.ids import as_guid, new_id
from contactory.ops.contact_updating import register_in
from contactory.ops.context import Context
from contactory.ops.job_running import wake_workers
from contactory.store.bulk_jobs import find_job, insert_job, list_jobs
from contactory.store.engine import Transaction
from contactory.store.extended_fields import get_field_types
from contactory.store.labels import find_label

_Preparing = Callable[[Transaction], Awaitable[None]]


async def start_delete(context: Context, options: Any) -> StartedBulkJob:
    """Order a deletion. Raises InvalidArgument, PermissionDenied, and what a selection does."""
    request = delete_request(read_bulk_options(options, DELETE_OPTIONS))
    if request.deletes_members:
        context.identity.require(Permission.MEMBERS_DELETE)
    return await _start(context, await _selecting(context, request), _nothing)


async def start_update(context: Context, options: Any) -> StartedBulkJob:
    """Order an update, and make the labels and custom fields that it names.

    Raises what an update of one contact does before it looks at the contact, and what a selection
    does.
    """
    request = update_request(read_bulk_options(options, UPDATE_OPTIONS))
    request = await _selecting(context, request)
    problems = Problems()
    update = request.update(problems)
    if update.dropped:
        context.report_ignored(update.dropped)
    return await _start(context, request, lambda tx: register_in(tx, context, update))


async def start_labelling(context: Context, options: Any) -> StartedBulkJob:
    """Order a change of labels, which must exist. Raises LabelNotFound, and what a selection does.

    Raises InvalidArgument where no label is named.
    """
    request = label_request(read_bulk_options(options, LABEL_OPTIONS))
    request = await _selecting(context, request)
    named = [*request.added, *request.removed]
    return await _start(context, request, lambda tx: _check_labels(tx, context, named))


async def bulk_job(context: Context, job_id: object) -> BulkJob:
    """The job. Raises NotFound."""
    guid = as_guid(job_id) if isinstance(job_id, str) else None
    if guid is not None:
        found = await context.store.read(lambda tx: find_job(tx, context.site, guid))
        if found is not None:
            return found
    raise NotFound("This site has no such job")


async def bulk_jobs(context: Context) -> list[BulkJob]:
    """The newest 100 jobs, newest first."""
    return await context.store.read(lambda tx: list_jobs(tx, context.site))


async def _selecting(context: Context, request: BulkRequest) -> BulkRequest:
    """The request, once it is known which contacts it means.

    The types of the fields that it filters by are kept with it, so that the job can go on when one
    is deleted.
    """
    keys = custom_keys_in(request.filter)
    if keys:
        types = await context.store.read(lambda tx: get_field_types(tx, context.site, keys))
        request = msgspec.structs.replace(request, types=types)
    request.selection()
    return request


async def _start(context: Context, request: BulkRequest, prepare: _Preparing) -> StartedBulkJob:
    job_id = new_id()

    async def work(tx: Transaction) -> None:
        await prepare(tx)
        await insert_job(tx, context.site, job_id, request, context.identity)

    await context.store.write(work)
    wake_workers(context.store)
    return StartedBulkJob(job_id)


async def _nothing(_tx: Transaction) -> None:
    """What needs no preparation."""


async def _check_labels(tx: Transaction, context: Context, keys: Sequence[str]) -> None:
    missing = [
        key
        for key in dict.fromkeys(keys)
        if key not in SYSTEM_LABELS and not await find_label(tx, context.site, key)
    ]
    if missing:
        raise LabelNotFound(missing)
