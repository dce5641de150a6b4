"""What commands print: data on standard output, messages and errors on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from contactory.domain.errors import ContactoryError, InvalidArgument
from contactory.kit.clock import encode_instant

_WIDE: Final = 10_000


def plain(value: Any) -> Any:
    """A struct, or a list of them, as JSON-able data in wire names."""
    return msgspec.to_builtins(value, enc_hook=encode_instant)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=2), flush=True)


def print_line(text: str) -> None:
    """One line of data on standard output, at once."""
    print(text, flush=True)


def print_fields(fields: Mapping[str, Any]) -> None:
    """Names and values, one a line."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        print(f"{name:<{width}}  {_one_line(value)}")


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], nothing: str) -> None:
    """A row for each mapping; without rows, a message that says so."""
    if not rows:
        tell(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_one_line(row.get(column)) for column in columns))
    # Lines that programs read are never folded.
    width = None if sys.stdout.isatty() else _WIDE
    Console(width=width, markup=False, highlight=False, emoji=False).print(table)


def tell(message: str) -> None:
    """A message for people, on standard error."""
    print(message, file=sys.stderr, flush=True)


def tell_error(error: ContactoryError, *, as_json: bool) -> None:
    """What went wrong: a line each for people, or one JSON document, on standard error."""
    if as_json:
        told: dict[str, Any] = {"code": error.code, "message": error.message}
        if isinstance(error, InvalidArgument):
            told["violations"] = plain(error.violations)
        elif error.data:
            told["data"] = error.data
        tell(json.dumps({"error": told}, ensure_ascii=False))
        return
    for line in _lines(error):
        tell(f"error: {_one_line(line)}")


def tell_misuse(message: str, hint: str, *, as_json: bool) -> None:
    """That the command line cannot be understood."""
    if as_json:
        tell(json.dumps({"error": {"code": "USAGE", "message": message}}, ensure_ascii=False))
        return
    tell(f"error: {_one_line(message)}")
    tell(hint)


def _lines(error: ContactoryError) -> Iterable[str]:
    if isinstance(error, InvalidArgument):
        return map(str, error.violations)
    # The message of a validation of many keys names them already.
    data = ", ".join(f"{name} {value}" for name, value in error.data.items() if _is_plain(value))
    return [f"{error.message} ({data})" if data else error.message]


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int)


def _one_line(value: Any) -> str:
    """The value as text that changes nothing on a terminal but the line it stands on."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(_one_line, value))
    return "".join(sign if sign.isprintable() else " " for sign in str(value))
