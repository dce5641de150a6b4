"""Web methods: functions of a site's own program that its pages may call (CONTRACT G.3)."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from functools import partial, wraps
from typing import Any, Final, ParamSpec, Protocol, TypeVar, overload

import anyio.to_thread
import msgspec

from contactory.domain.errors import NoContext, PermissionDenied
from contactory.domain.identities import SITE_APP_ID, Identity, IdentityType
from contactory.ops.context import Context, current_context
from contactory.ops.web_cache import Cache, cached_results, current_versions
from contactory.wire.web_results import plain_result

P = ParamSpec("P")
T = TypeVar("T")

_MARK: Final = "contactory_web_method"


class Permissions(StrEnum):
    """Who may call a web method. ADMIN means the people who manage the site, and its own code."""

    ANYONE = "Anyone"
    SITE_MEMBER = "SiteMember"
    ADMIN = "Admin"

    def allow(self, identity: Identity) -> bool:
        """Whether this caller may call."""
        if self is Permissions.ANYONE:
            return True
        if self is Permissions.SITE_MEMBER:
            return identity.type is not IdentityType.VISITOR
        is_admin = identity.type in (IdentityType.USER, IdentityType.API_KEY)
        return is_admin or (identity.type is IdentityType.APP and identity.id == SITE_APP_ID)


class WebMethod(msgspec.Struct, frozen=True, eq=False):
    """One function that pages may call, whoever they are or whom the permission names."""

    call: Callable[..., Awaitable[Any]]
    permission: Permissions
    cache: Cache | None
    signature: inspect.Signature
    about: str

    def require(self, identity: Identity) -> None:
        """Raise PermissionDenied unless this caller may call."""
        if not self.permission.allow(identity):
            raise PermissionDenied(
                f"This web method is for {self.permission} alone", permission=self.permission.value
            )

    async def result(self, context: Context, *args: Any, **kwargs: Any) -> Any:
        """Call the function, or take what is kept of an earlier call with these arguments."""
        if self.cache is None:
            return await self.call(*args, **kwargs)
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        key = (self, context.site_id, _encoded(bound.arguments))
        # Read before the work: what is invalidated meanwhile must not count afterwards.
        versions = await current_versions(context, self.cache)
        kept = cached_results(context.store)
        result = kept.get(key, versions)
        if result is None:
            result = _encoded(await self.call(*args, **kwargs))
            kept.put(key, versions, self.cache.ttl_s, result)
        return msgspec.json.decode(result)


class _Decorator(Protocol):
    """Makes a web method that can be awaited in Python too."""

    @overload
    def __call__(
        self, function: Callable[P, Coroutine[Any, Any, T]], /
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __call__(self, function: Callable[P, T], /) -> Callable[P, Coroutine[Any, Any, T]]: ...


class _CachingDecorator(Protocol):
    """Makes a web method whose result is plain data."""

    def __call__(self, function: Callable[P, Any], /) -> Callable[P, Coroutine[Any, Any, Any]]: ...


@overload
def web_method(permission: Permissions) -> _Decorator: ...


@overload
def web_method(permission: Permissions, *, cache: Cache) -> _CachingDecorator: ...


def web_method(permission: Permissions, *, cache: Cache | None = None) -> Any:
    """Let pages call the function, with JSON-able arguments, if the permission allows the caller.

    Inside, module-level calls such as `contacts.create_contact` act for that caller. Plain
    functions run on a thread of their own. The result is awaited by Python callers, and is what
    JSON can show: contacts arrive in the page as the seed prints them. With a cache, arguments
    must be JSON-able in Python too, and Python callers get plain data as well.

    Where the function is called in Python, the same permission is asked of whoever acts there:
    raises PermissionDenied, or NoContext when nobody does. Raises TypeError, here, for a function
    that a page could never call.
    """

    def declare(function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
        method = WebMethod(
            call=_awaitable(function),
            permission=Permissions(permission),
            cache=cache if cache is not None and cache.tags else None,
            signature=_page_signature(function),
            about=inspect.getdoc(function) or "",
        )

        @wraps(function)
        async def checked(*args: Any, **kwargs: Any) -> Any:
            context = current_context()
            if context is None:
                raise NoContext
            method.require(context.identity)
            return await method.result(context, *args, **kwargs)

        setattr(checked, _MARK, method)
        return checked

    return declare


def web_method_of(value: Any) -> WebMethod | None:
    """What a decorated function is to pages; None for everything else."""
    method = getattr(value, _MARK, None) if inspect.isfunction(value) else None
    return method if isinstance(method, WebMethod) else None


def _encoded(value: Any) -> bytes:
    return msgspec.json.encode(plain_result(value), order="deterministic")


def _awaitable(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    if inspect.iscoroutinefunction(function):
        return function

    async def call(*args: Any, **kwargs: Any) -> Any:
        # The thread gets a copy of this context: who acts here acts there.
        result = await anyio.to_thread.run_sync(partial(function, *args, **kwargs))
        return await result if inspect.isawaitable(result) else result

    return call


def _page_signature(function: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(function)
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            raise TypeError(
                f"a page cannot give {parameter.name} to {function.__qualname__}: "
                "make it positional, or give it a default"
            )
    return signature
