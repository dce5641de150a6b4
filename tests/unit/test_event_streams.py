"""Streams of events as the remote client reads them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from contactory.domain.errors import RemoteError
from contactory.remote.event_streams import StreamedEvent, streamed_events

pytestmark = pytest.mark.anyio

NAMES = {"name": "Ż\u2028\u0085 \\n: x", "more": ["a\n\nb"]}
STREAM = (
    "retry: 1000\n: so far\nid: e1\n\n"
    f"id: e2\nevent: created\ndata: {json.dumps(NAMES, ensure_ascii=False)}\n\n"
    ": alive\n\n"
    "id: e3\nevent: crea"
).encode()


async def in_parts(stream: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(stream), size):
        yield stream[at : at + size]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_events_are_read_however_they_arrive(size: int) -> None:
    found = [one async for one in streamed_events(in_parts(STREAM, size))]
    assert found == [
        StreamedEvent("e1", None),
        StreamedEvent("e2", NAMES),
        StreamedEvent("", None),
    ]


@pytest.mark.parametrize("block", [b"data: {", b"data: \xff", b"id: \xff"])
async def test_what_is_no_event_of_ours_is_told(block: bytes) -> None:
    with pytest.raises(RemoteError, match="cannot be read"):
        _ = [one async for one in streamed_events(in_parts(block + b"\n\n", 5))]
