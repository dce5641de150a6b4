"""Who acts, for which site, in which program: what every operation starts from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Final, ParamSpec, TypeVar

import msgspec

from contactory.domain.contacts import Source
from contactory.domain.errors import NoContext
from contactory.domain.identities import SITE_APP, SITE_APP_ID, Identity, IdentityType
from contactory.domain.ignored_values import warn_of_ignored
from contactory.kit.ids import RowId
from contactory.ops.settings import SOURCES, Settings
from contactory.store.engine import Store

P = ParamSpec("P")
T = TypeVar("T")


_site_key: Final = lru_cache(maxsize=4096)(RowId)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """One caller at one site. `in_process` is code of the site; otherwise a token speaks."""

    store: Store
    settings: Settings
    site_id: str
    identity: Identity
    in_process: bool = True
    report_ignored: Callable[[Sequence[str]], None] = warn_of_ignored

    @property
    def site(self) -> RowId:
        """The key of every row this caller can see."""
        return _site_key(self.site_id)

    def source(self) -> Source:
        """What contacts made by this caller say of their origin (CONTRACT A.2)."""
        if self.in_process:
            return Source(source_type="WIX_CODE", app_id=SITE_APP_ID)
        kind = self.identity.type
        source = self.settings.sources.get(kind, SOURCES[kind])
        if kind is IdentityType.APP and source.app_id is None:
            return Source(source_type=source.source_type, app_id=self.identity.id)
        return source

    def is_at(self, other: Context) -> bool:
        """Whether both act at the same site of the same store."""
        return self.store is other.store and self.site_id == other.site_id

    def acting_as(self, identity: Identity) -> Context:
        """The same place with another caller."""
        return msgspec.structs.replace(self, identity=identity)


_current: Final[ContextVar[Context | None]] = ContextVar("contactory_context", default=None)


def current_context() -> Context | None:
    """Who acts here, if anybody."""
    return _current.get()


@contextmanager
def entered(context: Context) -> Iterator[Context]:
    """Let this context act until the block ends."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def elevate(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """The same function, run with the identity of the site's own app (CONTRACT G.3).

    Whoever can call the enclosing code then has that power: check there who may. Raises NoContext
    when nobody acts where the result is called.
    """

    @wraps(function)
    async def elevated(*args: P.args, **kwargs: P.kwargs) -> T:
        context = current_context()
        if context is None:
            raise NoContext
        app = msgspec.structs.replace(context, identity=SITE_APP, in_process=True)
        with entered(app):
            return await function(*args, **kwargs)

    return elevated
