"""Works on bulk jobs: some contacts in each transaction, so that others can write meanwhile.

How far a job is stands in its row, which is written together with the contacts: whoever goes on
with it, after whatever end of the one before, works on each contact exactly once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import msgspec
import structlog

from contactory.domain.bulk_jobs import (
    BulkJob,
    BulkJobError,
    BulkJobStatus,
    BulkJobType,
    BulkRequest,
    item_error,
    with_error,
)
from contactory.domain.errors import ContactoryError
from contactory.domain.identities import OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id
from contactory.ops.contact_updating import delete_in, register_in, relabel_in, update_in
from contactory.ops.contact_writing import written
from contactory.ops.context import Context
from contactory.ops.settings import Settings
from contactory.store.bulk_jobs import (
    BulkWork,
    claimed_work,
    find_work,
    next_job,
    release_jobs,
    save_progress,
    sites_with_jobs,
)
from contactory.store.contact_pages import count_selected, select_ids
from contactory.store.contacts import Changed, StoredContact, hold_ids, load_contact
from contactory.store.engine import Store, Transaction

CHUNK: Final = 50
"""How many contacts are worked on in one transaction at most."""

_LONGEST_CHUNK_S: Final = 0.02
"""After so long, a transaction ends with the contact at hand."""

_FAULT: Final = BulkJobError(1, "INTERNAL", "A fault of the server, which its log tells of")

_log = structlog.get_logger("contactory.jobs")

_alarms: Final[WeakKeyDictionary[Store, asyncio.Event]] = WeakKeyDictionary()


def alarm_of(store: Store) -> asyncio.Event:
    """What is set when this process has ordered a job in the store."""
    return _alarms.setdefault(store, asyncio.Event())


def wake_workers(store: Store) -> None:
    """Tell the workers of this process that there is a new job."""
    alarm_of(store).set()


class _Found(msgspec.Struct, frozen=True):
    """A job to work at, and how many contacts it is about, where it is not begun."""

    job_id: str
    total: int


_Acting: TypeAlias = Callable[
    [Transaction, Context, BulkRequest, str], Awaitable[BulkJobError | None]
]


class JobRunner:
    """One worker at the jobs of a store. A job's contacts are changed in its maker's name."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._name = RowId(new_id())
        self._sites: set[str] = set()

    async def sites(self) -> list[str]:
        """The ids of all sites that have work to do."""
        return await self._store.read(sites_with_jobs)

    async def advance(self, site_id: str) -> bool:
        """Work on the next contacts of the site's oldest open job.

        False where there is no open job, or another worker has it. Raises Unavailable.
        """
        context = self._context(site_id)
        now = Timestamp.current()
        found = await self._store.read(lambda tx: _next(tx, context, self._name, now))
        if found is None:
            return False
        self._sites.add(site_id)
        try:
            return await self._chunk(context, found, CHUNK, _work_on)
        except ContactoryError:
            raise
        except Exception:
            _log.exception("fault in a bulk job", job=found.job_id, site=site_id)
        # The one contact that it is about is found by itself and passed over.
        try:
            return await self._chunk(context, found, 1, _work_on)
        except ContactoryError:
            raise
        except Exception:
            return await self._chunk(context, found, 1, _pass_over)

    async def release(self) -> None:
        """Let other workers go on at once with what this one has begun."""
        for site in map(RowId, self._sites):
            await self._store.write(partial(release_jobs, site=site, worker=self._name))
        self._sites.clear()

    def _context(self, site_id: str) -> Context:
        return Context(
            store=self._store,
            settings=self._settings,
            site_id=site_id,
            identity=OWNER,
            in_process=False,
        )

    async def _chunk(self, context: Context, found: _Found, most: int, act: _Acting) -> bool:
        """Work on at most so many contacts in one transaction; whether the job was ours."""

        async def work(tx: Transaction) -> bool:
            now = Timestamp.current()
            claimed = await claimed_work(tx, context.site, found.job_id, self._name, now)
            if claimed is None:
                return False
            maker = context.acting_as(claimed.identity)
            job = claimed.job if claimed.is_started else _begun(claimed.job, found.total, now)
            ids = await _next_ids(tx, context, claimed, most)
            await _hold(tx, maker, claimed.request, ids)
            job, after_id = await _worked(tx, maker, claimed, job, ids, act)
            if len(ids) < most and (not ids or after_id == ids[-1]):
                job = _finished(job, now)
            await save_progress(tx, context.site, job, after_id)
            return True

        return await written(context, work)


async def _next(tx: Transaction, context: Context, worker: RowId, now: Timestamp) -> _Found | None:
    """The job to work at; its contacts are counted before the work begins."""
    job_id = await next_job(tx, context.site, worker, now)
    work = job_id and await find_work(tx, context.site, job_id)
    if not work:
        return None
    if work.is_started or work.last_id is None:
        return _Found(work.job.id, 0)
    return _Found(work.job.id, await count_selected(tx, context.site, work.request.selection()))


async def _next_ids(tx: Transaction, context: Context, work: BulkWork, most: int) -> list[str]:
    """The next contacts in the order in which they were made, none that came after the job."""
    last_id = work.last_id
    if last_id is None:
        return []
    selection = work.request.selection()
    ids = await select_ids(tx, context.site, selection, limit=most, after=work.after_id)
    return [contact_id for contact_id in ids if contact_id <= last_id]


async def _hold(
    tx: Transaction, context: Context, request: BulkRequest, ids: Sequence[str]
) -> None:
    """Take all that the work on the contacts takes, in the order of all writers."""
    if ids and request.type is BulkJobType.UPDATE:
        with suppress(ContactoryError):  # The work on each contact tells of it.
            await register_in(tx, context, request.update())
    await hold_ids(tx, context.site, ids)


async def _worked(
    tx: Transaction,
    context: Context,
    work: BulkWork,
    job: BulkJob,
    ids: Sequence[str],
    act: _Acting,
) -> tuple[BulkJob, str | None]:
    """The job after the work on some of the contacts, and the last of them."""
    after_id, ends = work.after_id, time.monotonic() + _LONGEST_CHUNK_S
    for contact_id in ids:
        job = _counted(job, await act(tx, context, work.request, contact_id))
        after_id = contact_id
        if time.monotonic() > ends:
            break
    return job, after_id


async def _work_on(
    tx: Transaction, context: Context, request: BulkRequest, contact_id: str
) -> BulkJobError | None:
    """Do what was ordered with one contact; why it is left as it is, where it is."""
    stored = await load_contact(tx, context.site, contact_id)
    if stored is None:
        raise Changed
    try:
        await _act(tx, context, request, stored)
    except ContactoryError as error:
        return item_error(error)
    return None


async def _pass_over(
    _tx: Transaction, _context: Context, _request: BulkRequest, _contact_id: str
) -> BulkJobError | None:
    return _FAULT


async def _act(
    tx: Transaction, context: Context, request: BulkRequest, stored: StoredContact
) -> None:
    match request.type:
        case BulkJobType.DELETE:
            await delete_in(tx, context, stored, with_member=request.deletes_members)
        case BulkJobType.UPDATE:
            await update_in(tx, context, stored, request.update(), allow_duplicates=False)
        case _:
            await relabel_in(tx, context, stored, added=request.added, removed=request.removed)


def _begun(job: BulkJob, total: int, now: Timestamp) -> BulkJob:
    return msgspec.structs.replace(
        job, status=BulkJobStatus.RUNNING, started_date=now, total_items=total
    )


def _counted(job: BulkJob, error: BulkJobError | None) -> BulkJob:
    """The job after one more contact."""
    success, failed = job.success_total + (error is None), job.failed_total + (error is not None)
    return msgspec.structs.replace(
        job,
        success_total=success,
        failed_total=failed,
        # Others may have made more contacts match since they were counted.
        total_items=max(job.total_items, success + failed),
        errors=job.errors if error is None else with_error(job.errors, error),
        processed_count=success + failed,
        failed_count=failed,
    )


def _finished(job: BulkJob, now: Timestamp) -> BulkJob:
    return msgspec.structs.replace(
        job,
        status=BulkJobStatus.COMPLETED,
        finished_date=now,
        total_items=job.success_total + job.failed_total,
    )
