"""Events: what happened to contacts, labels and fields, in the order of commits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from contactory.domain.errors import Unavailable
from contactory.domain.event_feed import (
    DEFAULT_EVENTS,
    LATEST,
    AskedEvents,
    EventPage,
    FeedEvent,
    read_asked,
)
from contactory.domain.permissions import Permission
from contactory.ops.context import Context
from contactory.ops.event_reading import after_page, followed_events, read_events
from contactory.ops.operation import Bound, operation

_PAUSE_S: Final = 1.0
_IDLE_S: Final = 15.0


class Events(Bound):
    """The events of a site: each once, in an order that never goes back."""

    @operation(Permission.EVENTS_VIEW)
    async def list_events(
        self,
        context: Context,
        after: str | None = None,
        limit: int = DEFAULT_EVENTS,
        event_types: Sequence[str] = (),
    ) -> EventPage:
        """The next events after a cursor, at most `limit` (1 to 1000), of these types or of all.

        `after` is the cursor of an event or page, "earliest" (the default) or "latest". A page may
        be empty and have more after it, where many events of other types were looked through.
        Raises PermissionDenied, InvalidArgument, and FailedPrecondition where the cursor is older
        than the events that are kept, or of another store.
        """
        return await read_events(context, read_asked(after, limit, event_types))

    def follow(
        self, after: str | None = LATEST, *, event_types: Sequence[str] = ()
    ) -> AsyncGenerator[FeedEvent, None]:
        """Each event after a cursor as soon as it is committed, for ever.

        To go on after the program's end, keep the `cursor` of the last event that was dealt with. A
        store that does not answer for a while is waited for. Raises what `list_events` raises:
        PermissionDenied and InvalidArgument at once, the rest while events are awaited.
        """
        context = self._context()
        context.identity.require(Permission.EVENTS_VIEW)
        return _follow(context, read_asked(after, None, event_types, default=LATEST))


async def _follow(context: Context, asked: AskedEvents) -> AsyncGenerator[FeedEvent, None]:
    has_begun = False
    while True:
        try:
            async with aclosing(followed_events(context, asked, idle_s=_IDLE_S)) as pages:
                async for page in pages:
                    has_begun = True
                    for event in page.events:
                        yield event
                    asked = after_page(asked, page)
        except Unavailable:
            if not has_begun:
                raise
        await asyncio.sleep(_PAUSE_S)
