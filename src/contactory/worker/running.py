"""What runs beside a server, or alone: the cleaning, and the bulk jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from contactory.ops.crm import Crm
from contactory.worker.bulk_jobs import JobWorker
from contactory.worker.cleaning import clean_hourly


@asynccontextmanager
async def worked(crm: Crm, *, has_jobs: bool = True) -> AsyncIterator[None]:
    """Do the work of a store until the block ends; then finish the contacts at hand."""
    cleaning = asyncio.create_task(clean_hourly(crm.store))
    worker = JobWorker(crm.store, crm.settings)
    jobs = asyncio.create_task(worker.run()) if has_jobs else None
    try:
        yield
    finally:
        cleaning.cancel()
        with suppress(asyncio.CancelledError):
            await cleaning
        if jobs is not None:
            worker.stop()
            await jobs
