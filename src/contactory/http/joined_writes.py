"""An answer leaves in one piece: its head and its body are two writes, each a system call."""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class JoiningProtocol(HttpToolsProtocol):
    """The server's protocol over a transport that joins writes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Write to the transport through one that joins."""
        joining = JoiningTransport(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", joining))


class JoiningTransport:
    """Hands what is written in one turn of the loop on at its end.

    It has what the server's protocol uses of a transport; all but writing goes straight on.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def write(self, data: bytes) -> None:
        """Write with all else that is written until the loop's next turn."""
        if not self._held:
            self._loop.call_soon(self._hand_on)
        self._held.append(data)

    def close(self) -> None:
        """Close, once everything is written."""
        self._hand_on()
        self._transport.close()

    def _hand_on(self) -> None:
        if self._held:
            data = b"".join(self._held)
            self._held.clear()
            self._transport.write(data)
