"""`contactory worker`: runs bulk jobs and delivers events without a server."""

from __future__ import annotations

import asyncio
import signal

import structlog

from contactory.cli.declaring import command, new_single
from contactory.cli.event_options import (
    HandlerRetryOption,
    HandlerTimeoutOption,
    KeepEventsOption,
    PauseAfterOption,
    PrivateReceiversOption,
    WebhookRetryOption,
    WebhookTimeoutOption,
    event_settings,
)
from contactory.cli.leaving import leave_threads
from contactory.cli.logs import LogLevel, start_logs
from contactory.cli.serve_options import LogLevelOption, StrictKeysOption, WebOption
from contactory.cli.terminal import Terminal, check_exists
from contactory.connecting import is_remote
from contactory.domain.errors import NotFound
from contactory.ops.crm import Crm
from contactory.ops.event_handlers import Handlers, load_handlers
from contactory.ops.settings import Settings
from contactory.worker.running import worked

app = new_single()

_log = structlog.get_logger("contactory.worker")


@command(app, "worker", "contactory worker --store sqlite:///contacts.db", at_site=False)
def worker(
    terminal: Terminal,
    *,
    web: WebOption = None,
    strict_keys: StrictKeysOption = False,
    webhook_timeout: WebhookTimeoutOption = 1.25,
    webhook_retry: WebhookRetryOption = None,
    handler_timeout: HandlerTimeoutOption = 60,
    handler_retry: HandlerRetryOption = None,
    pause_after: PauseAfterOption = 3,
    private_receivers: PrivateReceiversOption = False,
    keep_events: KeepEventsOption = 30,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Run the bulk jobs and deliver the events of all sites of a store until it is stopped.

    A server does so itself, unless it is told not to by --no-worker. Any number of workers and
    servers can share a store. Events are handled by those that have the functions, with --web.
    """
    if is_remote(terminal.store):
        raise NotFound(
            "a worker works on a store itself: name it with --store sqlite:///FILE or postgresql://…"
        )
    check_exists(terminal.store)
    start_logs(log_level)
    handlers = load_handlers(web or ())
    settings = Settings(
        strict_keys=strict_keys,
        events=event_settings(
            webhook_timeout,
            webhook_retry,
            handler_timeout,
            handler_retry,
            pause_after,
            private_receivers=private_receivers,
            keep_days=keep_events,
        ),
    )
    asyncio.run(_work(terminal.store, settings, handlers))
    leave_threads()


async def _work(store: str, settings: Settings, handlers: Handlers) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    async with await Crm.open(store, settings) as crm, worked(crm, handlers=handlers):
        _log.info("working")
        await told.wait()
    _log.info("stopped")
