"""Runs `contactory serve` as somebody at a shell does, and reads what it says first."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import COMMAND, environment

STOPS_WITHIN_S = 40


@contextmanager
def running(folder: Path, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A server in this folder, on a free port unless settings name one."""
    port = () if "CONTACTORY_PORT" in settings or "--config" in options else ("--port", "0")
    command = [str(COMMAND), "serve", *port, *options]
    with (
        (folder / "errors.log").open("w") as errors,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env=environment(**settings),
            cwd=folder,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)


def greeting(process: subprocess.Popen[str]) -> str:
    """What the server says before it serves."""
    assert process.stdout
    lines = []
    while not lines or not lines[-1].startswith("Ctrl-C"):
        line = process.stdout.readline()
        assert line, f"the server ended: {process.wait(STOPS_WITHIN_S)}"
        lines.append(line)
    return "".join(lines)


def document(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the server says with `--json` before it serves."""
    assert process.stdout
    lines = []
    while not lines or lines[-1] != "}\n":
        line = process.stdout.readline()
        assert line, f"the server ended: {process.wait(STOPS_WITHIN_S)}"
        lines.append(line)
    return dict(json.loads("".join(lines)))


def refused(folder: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A server that does not start, at its end."""
    return subprocess.run(
        [str(COMMAND), "serve", "--port", "0", *options],
        capture_output=True,
        text=True,
        env=environment(**settings),
        cwd=folder,
        timeout=30,
        check=False,
    )
