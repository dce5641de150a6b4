"""Reads server-sent events from the parts in which they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

import msgspec

from contactory.domain.errors import RemoteError

_MOST_BYTES: Final = 64 * 1024 * 1024


class StreamedEvent(msgspec.Struct, frozen=True):
    """One block of a stream. `cursor` is "" where it has none, `data` None where it has no JSON."""

    cursor: str
    data: Any


async def streamed_events(parts: AsyncIterator[bytes]) -> AsyncGenerator[StreamedEvent, None]:
    """The blocks of a stream as our servers send them. Raises RemoteError for another one.

    A block that broke off is left out: it comes again after the cursor of the one before.
    """
    rest = b""
    async for part in parts:
        *blocks, rest = (rest + part).split(b"\n\n")
        for block in blocks:
            yield _read(block)
        if len(rest) > _MOST_BYTES:
            raise RemoteError("the server sent an event without end")


def _read(block: bytes) -> StreamedEvent:
    # Not by lines of text: those end at signs too that stand in JSON as they are.
    fields = dict(_field(line) for line in block.split(b"\n"))
    try:
        data = msgspec.json.decode(fields[b"data"]) if b"data" in fields else None
        return StreamedEvent(fields.get(b"id", b"").decode(), data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RemoteError("the server sent an event that cannot be read") from error


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")
