"""Posts to receivers that anybody may have named: bounded in time and size, and not inside."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from ipaddress import ip_address
from typing import Any, Final

import httpcore2
import msgspec

from contactory.domain.receiver_urls import address_problem

_MOST_CONNECTIONS: Final = 64
_IDLE_S: Final = 15
_MOST_READ: Final = 16_384
_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"user-agent", f"contactory/{version('contactory')}".encode()),
    (b"accept", b"*/*"),
)


_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLCertVerificationError, "its TLS certificate is not accepted"),
    (socket.gaierror, "its name cannot be resolved"),
    (ConnectionRefusedError, "refused the connection"),
    (TimeoutError, "did not answer within {:g} s"),
    (httpcore2.TimeoutException, "did not answer within {:g} s"),
    (httpcore2.ProtocolError, "answered something that is no HTTP"),
    (OSError, "broke off"),
    (httpcore2.NetworkError, "broke off"),
)
"""What the innermost error that is known says of a call."""


class Outcome(msgspec.Struct, frozen=True):
    """What one call came to: the HTTP status, if any; `reason` is "" where it was received."""

    status: int | None
    reason: str
    duration_ms: int


class _NotAllowed(Exception):
    """The address is none that may be called."""


class Poster:
    """Connections to receivers, kept for a while. Redirects are not followed, proxies not used."""

    def __init__(self, *, timeout_s: float, allows_private: bool = False) -> None:
        """A receiver must answer within `timeout_s`, from the connection to its headers."""
        self._timeout_s = timeout_s
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_IDLE_S,
            network_backend=_Network(allows_private=allows_private),
        )

    async def post(self, url: str, body: str) -> Outcome:
        """Post the text once. It counts as received when the answer's status is 2xx."""
        begun = time.monotonic()
        status: int | None = None
        reason = ""
        try:
            async with asyncio.timeout(self._timeout_s), self._asked(url, body) as answer:
                status = int(answer.status)
                await _drain(answer)
        except Exception as error:
            reason = self._told(error)
        if status is not None:
            reason = _reason_of(status)
        return Outcome(status, reason, round((time.monotonic() - begun) * 1000))

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    def _asked(self, url: str, body: str) -> AbstractAsyncContextManager[httpcore2.Response]:
        headers = [*_HEADERS, (b"host", _host(url))]
        return self._pool.stream("POST", url, headers=headers, content=body.encode())

    def _told(self, error: Exception) -> str:
        for one in _causes(error):
            if isinstance(one, _NotAllowed):
                return str(one)
            for kind, reason in _REASONS:
                if isinstance(one, kind):
                    return reason.format(self._timeout_s)
        return f"cannot be called: {type(error).__name__}"


class _Network(httpcore2.AsyncNetworkBackend):
    """Connects to the very addresses that were looked at: a name may change between two looks."""

    def __init__(self, *, allows_private: bool) -> None:
        self._allows_private = allows_private
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the name's allowed addresses that answers."""
        failure: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or _NotAllowed("its name has no address")

    async def _addresses(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if self._allows_private:
            return addresses
        problems = {one: address_problem(ip_address(one.partition("%")[0])) for one in addresses}
        allowed = [one for one, problem in problems.items() if problem is None]
        if addresses and not allowed:
            raise _NotAllowed(f"its address {addresses[0]} is {problems[addresses[0]]}")
        return allowed


async def _drain(answer: httpcore2.Response) -> None:
    """Read the answer, after which its connection is used again; a long one is not worth it."""
    size = 0
    async for chunk in answer.aiter_stream():
        size += len(chunk)
        if size > _MOST_READ:
            return


def _reason_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    more = ": redirects are not followed" if 300 <= status < 400 else ""
    return f"answered {status}{more}"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what caused it, the first cause first."""
    causes = [error]
    while (cause := causes[0].__cause__ or causes[0].__context__) is not None:
        causes.insert(0, cause)
    return causes


def _host(url: str) -> bytes:
    return url.split("/", 3)[2].encode()
