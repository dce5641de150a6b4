"""From a credential to who calls: one look-up of one row, remembered for a tenth of a second."""

from __future__ import annotations

import time
from typing import Final, Literal

import msgspec

from contactory.domain.credentials import SecretKind
from contactory.domain.errors import PermissionDenied, Unauthenticated
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.kit.ids import digest, site_of_secret
from contactory.store.api_keys import find_api_key
from contactory.store.engine import Store, Transaction
from contactory.store.tokens import find_token

_REMEMBERED_S: Final = 0.1
_MOST_REMEMBERED: Final = 10_000
_NOT_FOUND: Final = (0.0, None)


class Caller(msgspec.Struct, frozen=True):
    """Who calls, at which site, and by what credential we know."""

    site_id: str
    identity: Identity
    credential: Literal["api_key", "access_token", "session"]


async def authenticate(store: Store, secret: str, *, site_id: str | None = None) -> Caller:
    """Who holds this API key or access token.

    Permissions are those of the present moment.

    Raises Unauthenticated for one that is unknown, expired or revoked, and PermissionDenied when
    `site_id` is given and the credential is for another site (CONTRACT G.1).
    """
    caller = await store.read(lambda tx: _holder(tx, secret))
    if caller is None:
        raise Unauthenticated("These credentials are wrong, expired or revoked: get new ones")
    if site_id is not None and site_id.lower() != caller.site_id:
        raise PermissionDenied("These credentials are for another site")
    return caller


class RecentCallers:
    """Callers of one store. A busy one is looked up ten times a second, not at each call.

    So a key that another process revoked, or an expired token, may act that much longer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[bytes, tuple[float, Caller]] = {}

    async def authenticate(self, secret: str, *, site_id: str | None = None) -> Caller:
        """As `authenticate`, with its errors; what was refused is not remembered."""
        key = digest(secret)
        now = time.monotonic()
        until, caller = self._found.get(key, _NOT_FOUND)
        if now < until and caller is not None and site_id in (None, caller.site_id):
            return caller
        caller = await authenticate(self._store, secret, site_id=site_id)
        if len(self._found) >= _MOST_REMEMBERED:
            self._found.clear()
        self._found[key] = (now + _REMEMBERED_S, caller)
        return caller


async def session_caller(store: Store, secret: str) -> tuple[Caller, bytes] | None:
    """Who holds this session, and the digest of its CSRF token; None for one that is over."""
    now = Timestamp.current()
    found = await store.read(lambda tx: find_token(tx, SecretKind.SESSION, secret, now))
    if found is None or found.token.csrf_digest is None:
        return None
    return Caller(found.site_id, found.identity, "session"), found.token.csrf_digest


async def _holder(tx: Transaction, secret: str) -> Caller | None:
    site = site_of_secret(secret)
    if site is None:
        return None
    if (key := await find_api_key(tx, secret)) is not None:
        return Caller(site, key, "api_key")
    found = await find_token(tx, SecretKind.ACCESS, secret, Timestamp.current())
    return None if found is None else Caller(site, found.identity, "access_token")
