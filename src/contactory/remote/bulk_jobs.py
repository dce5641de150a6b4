"""Work on many contacts of a server elsewhere: the same calls as in `ops/contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contactory.domain.bulk_jobs import (
    DELETE_OPTIONS,
    LABEL_OPTIONS,
    UPDATE_OPTIONS,
    BulkDeleteContactsOptions,
    BulkJob,
    BulkLabelContactsOptions,
    BulkUpdateContactsOptions,
    StartedBulkJob,
    read_bulk_options,
)
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls


class RemoteBulkJobs:
    """Deletes, updates and labels many contacts at once, in jobs of the server."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def bulk_delete_contacts(
        self,
        options: BulkDeleteContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order the deletion of all contacts that match a filter or search (CONTRACT B.10)."""
        values = read_bulk_options(options, DELETE_OPTIONS)
        return await _started(self._calls, "contacts.bulk_delete_contacts", values)

    async def bulk_update_contacts(
        self,
        options: BulkUpdateContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order one update of all contacts that match a filter or search (CONTRACT B.10, E.1)."""
        values = read_bulk_options(options, UPDATE_OPTIONS)
        return await _started(self._calls, "contacts.bulk_update_contacts", values)

    async def bulk_label_and_unlabel_contacts(
        self,
        options: BulkLabelContactsOptions | Mapping[str, Any] | None = None,
    ) -> StartedBulkJob:
        """Order a change of labels of contacts that match a filter or search (CONTRACT B.10)."""
        values = read_bulk_options(options, LABEL_OPTIONS)
        return await _started(self._calls, "contacts.bulk_label_and_unlabel_contacts", values)

    async def get_bulk_job(self, job_id: str) -> BulkJob:
        """How far a job is (CONTRACT B.10). Raises PermissionDenied, NotFound."""
        return read_answer(BulkJob, await self._calls.call("contacts.get_bulk_job", {"id": job_id}))

    async def list_bulk_jobs(self) -> list[BulkJob]:
        """The newest 100 jobs, newest first (CONTRACT B.10). Raises PermissionDenied."""
        return read_answer(list[BulkJob], await self._calls.call("contacts.list_bulk_jobs", {}))


async def _started(calls: Calls, operation: str, values: Mapping[str, Any]) -> StartedBulkJob:
    return read_answer(StartedBulkJob, await calls.call(operation, values))
