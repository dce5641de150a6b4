"""A stand-in for a server beyond a bad network: answers as scripted, then no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

DROP: Final = b""
"""Take the request and close the connection."""


def answer(status: int, body: str, *headers: str) -> bytes:
    """An HTTP answer."""
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} Whatever",
        "content-type: application/json",
        f"content-length: {len(content)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Flaky:
    """The requests that came, and what the next ones get; the last answer is given for ever."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.url = ""
        self.requests: list[bytes] = []
        self._answers = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await _head(reader):
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                body = await reader.readexactly(int(length or 0))
                self.requests.append(head + body)
                given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                if given == DROP:
                    break
                writer.write(given)
                await writer.drain()
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def flaky(*answers: bytes) -> AsyncIterator[Flaky]:
    """Such a server on a free port."""
    script = Flaky(answers)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield script
