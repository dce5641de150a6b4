"""Hashes passwords (argon2id, RFC 9106) on threads of their own: it takes tens of milliseconds."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""19 MiB, two passes: the first choice of OWASP's Password Storage Cheat Sheet."""

_THREADS: Final = ThreadPoolExecutor(2, thread_name_prefix="contactory-password")
"""Two at a time, so that a storm of sign-ins takes neither the memory nor all processors."""


async def hash_password(password: str) -> str:
    """What is stored of a password."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; equally slow where there is no hash."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _matches, password_hash, password)


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        _HASHER.verify(password_hash or _nobodys_hash(), password.encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False
    return password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
