"""Cursors: opaque texts that say where a page ended, and of which query (CONTRACT B.14)."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final, NoReturn, TypeAlias

import msgspec

from contactory.domain.emails import LONGEST_EMAIL
from contactory.domain.errors import InvalidArgument
from contactory.domain.filter_forms import is_comparable, is_storable, json_form
from contactory.domain.filters import Kind, SortEntry, Value
from contactory.domain.paging import DEFAULT_LIMIT, MOST_ITEMS, paging_members, read_count
from contactory.domain.problems import Problems
from contactory.kit.ids import as_guid

_VERSION: Final = 1
_KNOWN: Final = frozenset({"limit", "cursor"})
_WHOLE_LIMIT: Final = 2**63
_LARGEST_NUMBER: Final = 1e300

Position: TypeAlias = tuple[Value | None, ...]
"""The sort values of the last item of a page, None where one is missing."""


class Cursor(msgspec.Struct, frozen=True):
    """The filter and sort as they were sent, and the place of the last item of the page."""

    filter: Any
    sort: Any
    position: list[str | int | float | None]
    item_id: str
    version: int = _VERSION


class CursorPaging(msgspec.Struct, frozen=True):
    """At most `limit` items, after the cursor's place; from the start where there is none."""

    limit: int
    cursor: Cursor | None = None


_decoder: Final = msgspec.json.Decoder(Cursor, strict=True)
_encoder: Final = msgspec.json.Encoder(order="sorted")


def encode_cursor(sent_filter: Any, sent_sort: Any, position: Position, item_id: str) -> str:
    """The cursor for the page that follows the item with this position and id."""
    cursor = Cursor(json_form(sent_filter), json_form(sent_sort), list(position), item_id)
    return base64.urlsafe_b64encode(_encoder.encode(cursor)).rstrip(b"=").decode()


def read_cursor(text: str, *, path: str = "query.cursorPaging.cursor") -> Cursor:
    """What a cursor says; all of it is to be read again, since anybody can make one.

    Raises InvalidArgument for whatever is no cursor.
    """
    if not text.isascii():
        _refuse(path)
    try:
        document = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        cursor = _decoder.decode(document)
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        _refuse(path)
    if cursor.version != _VERSION or as_guid(cursor.item_id) is None:
        _refuse(path)
    return cursor


def read_cursor_paging(
    sent: Any,
    *,
    path: str = "query.cursorPaging",
    default: int = DEFAULT_LIMIT,
    most: int = MOST_ITEMS,
    as_violations: bool = False,
) -> CursorPaging | None:
    """Limit and cursor; None where no cursor paging is asked for.

    Raises as `read_paging` and `read_cursor` do.
    """
    if sent is None:
        return None
    problems = Problems()
    given = paging_members(sent, path, _KNOWN, problems)
    limit = read_count(given, "limit", path, most, problems, as_violations=as_violations)
    text = _single(given.get("cursor"))
    if text is not None and not isinstance(text, str):
        problems.wrong_kind(f"{path}.cursor", "a string")
    problems.check()
    cursor = read_cursor(text, path=f"{path}.cursor") if text else None
    return CursorPaging(default if limit is None else limit, cursor)


def check_same_query(
    cursor: Cursor, sent_filter: Any, sent_sort: Any, *, path: str = "query"
) -> None:
    """Raise InvalidArgument where filter or sort beside a cursor are not the cursor's own.

    Those that are empty or were not sent are right with every cursor.
    """
    problems = Problems()
    for name, sent, own in (
        ("filter", sent_filter, cursor.filter),
        ("sort", sent_sort, cursor.sort),
    ):
        if sent not in (None, {}, [], ()) and not _are_same(sent, own):
            problems.add_other(
                f"{path}.{name}",
                "CURSOR_OF_ANOTHER_QUERY",
                "is not that of the cursor: leave it out, or start again without the cursor",
            )
    problems.check()


def read_position(
    cursor: Cursor, sort: tuple[SortEntry, ...], *, path: str = "query.cursorPaging.cursor"
) -> Position:
    """The cursor's position, fit for the order in use.

    Raises InvalidArgument where it has other values than the order's fields.
    """
    if len(cursor.position) != len(sort):
        _refuse(path)
    for value, entry in zip(cursor.position, sort, strict=True):
        if value is not None and not _fits(value, entry.field.kind):
            _refuse(path)
    return tuple(cursor.position)


def _single(value: Any) -> Any:
    """The value itself; of a URL's parameter, the one that it has."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _are_same(sent: Any, own: Any) -> bool:
    try:
        return _encoder.encode(json_form(sent)) == _encoder.encode(own)
    except (TypeError, ValueError, OverflowError, RecursionError):  # No cursor holds such a thing.
        return False


def _fits(value: Value, kind: Kind) -> bool:
    if kind is Kind.INSTANT:
        return isinstance(value, int) and abs(value) < _WHOLE_LIMIT
    if kind is Kind.NUMBER:
        most = _WHOLE_LIMIT - 1 if isinstance(value, int) else _LARGEST_NUMBER
        return not isinstance(value, str) and abs(value) <= most
    if not isinstance(value, str) or not is_storable(value):
        return False
    return len(value) <= LONGEST_EMAIL if kind is Kind.EMAIL else is_comparable(value)


def _refuse(path: str) -> NoReturn:
    problems = Problems()
    problems.add_format(
        path, "CURSOR", "is not a cursor of this query: send one as it was answered"
    )
    raise InvalidArgument(problems.violations)
