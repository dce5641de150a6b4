"""Identifiers made by the application, so that every store takes the same ones."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import threading
from typing import Final, Self
from uuid import UUID

from uuid_utils import uuid7

_fromhex: Final = bytes.fromhex
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECRET: Final = re.compile(r"[a-z]+_([A-Za-z0-9_-]{64})")


class RowId(bytes):
    """A GUID as rows keep it: 16 bytes, which SQLite's driver binds as they are.

    PostgreSQL's driver takes whatever has the attribute `bytes` for a UUID.
    """

    def __new__(cls, guid: str) -> Self:
        """From the text of a GUID."""
        return super().__new__(cls, _fromhex(guid.replace("-", "")))

    @classmethod
    def of_bytes(cls, row_id: bytes) -> Self:
        """From its 16 bytes."""
        return super().__new__(cls, row_id)

    @property
    def bytes(self) -> Self:
        """The 16 bytes."""
        return self

    def __str__(self) -> str:
        return str(UUID(bytes=bytes(self)))


def new_id() -> str:
    """A fresh UUID version 7 (RFC 9562) in lower case; later ones sort after earlier ones."""
    return str(uuid7())


class _InOrder:
    """Makes UUIDs version 7 with a counter after the milliseconds (RFC 9562, 6.2, method 1).

    The counter has the 15 bits that `number_of` reads, so that one process never makes two ids of
    one number, and later ids sort after earlier ones within a millisecond too.
    """

    def __init__(self) -> None:
        self._ms = 0
        self._count = 0
        self._lock = threading.Lock()

    def at(self, ms: int) -> str:
        """The next id of this millisecond."""
        with self._lock:
            if ms == self._ms and self._count < _LAST_COUNT:
                self._count += 1
            else:
                self._ms, self._count = ms, _random_bits(_START_BITS)
            count = self._count
        whole = (ms << 80) | (7 << 76) | ((count >> 3) << 64) | (2 << 62) | ((count & 7) << 59)
        digits = f"{whole | _random_bits(59):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random_bits(count: int) -> int:
    """At most 64 random bits, without the steps that `secrets` takes."""
    return int.from_bytes(os.urandom(8)) >> (64 - count)


_START_BITS: Final = 14
_LAST_COUNT: Final = 2**15 - 1
_in_order: Final = _InOrder()


def new_id_at(ms: int) -> str:
    """A fresh UUID version 7 whose first 48 bits are these milliseconds since 1970."""
    return _in_order.at(ms)


def number_of(row_id: RowId) -> int:
    """A UUID version 7 as a positive number of 63 bits, in the same order.

    It has the 48 bits of the milliseconds and the 15 that follow. Two ids that different processes
    make in one millisecond may have the same number.
    """
    whole = int.from_bytes(row_id)
    ms, random_a, random_b = whole >> 80, (whole >> 64) & 0xFFF, (whole >> 59) & 0x7
    return (ms << 15) | (random_a << 3) | random_b


def as_guid(text: str) -> str | None:
    """The text as a lower-case GUID, or None when it is not one."""
    return text.lower() if _GUID.fullmatch(text) else None


def new_secret(prefix: str, site_id: str) -> str:
    """A fresh secret of 256 random bits that says by its prefix what it is, and whose site's.

    The form is `prefix_` and 64 characters of base64url: 16 bytes of the site id, 32 random ones.
    """
    body = UUID(site_id).bytes + secrets.token_bytes(32)
    return f"{prefix}_{base64.urlsafe_b64encode(body).decode()}"


def site_of_secret(secret: str) -> str | None:
    """The site id that a secret carries; None for whatever is no secret of `new_secret`."""
    found = _SECRET.fullmatch(secret)
    return str(UUID(bytes=base64.urlsafe_b64decode(found[1])[:16])) if found else None


def digest(secret: str) -> bytes:
    """What is stored of a random secret: its SHA-256. Passwords take argon2id instead."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def least_id_at(ms: int) -> RowId:
    """The least UUID version 7 of this millisecond since 1970: ids made since are not less."""
    return RowId.of_bytes((ms << 80 | 7 << 76 | 2 << 62).to_bytes(16))
