"""Bulk jobs: what was ordered, who works at it, and how far they are."""

from __future__ import annotations

from typing import Final

import msgspec

from contactory.domain.bulk_jobs import (
    MOST_LISTED,
    BulkJob,
    BulkJobError,
    BulkJobStatus,
    BulkJobType,
    BulkRequest,
)
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_instant_or_none, as_text, as_text_or_none

LEASE_MS: Final = 5_000
"""How long a worker that is heard of no more keeps others from its job."""


class BulkWork(msgspec.Struct, frozen=True):
    """What a worker needs of a job.

    `after_id` is the last contact that was worked on, `last_id` the last one to work on.
    """

    job: BulkJob
    request: BulkRequest
    identity: Identity
    after_id: str | None
    last_id: str | None
    is_started: bool


async def insert_job(
    tx: Transaction, site: RowId, job_id: str, request: BulkRequest, identity: Identity
) -> None:
    """Order the work on the contacts that there are now, in the name of whoever asked for it."""
    last = await tx.row("last_contact", site_id=site)
    await tx.run(
        "insert_bulk_job",
        site_id=site,
        id=RowId(job_id),
        type=request.type.value,
        request=request.to_json(),
        identity=msgspec.json.encode(identity).decode(),
        last_id=last[0] if last else None,
        created_at=Timestamp.current().ms,
    )


async def find_job(tx: Transaction, site: RowId, job_id: str) -> BulkJob | None:
    """The job, None if there is none."""
    row = await tx.row("get_bulk_job", site_id=site, id=RowId(job_id))
    return None if row is None else _job(row)


async def list_jobs(tx: Transaction, site: RowId) -> list[BulkJob]:
    """The newest 100 jobs of the site, newest first."""
    return [_job(row) for row in await tx.rows("list_bulk_jobs", site_id=site, most=MOST_LISTED)]


async def sites_with_jobs(tx: Transaction) -> list[str]:
    """The ids of all sites that have work to do."""
    return [as_text(row[0]) for row in await tx.rows("sites_with_bulk_jobs")]


async def next_job(tx: Transaction, site: RowId, worker: RowId, now: Timestamp) -> str | None:
    """The id of the site's oldest open job; None where there is none, or another worker has it."""
    row = await tx.row("next_bulk_job", site_id=site)
    if row is None:
        return None
    job_id, claimed_by, claimed_until = row
    is_free = claimed_until <= now.ms or as_text_or_none(claimed_by) == str(worker)
    return as_text(job_id) if is_free else None


async def claimed_work(
    tx: Transaction, site: RowId, job_id: str, worker: RowId, now: Timestamp
) -> BulkWork | None:
    """The work at a job, which is the worker's own until the transaction ends.

    None where another worker has it or it is finished. Between transactions the claim lasts 5 s.
    """
    key = {"site_id": site, "id": RowId(job_id)}
    until = now.ms + LEASE_MS
    if not await tx.run("claim_bulk_job", **key, worker=worker, until=until, now=now.ms):
        return None
    return await find_work(tx, site, job_id)


async def find_work(tx: Transaction, site: RowId, job_id: str) -> BulkWork | None:
    """The work at a job, None if there is no such job."""
    key = {"site_id": site, "id": RowId(job_id)}
    row, work = await tx.row("get_bulk_job", **key), await tx.row("get_bulk_work", **key)
    if row is None or work is None:
        return None
    request, identity, after_id, last_id = work
    job = _job(row)
    return BulkWork(
        job=job,
        request=BulkRequest.from_json(request),
        identity=msgspec.json.decode(identity, type=Identity),
        after_id=as_text_or_none(after_id),
        last_id=as_text_or_none(last_id),
        is_started=job.status is not BulkJobStatus.NEW,
    )


async def save_progress(tx: Transaction, site: RowId, job: BulkJob, after_id: str | None) -> None:
    """Write how far a job is; `after_id` is the last contact that was worked on."""
    await tx.run(
        "advance_bulk_job",
        site_id=site,
        id=RowId(job.id),
        after_id=None if after_id is None else RowId(after_id),
        total_items=job.total_items,
        success_total=job.success_total,
        failed_total=job.failed_total,
        errors=msgspec.json.encode(job.errors).decode(),
        started_at=job.started_date.ms,
        finished_at=None if job.finished_date is None else job.finished_date.ms,
    )


async def release_jobs(tx: Transaction, site: RowId, worker: RowId) -> None:
    """Let others go on at once with what the worker has begun."""
    await tx.run("release_bulk_jobs", site_id=site, worker=worker)


def _job(row: Row) -> BulkJob:
    job_id, kind, total, success, failed, errors, created, started, finished = row
    status = BulkJobStatus.NEW if started is None else BulkJobStatus.RUNNING
    return BulkJob(
        id=as_text(job_id),
        type=BulkJobType(kind),
        status=status if finished is None else BulkJobStatus.COMPLETED,
        started_date=Timestamp.from_ms(created if started is None else started),
        finished_date=as_instant_or_none(finished),
        total_items=total,
        success_total=success,
        failed_total=failed,
        errors=msgspec.json.decode(errors, type=tuple[BulkJobError, ...]),
        processed_count=success + failed,
        failed_count=failed,
    )
