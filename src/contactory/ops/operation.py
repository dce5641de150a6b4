"""Declares operations: each has a permission, which is checked before anything else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

import msgspec

from contactory.domain.errors import NoContext
from contactory.domain.permissions import Permission
from contactory.ops.context import Context, current_context

_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")

P = ParamSpec("P")
T = TypeVar("T")


class Operation(msgspec.Struct, frozen=True):
    """The register's entry of one operation, such as `contacts.create_contact`.

    Without a permission, anybody may call: the operation checks the credentials that it is given.
    """

    noun: str
    name: str
    permission: Permission | None


OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation by its dotted name."""


N = TypeVar("N", bound="Bound")


class Bound:
    """Operations of one noun, for a default context or for whoever acts where they are called."""

    def __init__(self, default: Context | None = None) -> None:
        self._default = default

    def _context(self) -> Context:
        current = current_context()
        if self._default is None:
            if current is None:
                raise NoContext
            return current
        # Somebody who acts at another store or site does not act here.
        return current if current and current.is_at(self._default) else self._default


def _noun(kind: str) -> str:
    """The noun of a class: `ExtendedFields` is `extended_fields`."""
    return _CAPITAL.sub("_", kind).lower()


def operation(
    permission: Permission | None,
) -> Callable[
    [Callable[Concatenate[N, Context, P], Awaitable[T]]],
    Callable[Concatenate[N, P], Coroutine[Any, Any, T]],
]:
    """Make a method an operation: it gets the caller's context once the permission is checked."""

    def declare(
        method: Callable[Concatenate[N, Context, P], Awaitable[T]],
    ) -> Callable[Concatenate[N, P], Coroutine[Any, Any, T]]:
        kind, name = method.__qualname__.split(".")
        entry = Operation(_noun(kind), name, permission)
        OPERATIONS[f"{entry.noun}.{entry.name}"] = entry

        @wraps(method)
        async def call(self: N, *args: P.args, **kwargs: P.kwargs) -> T:
            context = self._context()
            if permission is not None:
                context.identity.require(permission)
            return await method(self, context, *args, **kwargs)

        signature = inspect.signature(method)
        shown = [entry for name, entry in signature.parameters.items() if name != "context"]
        vars(call)["__signature__"] = signature.replace(parameters=shown)
        return cast("Callable[Concatenate[N, P], Coroutine[Any, Any, T]]", call)

    return declare
