"""A server elsewhere, with the calls that it offers."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import anyio

from contactory.domain.bulk_jobs import BulkJob, BulkJobStatus
from contactory.remote.calls import Calls
from contactory.remote.contacts import RemoteContacts
from contactory.remote.events import RemoteEvents
from contactory.remote.extended_fields import RemoteExtendedFields
from contactory.remote.labels import RemoteLabels
from contactory.remote.submitted_contact import RemoteSubmittedContact
from contactory.remote.subscriptions import RemoteSubscriptions
from contactory.remote.webhooks import RemoteWebhooks

_BETWEEN_LOOKS_S: Final = 0.2


class RemoteCrm:
    """One site of a server, as the caller whom the key stands for."""

    def __init__(self, url: str, key: str, site_id: str | None = None) -> None:
        """Prepare to call the server at the URL; nothing is sent yet.

        The key's own site is meant unless `site_id` names it, which the server then checks. Raises
        InvalidArgument for a URL that is none, Unauthenticated for a key that can be none.
        """
        self._calls = Calls(url, key, site_id)
        self.contacts = RemoteContacts(self._calls)
        self.labels = RemoteLabels(self._calls)
        self.extended_fields = RemoteExtendedFields(self._calls)
        self.submitted_contact = RemoteSubmittedContact(self._calls)
        self.webhooks = RemoteWebhooks(self._calls)
        self.subscriptions = RemoteSubscriptions(self._calls)
        self.events = RemoteEvents(self._calls)

    def __repr__(self) -> str:
        return f"RemoteCrm({self._calls.url!r})"

    async def wait_for_bulk_job(
        self, job_id: str, on_progress: Callable[[BulkJob], None] | None = None
    ) -> BulkJob:
        """The job once it is done; `on_progress` gets what the server tells of it until then.

        Raises what `contacts.get_bulk_job` raises.
        """
        while True:
            job = await self.contacts.get_bulk_job(job_id)
            if on_progress is not None:
                on_progress(job)
            if job.status is BulkJobStatus.COMPLETED:
                return job
            await anyio.sleep(_BETWEEN_LOOKS_S)

    async def close(self) -> None:
        """Close all connections."""
        await self._calls.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
