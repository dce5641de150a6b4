"""Files that commands read, `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from contactory.domain.errors import MalformedRequest, NotFound
from contactory.http.bodies import parse_json
from contactory.http.settings import HttpSettings

_STANDARD_INPUT: Final = Path("-")


def read_input(file: Path) -> bytes:
    """The bytes of the file. Raises NotFound, MalformedRequest for one that cannot be read."""
    if file == _STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {file}") from error
    except OSError as error:
        raise MalformedRequest(f"cannot read {file}: {error.strerror}") from error


def read_json(text: str, name: str) -> Any:
    """The JSON of an argument or option. Raises MalformedRequest, which tells its name."""
    try:
        return parse_json(text.encode("utf-8", "surrogateescape"), HttpSettings().max_depth)
    except MalformedRequest as error:
        raise MalformedRequest(f"{name}: {error.message}") from error
