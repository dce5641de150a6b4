"""Waits for a bulk job where no worker may run: what is open is then worked on here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import anyio

from contactory.domain.bulk_jobs import BulkJob, BulkJobStatus
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context
from contactory.ops.job_running import JobRunner

_BETWEEN_LOOKS_S: Final = 0.1


async def finished_job(
    contacts: Contacts,
    context: Context,
    job_id: str,
    on_progress: Callable[[BulkJob], None] | None,
) -> BulkJob:
    """The job once it is done; `on_progress` gets every state of it until then.

    Raises what `get_bulk_job` raises, and Unavailable.
    """
    runner = JobRunner(context.store, context.settings)
    try:
        while True:
            job = await contacts.get_bulk_job(job_id)
            if on_progress is not None:
                on_progress(job)
            if job.status is BulkJobStatus.COMPLETED:
                return job
            if not await runner.advance(context.site_id):
                await anyio.sleep(_BETWEEN_LOOKS_S)
    finally:
        await runner.release()
