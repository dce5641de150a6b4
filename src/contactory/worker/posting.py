"""Posts to receivers that anybody may have named: bounded in time and size, and not inside."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from contextlib import aclosing, suppress
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

import httpcore2
import msgspec

from contactory.worker.receiver_addresses import NotAllowedAddress, ReceiverNetwork, connects

_MOST_CONNECTIONS: Final = 64
_IDLE_S: Final = 15
_REST_S: Final = 0.25
_MOST_READ: Final = 16_384
_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"user-agent", f"contactory/{version('contactory')}".encode()),
    (b"accept", b"*/*"),
)

_REASONS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (TimeoutError, "did not answer within {:g} s"),
    (httpcore2.TimeoutException, "did not answer within {:g} s"),
    (socket.gaierror, "its name cannot be resolved"),
    (UnicodeError, "its name cannot be resolved"),
    (ssl.SSLCertVerificationError, "its TLS certificate is not accepted"),
    (ssl.SSLError, "cannot agree with it on TLS"),
    (ConnectionRefusedError, "refused the connection"),
    (ConnectionError, "broke off"),
    (OSError, "cannot be reached"),
    (httpcore2.NetworkError, "broke off"),
)
"""What the first of these that is found in an error and its causes says of a call."""


class Outcome(msgspec.Struct, frozen=True):
    """What one call came to: the HTTP status, if any; `reason` is "" where it was received."""

    status: int | None
    reason: str
    duration_ms: int

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has it."""
        return not self.reason


class Poster:
    """Connections to receivers, kept for a while. Redirects are not followed, proxies not used."""

    def __init__(self, *, timeout_s: float = 1.25, allows_private: bool = False) -> None:
        """A receiver must answer within `timeout_s`, from the connection to its headers.

        Addresses inside one's own network are called only where `allows_private`.
        """
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._network = ReceiverNetwork(patience_s=timeout_s, allows_private=allows_private)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_IDLE_S,
            network_backend=self._network,
        )

    async def post(self, url: str, body: str) -> Outcome:
        """Post the text. It counts as received when the answer's status is 2xx.

        CONTRACT H.3 says 200; receivers of other services' calls answer 201, 202 or 204 as well.
        Raises nothing for what a receiver does. Waits for a turn where 64 calls are under way,
        and no receiver is blamed for that time.
        """
        async with self._turns:
            begun = time.monotonic()
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._answer(url, body)
            except Exception as error:
                return Outcome(None, self._told(error), _since(begun))
            took = _since(begun)
            await _finish(answer)
        return Outcome(answer.status, _reason_of(answer.status), took)

    async def close(self) -> None:
        """Close all connections."""
        self._network.close()
        await self._pool.aclose()

    async def _answer(self, url: str, body: str) -> httpcore2.Response:
        """Ask once; again where a kept connection breaks, which its other end may have closed."""
        request = _request(url, body.encode())
        connects.set(False)
        try:
            return await self._pool.handle_async_request(request)
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):
            if connects.get():
                raise
        return await self._pool.handle_async_request(request)

    def _told(self, error: Exception) -> str:
        causes = _causes(error)
        for one in causes:
            if isinstance(one, NotAllowedAddress):
                return str(one)
        if isinstance(error, httpcore2.RemoteProtocolError):
            # Without a fault in what came, nothing or not all came.
            return "answered something that is no HTTP" if len(causes) > 1 else "broke off"
        for kind, reason in _REASONS:
            if any(isinstance(one, kind) for one in causes):
                return reason.format(self._timeout_s)
        return f"cannot be called: {type(error).__name__}"


def _request(url: str, body: bytes) -> httpcore2.Request:
    host = urlsplit(url).netloc.encode()
    headers = [*_HEADERS, (b"host", host), (b"content-length", b"%d" % len(body))]
    return httpcore2.Request("POST", url, headers=headers, content=body)


async def _finish(answer: httpcore2.Response) -> None:
    """Read the rest, after which the connection is used again; a long one is not worth it.

    Whatever happens in it, the status was said.
    """
    with suppress(Exception):
        try:
            async with asyncio.timeout(_REST_S):
                await _drain(answer)
        finally:
            await answer.aclose()


async def _drain(answer: httpcore2.Response) -> None:
    size = 0
    async with aclosing(answer.aiter_stream()) as rest:
        async for chunk in rest:
            size += len(chunk)
            if size > _MOST_READ:
                return


def _reason_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    more = ": redirects are not followed" if 300 <= status < 400 else ""
    return f"answered {status}{more}"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what caused it, without TLS's wish to read, which is none."""
    causes: list[BaseException] = []
    one: BaseException | None = error
    while one is not None:
        if not isinstance(one, ssl.SSLWantReadError):
            causes.append(one)
        one = one.__cause__ or one.__context__
    return causes


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
