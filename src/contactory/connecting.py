"""Opens a store in this process or a connection to a server, with the same calls on both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from functools import partial
from typing import Any, Final, Generic, ParamSpec, TypeVar, overload

from anyio.from_thread import BlockingPortal, start_blocking_portal

from contactory.domain.errors import InvalidArgument, Unauthenticated, Violation
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from contactory.remote.crm import RemoteCrm

P = ParamSpec("P")
T = TypeVar("T")
C = TypeVar("C")

_REMOTE: Final = ("http://", "https://")


@overload
def connect(
    url: str, *, key: None = None, site_id: str | None = None, settings: Settings | None = None
) -> AbstractAsyncContextManager[Crm]: ...


@overload
def connect(
    url: str, *, key: str, site_id: str | None = None
) -> AbstractAsyncContextManager[RemoteCrm]: ...


@overload
def connect(
    url: str,
    *,
    key: str | None,
    site_id: str | None = None,
    settings: Settings | None = None,
) -> AbstractAsyncContextManager[Crm | RemoteCrm]: ...


def connect(
    url: str,
    *,
    key: str | None = None,
    site_id: str | None = None,
    settings: Settings | None = None,
) -> AbstractAsyncContextManager[Any]:
    """Open `sqlite:///FILE` or `postgresql://…` here, or call a server at `http(s)://…` with a key.

    To be used with `async with`. A store in this process acts as its owner, at the default site
    unless `site_id` names another; a server acts as the key's holder at the key's site.

    Raises NotFound for a URL or site that does not exist, StoreDamaged, Unavailable,
    Unauthenticated for a server without key, and InvalidArgument for a store with one.
    """
    if is_remote(url):
        return _connected(url, key, site_id, settings)
    return _opened(url, key, site_id, settings)


class BlockingConnection(Generic[C]):
    """A connection for callers without an event loop; `crm` is what `connect` gives."""

    def __init__(self, portal: BlockingPortal, crm: C) -> None:
        self._portal = portal
        self.crm = crm

    def call(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of `crm` and wait for its result, from any thread."""
        return self._portal.call(partial(function, *args, **kwargs))


@overload
def connect_blocking(
    url: str, *, key: None = None, site_id: str | None = None, settings: Settings | None = None
) -> AbstractContextManager[BlockingConnection[Crm]]: ...


@overload
def connect_blocking(
    url: str, *, key: str, site_id: str | None = None
) -> AbstractContextManager[BlockingConnection[RemoteCrm]]: ...


@overload
def connect_blocking(
    url: str,
    *,
    key: str | None,
    site_id: str | None = None,
    settings: Settings | None = None,
) -> AbstractContextManager[BlockingConnection[Crm | RemoteCrm]]: ...


def connect_blocking(
    url: str,
    *,
    key: str | None = None,
    site_id: str | None = None,
    settings: Settings | None = None,
) -> AbstractContextManager[BlockingConnection[Any]]:
    """As `connect`, to be used with `with`: `connection.call(connection.crm.contacts.…, …)`.

    The calls run on an event loop in a thread of their own.
    """
    return _blocking(connect(url, key=key, site_id=site_id, settings=settings))


def is_remote(url: str) -> bool:
    """Whether the URL names a server rather than a store."""
    return url.lower().startswith(_REMOTE)


@contextmanager
def _blocking(connecting: AbstractAsyncContextManager[C]) -> Iterator[BlockingConnection[C]]:
    with (
        start_blocking_portal(name="contactory") as portal,
        portal.wrap_async_context_manager(connecting) as crm,
    ):
        yield BlockingConnection(portal, crm)


@asynccontextmanager
async def _opened(
    url: str, key: str | None, site_id: str | None, settings: Settings | None
) -> AsyncIterator[Crm]:
    if key is not None:
        raise _refused("key", "is for servers: a store in this process acts as its owner")
    async with await Crm.open(url, settings) as crm:
        yield crm if site_id is None else await crm.at_site(site_id)


@asynccontextmanager
async def _connected(
    url: str, key: str | None, site_id: str | None, settings: Settings | None
) -> AsyncIterator[RemoteCrm]:
    if settings is not None:
        raise _refused("settings", "are for stores in this process: a server has its own")
    if key is None:
        raise Unauthenticated(f"{url} needs a key: see `contactory keys create`")
    async with RemoteCrm(url, key, site_id) as crm:
        yield crm


def _refused(argument: str, reason: str) -> InvalidArgument:
    return InvalidArgument([Violation(argument, reason, "FIELD_NOT_ALLOWED")])
