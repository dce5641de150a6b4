"""What is written in one turn of the loop leaves in one piece, and nothing is lost or reordered."""

from __future__ import annotations

import asyncio

import pytest

from contactory.http.joined_writes import JoiningTransport

pytestmark = pytest.mark.anyio


class Recording(asyncio.Transport):
    """Notes what it is told to send, and that it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.sent: list[bytes] = []
        self.closed_after: int | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    def close(self) -> None:
        self.closed_after = len(self.sent)

    def is_closing(self) -> bool:
        return self.closed_after is not None


async def test_writes_of_one_turn_are_one_and_those_of_the_next_another() -> None:
    recording = Recording()
    joining = JoiningTransport(recording, asyncio.get_running_loop())
    joining.write(b"head ")
    joining.write(b"body")
    assert recording.sent == []
    await asyncio.sleep(0)
    assert recording.sent == [b"head body"]
    joining.write(b"next")
    await asyncio.sleep(0)
    assert recording.sent == [b"head body", b"next"]


async def test_closing_sends_what_is_held_first_and_once() -> None:
    recording = Recording()
    joining = JoiningTransport(recording, asyncio.get_running_loop())
    joining.write(b"last")
    joining.close()
    assert recording.sent == [b"last"]
    assert recording.closed_after == 1
    await asyncio.sleep(0)
    assert recording.sent == [b"last"]


async def test_all_else_is_the_transports_own() -> None:
    joining = JoiningTransport(Recording(), asyncio.get_running_loop())
    assert joining.get_extra_info("peername") == ("127.0.0.1", 1)
    assert joining.is_closing() is False
