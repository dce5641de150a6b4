"""`contactory events`: what happened to contacts, labels and fields."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.printing import plain, print_line
from contactory.cli.terminal import Terminal
from contactory.domain.event_feed import DEFAULT_EVENTS, EARLIEST, LATEST, MOST_EVENTS, FeedEvent
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm

app = new_group("Events: what happened, in the order of commits, in a store or through a server.")

_COLUMNS = ("cursor", "eventTime", "eventType", "entityId", "originatedFrom")

_TypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="T",
        help="Only this type, such as wix.contacts.v4.contact_created; repeat for more.",
    ),
]
_AFTER = f"The cursor of an event or page, {EARLIEST} or {LATEST}."


@command(app, "list", "contactory events list --after e1815 --limit 10", over_http=True)
def list_some(
    terminal: Terminal,
    *,
    after: Annotated[str, typer.Option(metavar="CURSOR", help=_AFTER)] = EARLIEST,
    limit: Annotated[int, typer.Option(min=1, max=MOST_EVENTS)] = DEFAULT_EVENTS,
    event_type: _TypeOption = None,
) -> None:
    """List the next events after a cursor, the oldest first."""
    page = terminal.run_anywhere(lambda crm: crm.events.list_events(after, limit, event_type or ()))
    if terminal.as_json:
        terminal.show(page)
        return
    terminal.show_all(page.events, _COLUMNS, "no events")
    if page.has_more:
        terminal.note(f"There are more: --after {page.cursor}")


@command(app, "tail", "contactory events tail --json", over_http=True)
def tail(
    terminal: Terminal,
    *,
    after: Annotated[str, typer.Option(metavar="CURSOR", help=_AFTER)] = LATEST,
    event_type: _TypeOption = None,
) -> None:
    """Show each event as it happens, until it is stopped; with --json a document on each line."""

    async def follow(crm: Crm | RemoteCrm) -> None:
        async with aclosing(crm.events.follow(after, event_types=event_type or ())) as events:
            async for event in events:
                print_line(_told(event, as_json=terminal.as_json))

    terminal.run_anywhere(follow)


def _told(event: FeedEvent, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(plain(event), ensure_ascii=False)
    return f"{event.cursor}  {event.time}  {event.type}  {event.entity_id}"
