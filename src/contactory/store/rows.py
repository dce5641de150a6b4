"""Columns as the floors above know them."""

from __future__ import annotations

from uuid import UUID


def as_text(stored: bytes | UUID) -> str:
    """An id as text; SQLite keeps it as 16 bytes, PostgreSQL as a UUID."""
    return str(UUID(bytes=stored) if isinstance(stored, bytes) else stored)
