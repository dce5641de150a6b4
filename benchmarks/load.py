"""A lean HTTP/1.1 load: a fixed number of connections, each sending its next request at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator

import msgspec

from benchmarks.answers import Answer, whole_answer

Told = Callable[[float, bytes], None]
"""Is told of an answer: the seconds that it took, and its body."""

_HOST = "127.0.0.1"
_PATIENCE_S = 120


class Timing(msgspec.Struct):
    """What a load measured: calls a second, and seconds of each call in rising order.

    Where it is known, `cpu_s` is the processor time of who answered.
    """

    rate: float
    seconds: list[float]
    cpu_s: float = 0.0

    @classmethod
    def of(cls, elapsed_s: float, seconds: list[float]) -> Timing:
        """From the whole time and the single ones."""
        return cls(len(seconds) / elapsed_s, sorted(seconds))

    def ms(self, share: float) -> float:
        """The time, in milliseconds, within which this share of the calls was answered."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)] * 1000


class _Connection(asyncio.Protocol):
    """Sends one request after the other and waits for each whole answer."""

    def __init__(self, requests: Iterator[tuple[bytes, Told]]) -> None:
        self._requests = requests
        self._received = b""
        self._opens_again = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        following = next(self._requests, None)
        if following is None:
            self._finish()
            return
        request, self._told = following
        self._started = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        answer = whole_answer(self._received)
        if answer is not None:
            self._take(answer)

    def _take(self, answer: Answer) -> None:
        if not 200 <= answer.status < 300:
            self._fail(RuntimeError(self._received[:500].decode(errors="replace")))
            return
        self._told(time.perf_counter() - self._started, answer.body)
        self._received = b""
        if answer.is_last:
            self._opens_again = True
            self._transport.close()
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._received and not error:
            ended = whole_answer(self._received, is_closed=True)
            if ended is not None:
                self._take(ended._replace(is_last=True))
        if self._opens_again:
            self._opens_again = False
            self._opening = asyncio.ensure_future(self._open_again())
            return
        self._fail(error or RuntimeError("the server closed the connection"))

    async def _open_again(self) -> None:
        loop, (host, port) = asyncio.get_running_loop(), self._peer
        try:
            await loop.create_connection(lambda: self, host, port)
        except OSError as error:
            self._fail(error)

    async def open(self, port: int) -> None:
        """Connect, and begin to send."""
        self._peer = (_HOST, port)
        await asyncio.get_running_loop().create_connection(lambda: self, *self._peer)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self._transport.close()

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


async def run_load(
    port: int,
    requests: Iterable[bytes],
    connections: int,
    *,
    seconds: float | None = None,
    bodies: dict[int, bytes] | None = None,
) -> Timing:
    """Send requests to this port of the loopback, all of them or as many as fit in these seconds.

    The bodies of the answers are put into `bodies`, by the places of their requests from 0 on.
    Raises RuntimeError unless each answer is a success (2xx).
    """
    times: list[float] = []

    def told(took: float, _: bytes) -> None:
        times.append(took)

    def kept(place: int, request: bytes, into: dict[int, bytes]) -> tuple[bytes, Told]:
        def told_and_kept(took: float, body: bytes) -> None:
            times.append(took)
            into[place] = body

        return request, told_and_kept

    pairs = (
        ((one, told) for one in requests)
        if bodies is None
        else (kept(place, one, bodies) for place, one in enumerate(requests))
    )
    started = time.perf_counter()
    await run_mixed_load(port, pairs, connections, seconds=seconds)
    return Timing.of(time.perf_counter() - started, times)


async def run_mixed_load(
    port: int,
    requests: Iterable[tuple[bytes, Told]],
    connections: int,
    *,
    seconds: float | None = None,
) -> None:
    """Send requests as `run_load` does; each comes with whom to tell of its answer.

    Raises TimeoutError when, after these seconds, an answer is still not there two minutes later.
    """
    remaining = iter(requests) if seconds is None else _until(seconds, requests)
    opened = [_Connection(remaining) for _ in range(connections)]
    async with asyncio.timeout(None if seconds is None else seconds + _PATIENCE_S):
        for one in opened:
            await one.open(port)
        await asyncio.gather(*(one.done for one in opened))


def _until(seconds: float, requests: Iterable[tuple[bytes, Told]]) -> Iterator[tuple[bytes, Told]]:
    ends = time.perf_counter() + seconds
    for one in requests:
        if time.perf_counter() >= ends:
            return
        yield one


def http_request(
    path: str, body: bytes | None, headers: dict[str, str], *, method: str = "POST"
) -> bytes:
    """One request with a body of JSON, or without one, as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {_HOST}"]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")
