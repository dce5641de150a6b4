"""Turns answers of a server into the types of the library."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from contactory.domain.errors import RemoteError
from contactory.kit.clock import decode_instant

T = TypeVar("T")


def read_answer(kind: type[T], plain: Any) -> T:
    """The answer as this type. Raises RemoteError where it is none."""
    try:
        return msgspec.convert(plain, kind, dec_hook=decode_instant)
    except (msgspec.ValidationError, ValueError) as error:
        raise RemoteError(f"the server's answer is none of ours: {error}") from error
