"""A lean HTTP/1.1 load: a fixed number of connections, each sending its next request at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence

import msgspec


class Timing(msgspec.Struct):
    """What a load measured: calls a second, and seconds of each call in rising order."""

    rate: float
    seconds: list[float]

    @classmethod
    def of(cls, elapsed_s: float, seconds: list[float]) -> Timing:
        """From the whole time and the single ones."""
        return cls(len(seconds) / elapsed_s, sorted(seconds))

    def ms(self, share: float) -> float:
        """The time, in milliseconds, within which this share of the calls was answered."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)] * 1000


class _Connection(asyncio.Protocol):
    """Sends one request after the other and waits for each whole answer."""

    def __init__(self, requests: Iterator[bytes], times: list[float]) -> None:
        self._requests = requests
        self._times = times
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._started = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(RuntimeError(self._buffer[:500].decode()))
            return
        self._times.append(time.perf_counter() - self._started)
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or RuntimeError("the server closed the connection"))

    def _fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


async def run_load(port: int, requests: Sequence[bytes], connections: int) -> Timing:
    """Send all requests to this port of the loopback; raises unless each is answered with 200."""
    remaining = iter(requests)
    times: list[float] = []
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(remaining, times), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return Timing.of(time.perf_counter() - started, times)


def http_request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """One POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
