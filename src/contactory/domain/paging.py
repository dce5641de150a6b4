"""Which part of a result is asked for, and what the answer says of it (CONTRACT D.5, D.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.errors import IllegalLimit
from contactory.domain.problems import Problems

DEFAULT_LIMIT: Final = 50
MOST_ITEMS: Final = 1000
LARGEST_OFFSET: Final = 2**31 - 1
_KNOWN: Final = frozenset({"limit", "offset", "cursor"})
_ANY: Final = 10**400


class Paging(msgspec.Struct, frozen=True):
    """At most `limit` items, after the first `offset` ones."""

    limit: int
    offset: int = 0


class Cursors(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the next page begins; None after the last page."""

    next: str | None = None


class PagingMetadata(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What an answer says of its page.

    `count` is the number of items in it, `total` that of all matches where they were counted;
    `cursors` and `has_next` come with cursor paging only.
    """

    count: int
    offset: int = msgspec.field(default_factory=int)
    total: int | None = None
    too_many_to_count: bool = msgspec.field(default_factory=bool)
    cursors: Cursors | None = None
    has_next: bool | None = None


def read_paging(
    sent: Any,
    *,
    path: str = "query.paging",
    default: int = DEFAULT_LIMIT,
    most: int = MOST_ITEMS,
    as_violations: bool = False,
) -> Paging:
    """Limit and offset; numbers may be decimal strings, also in the lists that URLs give.

    Numbers out of range raise IllegalLimit, with `as_violations` InvalidArgument; all other values
    raise InvalidArgument.
    """
    problems = Problems()
    given = paging_members(sent, path, _KNOWN, problems)
    if given.get("cursor") is not None:
        problems.add_other(
            f"{path}.cursor", "WRONG_PLACE", "belongs into cursorPaging: send cursorPaging.cursor"
        )
    limit = read_count(given, "limit", path, most, problems, as_violations=as_violations)
    offset = read_count(
        given, "offset", path, LARGEST_OFFSET, problems, as_violations=as_violations
    )
    problems.check()
    return Paging(default if limit is None else limit, offset or 0)


def paging_members(
    sent: Any, path: str, known: frozenset[str], problems: Problems
) -> Mapping[str, Any]:
    """The members of a paging object. A misspelt one would change the page unnoticed: refused."""
    dropped = len(problems.dropped)
    given = problems.mapping(sent, path, known)
    members = sorted(known - {"cursor"} if "offset" in known else known)
    for name in problems.dropped[dropped:]:
        problems.add(name, "FIELD_NOT_ALLOWED", f"is not one of {', '.join(members)}")
    del problems.dropped[dropped:]
    return given


def single(sent: Any) -> Any:
    """The value itself where a query string gives it as the only one of a list."""
    return sent[0] if isinstance(sent, list | tuple) and len(sent) == 1 else sent


def read_count(
    given: Mapping[str, Any],
    name: str,
    path: str,
    most: int,
    problems: Problems,
    *,
    as_violations: bool,
) -> int | None:
    """A member that is a number from 0 to `most`; None where it was not sent."""
    value, at = single(given.get(name)), f"{path}.{name}"
    if as_violations:
        return problems.whole(value, at, 0, most)
    number = problems.whole(value, at, -_ANY, _ANY)
    if number is not None and not 0 <= number <= most:
        raise IllegalLimit(f"{at} must be between 0 and {most}", path=at, limit=most)
    return number
