"""The options of whatever delivers events: `contactory serve` and `contactory worker`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

import typer

from contactory.ops.settings import EventSettings

_EVENTS: Final = "Events"
_DEFAULTS: Final = EventSettings()

WebhookTimeoutOption = Annotated[
    float,
    typer.Option(
        min=0.05,
        max=60,
        metavar="SECONDS",
        help="How long a webhook may take to answer.",
        envvar="CONTACTORY_WEBHOOK_TIMEOUT",
        rich_help_panel=_EVENTS,
    ),
]
WebhookRetryOption = Annotated[
    list[float] | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="How long after a failure a webhook is called again; repeat for each next failure. "
        "Default: 12 times within two days.",
        envvar="CONTACTORY_WEBHOOK_RETRY",
        rich_help_panel=_EVENTS,
    ),
]
HandlerTimeoutOption = Annotated[
    float,
    typer.Option(
        min=0.05,
        metavar="SECONDS",
        help="How long a handler may take.",
        envvar="CONTACTORY_HANDLER_TIMEOUT",
        rich_help_panel=_EVENTS,
    ),
]
HandlerRetryOption = Annotated[
    list[float] | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="The same for handlers. Default: 8 times within a day.",
        envvar="CONTACTORY_HANDLER_RETRY",
        rich_help_panel=_EVENTS,
    ),
]
PauseAfterOption = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="DAYS",
        help="Pause a webhook or handler that received nothing for so long.",
        envvar="CONTACTORY_PAUSE_AFTER",
        rich_help_panel=_EVENTS,
    ),
]
PrivateReceiversOption = Annotated[
    bool,
    typer.Option(
        help="Let webhooks be at private and loopback addresses, and at http:// URLs.",
        envvar="CONTACTORY_PRIVATE_RECEIVERS",
        rich_help_panel=_EVENTS,
    ),
]
KeepEventsOption = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="DAYS",
        help="How long events are kept; those that somebody waits for stay longer.",
        envvar="CONTACTORY_KEEP_EVENTS",
        rich_help_panel=_EVENTS,
    ),
]


def event_settings(
    timeout_s: float,
    webhook_retry: Sequence[float] | None,
    handler_timeout_s: float,
    handler_retry: Sequence[float] | None,
    pause_after_days: float,
    *,
    private_receivers: bool,
    keep_days: float,
) -> EventSettings:
    """What the options say together."""
    return EventSettings(
        timeout_s=timeout_s,
        handler_timeout_s=handler_timeout_s,
        webhook_delays_s=tuple(webhook_retry or _DEFAULTS.webhook_delays_s),
        handler_delays_s=tuple(handler_retry or _DEFAULTS.handler_delays_s),
        pause_after=timedelta(days=pause_after_days),
        allows_private=private_receivers,
        retention=timedelta(days=keep_days),
    )
