"""A rival's process: started on a free port of the loopback, waited for, and ended."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

_PATIENCE_S = 600


class Served(msgspec.Struct, frozen=True):
    """A process that answers."""

    port: int
    pid: int
    start_s: float
    """Seconds from the command to the first answer."""

    @property
    def pids(self) -> list[int]:
        """The process and all that it has started."""
        return _descendants(self.pid)


class Answering:
    """What all that run have in common."""

    def __init__(self, served: Served, database_url: str | None = None) -> None:
        self.port = served.port
        self.pids: Sequence[int] = served.pids
        self.start_s = served.start_s
        self.database_url = database_url


@contextmanager
def serving(
    command: Sequence[str], port: int, folder: Path, environment: Mapping[str, str], ready: str
) -> Iterator[Served]:
    """Run a server in this folder until the block ends; what it prints goes to `server.log`.

    It is there when the path `ready` is answered, with whatever status below 500.
    """
    log = folder / "server.log"
    started = time.perf_counter()
    with log.open("wb") as printed:
        process = subprocess.Popen(
            command, cwd=folder, env=around(environment), stdout=printed, stderr=printed
        )
    try:
        _wait(process, port, ready, log)
        yield Served(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def around(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these values, without what would give others our modules."""
    return {**os.environ, **environment, "PYTHONPATH": ""}


def free_port() -> int:
    """A port of the loopback that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command to its end; raises RuntimeError with the end of what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=around(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:].decode(errors='replace')}")


def _wait(process: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-2000:]}")
        if _answers(port, ready):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")


def _answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += _descendants(int(child))
    return found
