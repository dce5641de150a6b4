"""Servers as processes: started until they answer, their processor time and their memory."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_PROC = Path("/proc")
_STARTS_WITHIN_S = 60
_ENDS_WITHIN_S = 30
_KIB_OF_MIB = 1024


@contextmanager
def served(
    command: Sequence[str | Path],
    *,
    port_option: bool = True,
    path: str = "/healthz",
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[tuple[int, int]]:
    """Run a server on a free port of the loopback until the block ends; gives port and process.

    The port is the command's last argument. The block begins when `path` is answered, with
    whatever status. Raises RuntimeError when the server ends or does not answer in a minute.
    """
    port = free_port()
    where = ["--port", str(port)] if port_option else [str(port)]
    process = subprocess.Popen(
        [*command, *where],
        stdout=subprocess.DEVNULL,
        cwd=folder,
        env=None if environment is None else os.environ | environment,
    )
    try:
        wait_for_answer(port, process, path)
        yield port, process.pid
    finally:
        end(process)


def wait_for_answer(
    port: int, process: subprocess.Popen[bytes], path: str, within_s: float = _STARTS_WITHIN_S
) -> None:
    """Return when the server answers this path. Raises RuntimeError if it ends or is too slow."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise RuntimeError(f"the server does not answer within {within_s:.0f} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and make it end if it does not."""
    process.terminate()
    try:
        process.wait(_ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that processes have used, with all below them, also those that have ended."""
    return sum(_own_cpu_seconds(pid) for pid in _family(pids))


def _own_cpu_seconds(pid: int) -> float:
    """Of one process, and of its children that ended and were waited for."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _family(pids: Iterable[int]) -> set[int]:
    """These processes and all below them."""
    children: dict[int, list[int]] = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            pid, parent = int(stat.parent.name), int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(pid)
    found, waiting = set[int](), list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def peak_mib(pids: Iterable[int]) -> float:
    """What processes and all below them held at most; memory that they share counts once.

    It is their proportional share now (`Pss`), with what each had more at its height. Asking takes
    a millisecond of each process, so it is done after a measure and not beside it.
    """
    return sum(map(_peak_kib, _family(pids))) / _KIB_OF_MIB


def _peak_kib(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text()
        resident, highest = _field_kib(status, "VmRSS:"), _field_kib(status, "VmHWM:")
    except (OSError, IndexError):
        return 0
    try:
        share = _field_kib((_PROC / str(pid) / "smaps_rollup").read_text(), "Pss:")
    except (OSError, IndexError):
        share = resident
    return share + highest - resident


def highest_mib(pid: int) -> float:
    """The most that this one process ever had resident (`VmHWM`)."""
    return _field_kib((_PROC / str(pid) / "status").read_text(), "VmHWM:") / _KIB_OF_MIB


def resident_mib(pid: int) -> float:
    """What this one process has resident now (`VmRSS`)."""
    return _field_kib((_PROC / str(pid) / "status").read_text(), "VmRSS:") / _KIB_OF_MIB


def _field_kib(text: str, field: str) -> int:
    return int(text.split(field, 1)[1].split(None, 1)[0])
