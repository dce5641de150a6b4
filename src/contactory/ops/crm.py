"""The embedded library: one store, opened, with all nouns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from contactory.domain.bulk_jobs import BulkJob
from contactory.domain.errors import NotFound
from contactory.domain.identities import DEFAULT_SITE_ID, OWNER, Identity
from contactory.kit.ids import as_guid
from contactory.ops.apps import Apps
from contactory.ops.authentication import RecentCallers
from contactory.ops.clients import Clients
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context, entered
from contactory.ops.events import Events
from contactory.ops.extended_fields import ExtendedFields
from contactory.ops.job_waiting import finished_job
from contactory.ops.keys import Keys
from contactory.ops.labels import Labels
from contactory.ops.maintenance import Maintenance
from contactory.ops.members import Members
from contactory.ops.sessions import Sessions
from contactory.ops.settings import Settings
from contactory.ops.sites import Sites
from contactory.ops.submitted_contact import SubmittedContact
from contactory.ops.subscriptions import Subscriptions
from contactory.ops.tokens import Tokens
from contactory.ops.users import Users
from contactory.ops.webhooks import Webhooks
from contactory.store.engine import Store
from contactory.store.opening import open_store
from contactory.store.sites import ensure_site, find_site


class Crm:
    """A store opened in this process. It acts as the owner until told otherwise."""

    def __init__(self, store: Store, settings: Settings, site_id: str = DEFAULT_SITE_ID) -> None:
        self.store = store
        self.settings = settings
        self.callers = RecentCallers(store)
        self.context = Context(store=store, settings=settings, site_id=site_id, identity=OWNER)
        self.contacts = Contacts(self.context)
        self.labels = Labels(self.context)
        self.extended_fields = ExtendedFields(self.context)
        self.submitted_contact = SubmittedContact(self.context)
        self.webhooks = Webhooks(self.context)
        self.subscriptions = Subscriptions(self.context)
        self.events = Events(self.context)
        self.sites = Sites(self.context)
        self.keys = Keys(self.context)
        self.apps = Apps(self.context)
        self.clients = Clients(self.context)
        self.users = Users(self.context)
        self.members = Members(self.context)
        self.tokens = Tokens(self.context)
        self.sessions = Sessions(self.context)
        self.maintenance = Maintenance(self.context)

    @classmethod
    async def open(
        cls, url: str, settings: Settings | None = None, *, site_id: str = DEFAULT_SITE_ID
    ) -> Crm:
        """Open the store at the URL, making it where there is none.

        Raises NotFound for a URL of another kind, StoreDamaged, Unavailable.
        """
        store = await open_store(url)
        await store.write(lambda tx: ensure_site(tx, DEFAULT_SITE_ID, "default"))
        return cls(store, settings or Settings(), site_id)

    async def at_site(self, site_id: str) -> Crm:
        """The same open store at another of its sites; closing either closes both.

        Raises NotFound when there is no such site.
        """
        guid = as_guid(site_id)
        if guid is None or not await self.store.read(lambda tx: find_site(tx, guid)):
            raise NotFound(f"There is no site {site_id}: see the list of sites")
        return Crm(self.store, self.settings, guid)

    @asynccontextmanager
    async def acting_as(self, identity: Identity) -> AsyncIterator[Self]:
        """Let this identity act, here and in module-level calls, until the block ends."""
        with entered(self.context.acting_as(identity)):
            yield self

    async def wait_for_bulk_job(
        self, job_id: str, on_progress: Callable[[BulkJob], None] | None = None
    ) -> BulkJob:
        """The job once it is done; `on_progress` gets every state before it, and that one.

        Open jobs of this site are worked on here meanwhile, the oldest first, unless a worker does
        it. Raises PermissionDenied, NotFound, Unavailable.
        """
        return await finished_job(self.contacts, self.context, job_id, on_progress)

    async def ping(self) -> None:
        """See that the store answers. Raises Unavailable, StoreDamaged."""
        await self.store.read(lambda tx: find_site(tx, self.context.site_id))

    async def close(self) -> None:
        """Finish what was accepted and close the store."""
        await self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
