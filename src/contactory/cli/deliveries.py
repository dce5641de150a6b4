"""`contactory deliveries`: what became of the events that webhooks and handlers are told of."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.printing import plain
from contactory.cli.terminal import Terminal
from contactory.domain.subscriptions import DeliveryState

app = new_group("Deliveries: what became of the events that webhooks and handlers are told of.")

_Id = Annotated[str, typer.Argument(metavar="ID", help="The id of the webhook or handler.")]
_State = Annotated[DeliveryState | None, typer.Option("--state", help="Only those in this state.")]
_EXAMPLE = "0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f61"
_COLUMNS = (
    "eventId",
    "eventType",
    "entityId",
    "state",
    "attempts",
    "status",
    "reason",
    "lastAttemptDate",
    "nextAttemptDate",
    "durationMs",
)


@command(app, "list", f"contactory deliveries list {_EXAMPLE} --state DEAD", over_http=True)
def list_all(
    terminal: Terminal,
    subscription_id: _Id,
    state: _State = None,
    limit: Annotated[int | None, typer.Option(help="At most so many (1 to 1000).")] = None,
    cursor: Annotated[str | None, typer.Option(help="Where an earlier page ended.")] = None,
) -> None:
    """List what became of events, those of the newest events first."""
    page = terminal.run_anywhere(
        lambda crm: crm.subscriptions.list_deliveries(
            subscription_id, None if state is None else state.value, cursor, limit
        )
    )
    terminal.show_all(page.deliveries, _COLUMNS, "no deliveries")
    if page.next_cursor:
        terminal.note(f"There are more: --cursor {page.next_cursor}")


@command(
    app,
    "retry",
    f"contactory deliveries retry {_EXAMPLE} --since 2026-11-24T10:00:00Z",
    over_http=True,
)
def retry(
    terminal: Terminal,
    subscription_id: _Id,
    event_id: Annotated[str | None, typer.Option("--event", help="The event of this id.")] = None,
    since: Annotated[str | None, typer.Option(help="All events since this instant.")] = None,
    state: _State = None,
) -> None:
    """Tell a webhook or handler again: of one event, of all since a moment, or of all DEAD."""
    chosen = None if state is None else state.value
    terminal.run_anywhere(
        lambda crm: crm.subscriptions.redeliver(subscription_id, event_id, since, chosen)
    )
    terminal.show_done({"id": subscription_id, "redelivering": True}, "will be delivered again")


@command(
    app,
    "drop",
    f"contactory deliveries drop {_EXAMPLE} 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f63",
    over_http=True,
)
def drop(
    terminal: Terminal,
    subscription_id: _Id,
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="The event's id.")],
) -> None:
    """Give up telling a webhook or handler of an event."""
    terminal.run_anywhere(lambda crm: crm.subscriptions.drop_delivery(subscription_id, event_id))
    terminal.show_done({"eventId": event_id, "dropped": True}, f"dropped {event_id}")


@command(app, "pause", f"contactory deliveries pause {_EXAMPLE}", over_http=True)
def pause(
    terminal: Terminal,
    subscription_id: _Id,
    reason: Annotated[str | None, typer.Option(help="Why, for those who look.")] = None,
) -> None:
    """Tell a webhook or handler nothing for now; what happens meanwhile waits for it."""
    paused = terminal.run_anywhere(
        lambda crm: crm.subscriptions.pause_subscription(subscription_id, reason)
    )
    terminal.show(plain(paused))


@command(app, "resume", f"contactory deliveries resume {_EXAMPLE}", over_http=True)
def resume(terminal: Terminal, subscription_id: _Id) -> None:
    """Tell a webhook or handler again, at once also what waits."""
    resumed = terminal.run_anywhere(
        lambda crm: crm.subscriptions.resume_subscription(subscription_id)
    )
    terminal.show(plain(resumed))
