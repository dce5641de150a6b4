"""Several processes that serve from one socket, started, watched and stopped together."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

import msgspec
import structlog
from prometheus_client.multiprocess import mark_process_dead

from contactory.cli.backend import load_backend
from contactory.cli.exit_codes import EXIT_CODES
from contactory.cli.logs import start_logs
from contactory.cli.plans import Plan
from contactory.cli.printing import tell_error
from contactory.cli.serving import GRACE_S, serve_here
from contactory.domain.errors import ContactoryError
from contactory.worker.event_dispatching import GRACE_S as EVENTS_GRACE_S

_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"
_PATIENCE_S: Final = GRACE_S + EVENTS_GRACE_S + 5

_log = structlog.get_logger("contactory.cli")
_spawning: Final = multiprocessing.get_context("spawn")


def supervise(plan: Plan, listener: socket.socket, count: int) -> int:
    """Serve with so many processes until a signal says to stop; dead ones are replaced.

    Returns 0, or the exit code of a process that found that it cannot serve.
    """
    with tempfile.TemporaryDirectory(prefix="contactory-") as folder, _signals() as told:
        # Processes read it when they start, before they count anything.
        os.environ[_METRICS] = folder
        watched = msgspec.structs.replace(plan, metrics_folder=folder)
        children = [_started(watched, listener) for _ in range(count)]
        try:
            return _watch(children, watched, listener, told)
        finally:
            _stop(children)


def _watch(
    children: list[SpawnProcess], plan: Plan, listener: socket.socket, told: Connection
) -> int:
    while True:
        wait([told, *(child.sentinel for child in children)])
        if told.poll():
            return 0
        for at, child in enumerate(children):
            if child.is_alive():
                continue
            child.join()
            if (status := child.exitcode or 0) > 0:
                return status
            _log.error("a serving process died", pid=child.pid, signal=-status)
            _forget_gauges(child.pid, plan.metrics_folder)
            children[at] = _started(plan, listener)


def _forget_gauges(pid: int | None, folder: str | None) -> None:
    """What a dead process had in flight is so no more."""
    forget: Any = mark_process_dead
    forget(pid, folder)


def _started(plan: Plan, listener: socket.socket) -> SpawnProcess:
    child = _spawning.Process(target=_serve, args=(plan, listener))
    child.start()
    return child


def _stop(children: list[SpawnProcess]) -> None:
    for child in children:
        child.terminate()
    ends = time.monotonic() + _PATIENCE_S
    for child in children:
        child.join(max(0, ends - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


@contextmanager
def _signals() -> Iterator[Connection]:
    """A connection that has something to read once this process is told to stop."""
    told, teller = multiprocessing.Pipe(duplex=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: teller.send_bytes(b"stop"))
    with told, teller:
        yield told


def _serve(plan: Plan, listener: socket.socket) -> None:
    """What each process runs; ends it with the exit code of an error."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    start_logs(plan.log_level)
    try:
        serve_here(plan, listener, load_backend(plan.web))
    except ContactoryError as error:
        tell_error(error, as_json=False)
        raise SystemExit(EXIT_CODES[type(error)]) from error


def _end_with_parent() -> None:
    """Stop this process when the supervising one is gone, however it went."""
    parent: Any = multiprocessing.parent_process()
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
