"""Results of web methods that are kept in this process, and when they are no longer good."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec

from contactory.domain.errors import NoContext
from contactory.ops.context import Context, current_context
from contactory.store.engine import Store
from contactory.store.web_cache import cache_versions, raise_cache_versions

ONE_WEEK_S: Final = 604_800
"""How long results are kept where nothing is said (CONTRACT G.3)."""

MOST_BYTES: Final = 64 * 1024 * 1024
_BYTES_PER_ENTRY: Final = 512


class Cache(msgspec.Struct, frozen=True):
    """How results of a web method are kept: by its arguments, for `ttl_s` seconds at most.

    Nothing is kept without tags; `invalidate_cache` with any of them ends it early.
    """

    tags: tuple[str, ...] = ()
    ttl_s: float = ONE_WEEK_S

    def __post_init__(self) -> None:
        if type(self.tags) is not tuple:  # A single string would be taken letter by letter.
            raise TypeError('tags must be a tuple of strings: ("prices",)')
        if not self.ttl_s > 0:
            raise ValueError("ttl_s must be more than 0 seconds")


class _Entry(msgspec.Struct, frozen=True):
    """One result as JSON. It counts until the time, and while its tags have these versions."""

    result: bytes
    versions: tuple[int, ...]
    until: float


class CachedResults:
    """Results of one store, the least recently used of which give way."""

    def __init__(self, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic):
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0
        self._clock = clock

    def get(self, key: Hashable, versions: tuple[int, ...]) -> bytes | None:
        """The result under this key, if it is still good."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.versions != versions or self._clock() >= entry.until:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.result

    def put(self, key: Hashable, versions: tuple[int, ...], ttl_s: float, result: bytes) -> None:
        """Keep a result; `versions` are those from before it was made."""
        if key in self._entries:
            self._drop(key)
        entry = _Entry(result, versions, self._clock() + ttl_s)
        self._entries[key] = entry
        self._bytes += _size(entry)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        self._bytes -= _size(self._entries.pop(key))


_OF_STORES: Final[WeakKeyDictionary[Store, CachedResults]] = WeakKeyDictionary()


def cached_results(store: Store) -> CachedResults:
    """What this process keeps of a store."""
    return _OF_STORES.setdefault(store, CachedResults())


async def current_versions(context: Context, cache: Cache) -> tuple[int, ...]:
    """The versions that results must have to be good now, in every process."""
    return await context.store.read(lambda tx: cache_versions(tx, context.site, cache.tags))


async def invalidate_cache(*tags: str) -> None:
    """End all cached results with any of these tags, at this site and in every process.

    Raises NoContext when nobody acts where it is called.
    """
    context: Any = current_context()
    if context is None:
        raise NoContext
    await context.store.write(lambda tx: raise_cache_versions(tx, context.site, tags))


def _size(entry: _Entry) -> int:
    return len(entry.result) + _BYTES_PER_ENTRY
