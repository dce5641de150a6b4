"""Identifiers made by the application, so that every store takes the same ones."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from uuid_utils import uuid7

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> str:
    """A fresh UUID version 7 (RFC 9562) in lower case; later ones sort after earlier ones."""
    return str(uuid7())


def as_guid(text: str) -> str | None:
    """The text as a lower-case GUID, or None when it is not one."""
    return text.lower() if _GUID.fullmatch(text) else None


def new_secret(prefix: str) -> str:
    """A fresh secret of 256 random bits, readable by its prefix."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> bytes:
    """What is stored of a random secret: its SHA-256. Passwords take argon2id instead."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
