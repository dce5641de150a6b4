"""Gunicorn, for rivals whose own server closes the connection after each answer."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from benchmarks.rivals.serving import Served, free_port, serving

PACKAGE: Final = "gunicorn==27.0.1"
_THREADS: Final = 16


def gunicorn(
    commands: Path, application: str, folder: Path, environment: dict[str, str], ready: str
) -> AbstractContextManager[Served]:
    """Serve a WSGI application by one process with threads; connections stay open for long."""
    port = free_port()
    command = [str(commands / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--worker-class"]
    command += ["gthread", "--threads", str(_THREADS), "--keep-alive", "600", "--timeout", "600"]
    command += ["--no-control-socket", application]
    return serving(command, port, folder, environment, ready)
