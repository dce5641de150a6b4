"""Ids as operations take them."""

from __future__ import annotations

from typing import Any, TypeVar

from contactory.domain.errors import NotFound
from contactory.kit.ids import RowId, as_guid

T = TypeVar("T")


def row_id(value: Any, kind: str) -> RowId:
    """The id of a row. Raises NotFound for what can be none: nothing has it."""
    guid = as_guid(value) if isinstance(value, str) else None
    if guid is None:
        raise NotFound(f"This site has no such {kind}")
    return RowId(guid)


def required(kind: str, found: T | None) -> T:
    """What was found. Raises NotFound where that is nothing."""
    if found is None:
        raise NotFound(f"This site has no such {kind}")
    return found


def check_found(kind: str, found: object) -> None:
    """Raise NotFound unless something was found."""
    if not found:
        raise NotFound(f"This site has no such {kind}")
