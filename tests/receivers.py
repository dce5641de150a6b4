"""Receivers of webhook calls, which answer as a test tells them to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import jwt
import msgspec

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Received(msgspec.Struct, frozen=True):
    """One call: its token, what that says, and the event in it."""

    token: str
    told: dict[str, Any]
    event: dict[str, Any]

    @property
    def entity(self) -> str:
        """Whose event it is."""
        return str(self.event["entityId"])

    @property
    def sequence(self) -> int:
        """Its number among those of the entity."""
        return int(self.event["entityEventSequence"])


Answering: TypeAlias = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """What came to a URL, in the order in which it came; `answering` decides what goes back."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[Received] = []
        self.answering: Answering = accept
        self._came = asyncio.Event()

    async def until(self, count: int, patience_s: float = 20) -> list[Received]:
        """The calls, once there are so many."""
        async with asyncio.timeout(patience_s):
            while len(self.calls) < count:
                self._came.clear()
                await self._came.wait()
        return self.calls

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take calls from one connection."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.partition("content-length:")[2].split("\r\n")[0])
                received = read_call((await reader.readexactly(length)).decode())
                self.calls.append(received)
                self._came.set()
                await self.answering(received, writer)
        writer.close()


def read_call(token: str) -> Received:
    """What a call says; whether its signature is good is another question."""
    claims = jwt.decode(token, options={"verify_signature": False})
    told = json.loads(claims["data"])
    return Received(token, told, json.loads(told["data"]))


async def accept(_received: Received, writer: asyncio.StreamWriter) -> None:
    """Answer 200."""
    writer.write(OK)


def status(code: int) -> Answering:
    """Answers always with this status."""

    async def answer(_received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {code} Told\r\ncontent-length: 0\r\n\r\n".encode())

    return answer


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on loopback, until the block ends."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
