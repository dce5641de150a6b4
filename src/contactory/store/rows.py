"""Columns as the floors above know them."""

from __future__ import annotations

from uuid import UUID

from contactory.kit.clock import Timestamp


def as_text(stored: bytes | UUID) -> str:
    """An id as text; SQLite keeps it as 16 bytes, PostgreSQL as a UUID."""
    return str(UUID(bytes=stored) if isinstance(stored, bytes) else stored)


def as_text_or_none(stored: bytes | UUID | None) -> str | None:
    """As `as_text`, for a column that may be null."""
    return None if stored is None else as_text(stored)


def as_instant_or_none(stored: int | None) -> Timestamp | None:
    """An instant from a column that may be null."""
    return None if stored is None else Timestamp.from_ms(stored)
