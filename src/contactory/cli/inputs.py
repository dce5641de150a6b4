"""Files that commands read, `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from contactory.domain.errors import MalformedRequest, NotFound

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
