"""Connects to receivers at the very addresses that were looked at, and only where that is allowed.

A name may change its address between two looks, so that there is only one.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import Any, Final

import httpcore2

from contactory.domain.receiver_urls import address_problem

_MOST_ADDRESSES: Final = 4
_MOST_LOOKUPS: Final = 32

connects: ContextVar[bool] = ContextVar("connects", default=False)
"""Whether the current call made a connection, rather than that it was given one made before."""


class NotAllowedAddress(Exception):
    """The receiver has no address that may be called; the message is the rest of a sentence."""


class ReceiverNetwork(httpcore2.AsyncNetworkBackend):
    """Looks a name up for each new connection and connects to an address that is allowed."""

    def __init__(self, *, patience_s: float, allows_private: bool) -> None:
        """All addresses of a name are tried within `patience_s`."""
        self._patience_s = patience_s
        self._allows_private = allows_private
        self._names = _Names()
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the name's allowed addresses that answers.

        Raises NotAllowedAddress, and OSError where the name cannot be looked up.
        """
        connects.set(True)
        addresses = self._allowed(await self._names.addresses(host))
        share = self._patience_s / len(addresses)
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = await self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
                return _Stream(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or NotAllowedAddress("its name has no address")

    def close(self) -> None:
        """Look no more names up."""
        self._names.close()

    def _allowed(self, addresses: Sequence[str]) -> Sequence[str]:
        problems = {one: address_problem(ip_address(one.partition("%")[0])) for one in addresses}
        allowed = [one for one in addresses if self._allows_private or problems[one] is None]
        if not allowed:
            first = addresses[0]
            raise NotAllowedAddress(f"its address {first} is {problems[first]}")
        return _in_turn(allowed)[:_MOST_ADDRESSES]


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that is closed where its TLS is not agreed on in time.

    The library's own stays open then, as its handshake is cancelled and does not fail.
    """

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Bytes as they come, none at the end."""
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send all of them."""
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._inner.aclose()

    def get_extra_info(self, info: str) -> Any:
        """What the library wants to know of it."""
        return self._inner.get_extra_info(info)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
    ) -> httpcore2.AsyncNetworkStream:
        """Agree on TLS. Raises what the library raises."""
        try:
            return await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._inner.aclose()
            raise


class _Names:
    """Looks names up in threads of its own, each name once at a time.

    A name server that does not answer holds a thread for long after nobody waits for it: it must
    not hold those that others need.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MOST_LOOKUPS, thread_name_prefix="names")
        self._under_way: dict[str, asyncio.Future[list[str]]] = {}

    async def addresses(self, host: str) -> list[str]:
        """All addresses of the name, at least one. Raises OSError, UnicodeError."""
        lookup = self._under_way.get(host)
        if lookup is None:
            lookup = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
            self._under_way[host] = lookup
            lookup.add_done_callback(lambda done: self._end(host, done))
        return await asyncio.shield(lookup)

    def close(self) -> None:
        """Begin no further lookup."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _end(self, host: str, lookup: asyncio.Future[list[str]]) -> None:
        del self._under_way[host]
        if not lookup.cancelled():
            lookup.exception()  # Whoever waited may be gone, and it is no fault.


def _look_up(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _in_turn(addresses: Sequence[str]) -> list[str]:
    """One of each family in turn, so that a family without a way out costs one try (RFC 8305 4)."""
    first = [one for one in addresses if (":" in one) == (":" in addresses[0])]
    other = [one for one in addresses if one not in first]
    return [one for one in chain.from_iterable(zip_longest(first, other)) if one is not None]
