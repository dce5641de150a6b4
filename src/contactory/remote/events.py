"""Events of a server elsewhere: the same calls as `ops/events.py`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

import anyio

from contactory.domain.errors import Unavailable
from contactory.domain.event_feed import (
    DEFAULT_EVENTS,
    LATEST,
    EventPage,
    FeedEvent,
    read_asked,
)
from contactory.remote.answers import read_answer
from contactory.remote.calls import Calls
from contactory.remote.event_streams import streamed_events

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 10.0


class RemoteEvents:
    """The events of a site: each once, in an order that never goes back."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list_events(
        self,
        after: str | None = None,
        limit: int = DEFAULT_EVENTS,
        event_types: Sequence[str] = (),
    ) -> EventPage:
        """The next events after a cursor, at most `limit` (1 to 1000), of these types or of all.

        Raises what the embedded call raises and `Calls.call` adds.
        """
        values = {"after": after, "limit": limit, "types": event_types}
        return read_answer(EventPage, await self._calls.call("events.list_events", values))

    def follow(
        self, after: str | None = LATEST, *, event_types: Sequence[str] = ()
    ) -> AsyncGenerator[FeedEvent, None]:
        """Each event after a cursor as soon as it is committed, for ever.

        A connection that breaks is made anew, after the last event; so is one to a server that does
        not answer, once there was one. Raises InvalidArgument at once, and while events are awaited
        what the embedded call raises and `Calls.call` adds.
        """
        read_asked(after, None, event_types, default=LATEST)
        return self._follow(after or LATEST, event_types)

    async def _follow(self, after: str, types: Sequence[str]) -> AsyncGenerator[FeedEvent, None]:
        pause_s, has_begun = _FIRST_PAUSE_S, False
        while True:
            try:
                async with aclosing(self._streamed(after, types)) as stream:
                    async for cursor, event in stream:
                        pause_s, has_begun = _FIRST_PAUSE_S, True
                        if event is not None:
                            yield event
                        after = cursor
            except Unavailable:
                if not has_begun:
                    raise
            await anyio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _streamed(
        self, after: str, types: Sequence[str]
    ) -> AsyncGenerator[tuple[str, FeedEvent | None], None]:
        """What one connection brings: events, and cursors alone."""
        values = {"after": after, "types": types}
        async with (
            self._calls.stream("events.list_events", values) as parts,
            aclosing(streamed_events(parts)) as blocks,
        ):
            async for block in blocks:
                if block.data is not None:
                    yield block.cursor, read_answer(FeedEvent, block.data)
                elif block.cursor:
                    yield block.cursor, None
