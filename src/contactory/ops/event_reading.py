"""Reads a site's events in the order of commits: a page, or page after page for ever.

An event is read once it has its place. It gets one with the insert or, where transactions end in
another order than they begin, by whoever reads next; so a reader places first, then reads.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

import msgspec

from contactory.domain.errors import FailedPrecondition
from contactory.domain.event_feed import (
    EARLIEST,
    LATEST,
    AskedEvents,
    EventPage,
    FeedEvent,
    cursor_of,
)
from contactory.ops.context import Context
from contactory.store.engine import Transaction
from contactory.store.outbox import (
    MOST_PLACED,
    events_after,
    forgotten_position,
    has_unplaced,
    last_position,
    place_events,
)

MOST_LOOKED: Final = 2_000
"""Through how many events one page looks for those of its types."""

_LOOKED_AT_ONCE: Final = 500
_BETWEEN_LOOKS_S: Final = 1.0


async def read_events(context: Context, asked: AskedEvents) -> EventPage:
    """The events that are asked for, as far as they are committed now.

    Raises FailedPrecondition where nothing can follow the place, Unavailable.
    """
    await _place(context)
    return await context.store.read(lambda tx: _page(tx, context, asked))


async def followed_events(
    context: Context, asked: AskedEvents, *, idle_s: float
) -> AsyncGenerator[EventPage, None]:
    """Page after page, the first one at once even if nothing is on it.

    Later ones come when there is something on them, when many events of other types passed by, and
    after `idle_s` seconds of neither, so that whoever reads has the newest cursor and knows that
    all is well. Raises what `read_events` raises.
    """
    shown_at = 0.0
    with context.store.watched() as alarm:
        while True:
            alarm.clear()
            page = await read_events(context, asked)
            is_idle = time.monotonic() - shown_at >= idle_s
            if page.events or page.has_more or is_idle or isinstance(asked.after, str):
                yield page
                shown_at = time.monotonic()
            asked = after_page(asked, page)
            if not page.has_more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(alarm.wait(), min(_BETWEEN_LOOKS_S, idle_s))


def after_page(asked: AskedEvents, page: EventPage) -> AskedEvents:
    """The same question about what comes after this page."""
    return msgspec.structs.replace(asked, after=int(page.cursor[1:]))


async def _place(context: Context) -> None:
    """Give places to what was committed without. A look comes first: most often nothing was."""
    site = context.site
    if await context.store.read(lambda tx: has_unplaced(tx, site)):
        while await context.store.write(lambda tx: place_events(tx, site)) == MOST_PLACED:
            pass


async def _page(tx: Transaction, context: Context, asked: AskedEvents) -> EventPage:
    site = context.site
    if asked.after == LATEST:
        return EventPage([], cursor_of(await last_position(tx, site)), has_more=False)
    begins = await forgotten_position(tx, site) if asked.after == EARLIEST else int(asked.after)
    page = await _found(tx, context, asked, begins)
    # Asked last, so that nothing is forgotten between the look at it and the look at the events.
    if begins < await forgotten_position(tx, site):
        if asked.after == EARLIEST:
            return await _page(tx, context, asked)
        raise FailedPrecondition(
            "What comes next was forgotten because of its age: "
            f"read the contacts anew, then begin at {EARLIEST}"
        )
    is_end = page.cursor == cursor_of(begins)
    if is_end and begins > (newest := await last_position(tx, site)):
        raise FailedPrecondition(
            f"{page.cursor} is ahead of this feed: the newest event is {cursor_of(newest)}. "
            "The store may be an older copy: take the cursor of the page after "
            f"{LATEST}, read the contacts anew, and go on from there"
        )
    return page


async def _found(tx: Transaction, context: Context, asked: AskedEvents, begins: int) -> EventPage:
    """What is asked for after this place, and up to where was looked."""
    # One more than is wanted tells whether there are more.
    at_once = _LOOKED_AT_ONCE if asked.types else asked.limit + 1
    found: list[FeedEvent] = []
    at, looked = begins, 0
    while True:
        placed = await events_after(tx, context.site, at, at_once)
        for one in placed:
            if len(found) == asked.limit:
                return EventPage(found, cursor_of(at), has_more=True)
            at = one.position
            if asked.wants(one):
                found.append(FeedEvent.of(one))
        looked += len(placed)
        if len(placed) < at_once or looked >= MOST_LOOKED:
            return EventPage(found, cursor_of(at), has_more=len(placed) == at_once)
