"""One process that serves: opens the store, runs the server and the worker, ends gracefully."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import structlog
from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.loops.auto import auto_loop_factory

from contactory.cli.backend import Backend
from contactory.cli.leaving import leave_threads
from contactory.cli.plans import Plan
from contactory.cli.preloading import preload
from contactory.http.app import build_app
from contactory.http.joined_writes import JoiningProtocol
from contactory.ops.crm import Crm
from contactory.worker.running import worked

_log = structlog.get_logger("contactory.serve")

_BETWEEN_COLLECTIONS: Final = 50_000

GRACE_S: Final = 30
"""How long calls that were accepted may take to finish after the order to stop."""


class _Server(Server):
    """Stops when told by a signal, and lets the process go on to close the store."""

    def __init__(self, config: Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle signals while serving; unlike the original, do not raise them again at the end."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then load what the first contacts need."""
        await super().startup(sockets)
        _log.info("serving")
        _spare_the_collector()
        asyncio.get_running_loop().run_in_executor(None, preload)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would go on for ever, then wait for what was accepted."""
        self._stopping.set()
        await super().shutdown(sockets)


def _spare_the_collector() -> None:
    """What was made so far stays, and a request leaves no circles: look for them seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_BETWEEN_COLLECTIONS, 20, 20)


def serve_here(plan: Plan, listener: socket.socket, backend: Backend) -> None:
    """Serve until a signal says to stop; then finish what was accepted and close the store.

    Raises NotFound, StoreDamaged, Unavailable.
    """
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(plan, listener, backend))
    leave_threads()


async def _serve(plan: Plan, listener: socket.socket, backend: Backend) -> None:
    async with await Crm.open(plan.store, plan.settings) as opened:
        crm = await opened.at_site(plan.site) if plan.site else opened
        stopping = asyncio.Event()
        app = build_app(
            crm,
            plan.http,
            metrics_folder=plan.metrics_folder,
            web=backend.web,
            pages=plan.pages,
            stopping=stopping,
        )
        async with worked(crm, handlers=backend.handlers, has_jobs=plan.has_worker):
            await _Server(_config(app, plan), stopping).serve(sockets=[listener])
    _log.info("stopped")


def _config(app: ASGIApp, plan: Plan) -> Config:
    return Config(
        app,
        http=JoiningProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=plan.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=plan.tls.certificate if plan.tls else None,
        ssl_keyfile=plan.tls.key if plan.tls else None,
    )
