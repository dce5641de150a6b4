"""Receivers that send back any bytes, at any pace, or none: on loopback, counting connections."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class RawReceiver:
    """What came in, one text a request, and from how many connections."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[str] = []
        self.open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook"


Answering: TypeAlias = Callable[[RawReceiver, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiving(
    answering: Answering, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawReceiver]:
    """A receiver until the block ends. `answering` is called for each request that came whole."""
    receiver = RawReceiver()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                receiver.requests.append(await _request(reader))
                await answering(receiver, writer)
        receiver.open.discard(writer)
        writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver.connections += 1
        receiver.open.add(writer)
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls, backlog=200)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for writer in receiver.open:  # Those whose task did not begin.
            writer.transport.abort()
        await asyncio.sleep(0)


async def _request(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
    return head + (await reader.readexactly(length)).decode()


def sending(*parts: bytes, pause_s: float = 0, is_closing: bool = False) -> Answering:
    """Sends the parts one by one, each after a pause; then goes on, or closes."""

    async def answer(_receiver: RawReceiver, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            await asyncio.sleep(pause_s)
            writer.write(part)
            await writer.drain()
        if is_closing:
            writer.close()

    return answer


def flooding(head: bytes, chunk: bytes, sent: list[int]) -> Answering:
    """Sends the head, then the chunk for ever; `sent` tells how many bytes of it went out."""

    async def answer(_receiver: RawReceiver, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()
            sent.append(len(chunk))

    return answer


async def hang(_receiver: RawReceiver, _writer: asyncio.StreamWriter) -> None:
    """Answers nothing, ever."""
    await asyncio.Event().wait()
