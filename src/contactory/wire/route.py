"""What one call of the HTTP API is, to the server, its OpenAPI document and the remote client."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec

Verb = Literal["GET", "POST", "PATCH", "DELETE"]

_IN_PATH: Final = re.compile(r"\{(\w+)\}")


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the API.

    `arguments` are the names, on the wire, of the operation's arguments in their order; `options`
    those that make up its last one. A name in the path is read there and nowhere else. `unwraps`
    names a member of the body whose own members count as if they stood beside it. `envelope` is the
    name under which the result stands in the answer; without one, the result is the whole answer.
    `optional` are arguments that need not be sent; `streams` says that the call also has an answer
    that goes on for ever, as server-sent events.
    `names_merged` says in `responseType` whether another contact answers for the one asked for.
    `summary` and `about` tell callers in any language what the call does; `aliases` are further
    paths that clients in the wild use.
    """

    verb: Verb
    path: str
    summary: str
    about: str
    operation: str
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    unwraps: str | None = None
    envelope: str | None = None
    names_merged: bool = False
    takes_idempotency_key: bool = False
    streams: bool = False
    name: str | None = None
    aliases: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """The noun of the operation: `extended_fields`."""
        return self.operation.split(".", 1)[0]

    @property
    def method(self) -> str:
        """The operation's name below its noun: `create_contact`."""
        return self.operation.split(".", 1)[1]

    @property
    def in_path(self) -> list[str]:
        """The names that stand in the path."""
        return _IN_PATH.findall(self.path)

    @property
    def module(self) -> str:
        """The noun in the seed's dialect: `extendedFields`."""
        return camel_case(self.noun)

    @property
    def function(self) -> str:
        """The name in the seed's dialect: `createContact`."""
        return self.name or camel_case(self.method)

    def body(self, result: Any, asked: Any) -> Any:
        """The answer's body; `asked` is the call's first argument."""
        if self.envelope is None:
            return {} if result is None else result
        if not self.names_merged:
            return {self.envelope: result}
        is_merged = isinstance(asked, str) and asked.lower() != result.id
        return {self.envelope: result, "responseType": "MERGED" if is_merged else "REGULAR"}


def camel_case(name: str) -> str:
    """`create_contact` as `createContact`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
