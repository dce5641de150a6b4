"""`contactory serve`: runs the server."""

from __future__ import annotations

import asyncio
from typing import Final

import typer

from contactory.cli.backend import load_backend
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
from contactory.cli.first_run import greet, prepare_store
from contactory.cli.listening import listen, url_of
from contactory.cli.logs import LogLevel, start_logs
from contactory.cli.option_values import read_sources, read_tls
from contactory.cli.plans import Plan
from contactory.cli.serve_options import (
    CorsOriginOption,
    FieldsQuotaOption,
    ForwardedAllowIpsOption,
    HostOption,
    LabelsQuotaOption,
    LogLevelOption,
    MaxBodyOption,
    MaxStreamsOption,
    MetricsOption,
    PagesOption,
    PortOption,
    ProcessesOption,
    RateLimitOption,
    SourceOption,
    StrictKeysOption,
    TlsCertOption,
    TlsKeyOption,
    WebOption,
    WebOriginOption,
    WorkerOption,
)
from contactory.cli.serving import serve_here
from contactory.cli.supervising import supervise
from contactory.cli.terminal import Terminal
from contactory.domain.errors import NotFound
from contactory.http.settings import HttpSettings
from contactory.ops.settings import Settings

app = new_single()

_DEFAULTS: Final = HttpSettings()
_SETTINGS: Final = Settings()


@command(app, "serve", "contactory serve --port 8080 --web backend --pages public")
def serve(
    terminal: Terminal,
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    processes: ProcessesOption = 1,
    web: WebOption = None,
    pages: PagesOption = None,
    web_origin: WebOriginOption = None,
    cors_origin: CorsOriginOption = None,
    rate_limit: RateLimitOption = 0,
    max_body: MaxBodyOption = _DEFAULTS.max_body_bytes,
    max_streams: MaxStreamsOption = _DEFAULTS.max_streams,
    strict_keys: StrictKeysOption = False,
    labels_quota: LabelsQuotaOption = _SETTINGS.labels_quota,
    fields_quota: FieldsQuotaOption = _SETTINGS.fields_quota,
    source: SourceOption = None,
    webhook_timeout: WebhookTimeoutOption = 1.25,
    webhook_retry: WebhookRetryOption = None,
    handler_timeout: HandlerTimeoutOption = 60,
    handler_retry: HandlerRetryOption = None,
    pause_after: PauseAfterOption = 3,
    private_receivers: PrivateReceiversOption = False,
    keep_events: KeepEventsOption = 30,
    tls_cert: TlsCertOption = None,
    tls_key: TlsKeyOption = None,
    forwarded_allow_ips: ForwardedAllowIpsOption = "127.0.0.1,::1",
    metrics: MetricsOption = True,
    worker: WorkerOption = True,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Run the server until it is stopped; it is ready when /readyz answers 200.

    The first run makes the store and prints a key, once. The API is served at /contacts/v4, the web
    methods of --web at /web, the files of --pages at /.
    """
    plan = Plan(
        store=terminal.store,
        site=terminal.site,
        settings=Settings(
            strict_keys=strict_keys,
            labels_quota=labels_quota,
            fields_quota=fields_quota,
            sources=read_sources(source or ()),
            events=event_settings(
                webhook_timeout,
                webhook_retry,
                handler_timeout,
                handler_retry,
                pause_after,
                private_receivers=private_receivers,
                keep_days=keep_events,
            ),
        ),
        http=HttpSettings(
            max_body_bytes=max_body,
            rate_limit=rate_limit,
            cors_origins=tuple(cors_origin or ("*",)),
            web_origins=tuple(web_origin or ()),
            metrics=metrics,
            max_streams=max_streams,
        ),
        web=tuple(web or ()),
        pages=pages,
        tls=read_tls(tls_cert, tls_key),
        forwarded_allow_ips=forwarded_allow_ips,
        log_level=log_level,
        has_worker=worker,
    )
    run_plan(plan, host, port, processes, as_json=terminal.as_json)


def run_plan(plan: Plan, host: str, port: int, processes: int, *, as_json: bool) -> None:
    """Serve as planned. What can be wrong is found before the store is made and the key shown."""
    start_logs(plan.log_level)
    backend = load_backend(plan.web)
    if plan.pages is not None and not plan.pages.is_dir():
        raise NotFound(f"there is no folder {plan.pages} of pages")
    with listen(host, port) as listener:
        key = asyncio.run(prepare_store(plan))
        greet(url_of(listener, host, is_tls=plan.tls is not None), plan, key, as_json=as_json)
        if processes == 1:
            serve_here(plan, listener, backend)
        elif status := supervise(plan, listener, processes):
            raise typer.Exit(status)
