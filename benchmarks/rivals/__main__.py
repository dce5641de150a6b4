"""A test drive of rivals: installs and starts them, and looks at what they answer.

`python -m benchmarks.rivals [--folder FOLDER] [--postgres URL] [NAME …]`. Packages stay in the
folder and are used again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvloop

from benchmarks.bodies import body
from benchmarks.load import run_load
from benchmarks.rivals.asking import send
from benchmarks.rivals.known import rivals
from benchmarks.subjects import Running, Subject, Unavailable

_COUNT: Final = 50
_CONNECTIONS: Final = 4
_ONE: Final = 1_000_000
_FILLED: Final = range(1_000_100, 1_000_400, 100)


def drive(subject: Subject, packages: Path, count: int) -> None:
    """Create contacts, read one and a page, fill, and print what was seen."""
    print(f"{subject.name} {subject.version} ({subject.does})")
    started = time.perf_counter()
    subject.install(packages)
    print(f"  installed in {time.perf_counter() - started:.0f} s")
    with TemporaryDirectory(dir=packages) as folder:
        started = time.perf_counter()
        with subject.started(Path(folder)) as running:
            print(f"  ready after {time.perf_counter() - started:.1f} s, pids {running.pids}")
            _drive(running, count)


def _drive(running: Running, count: int) -> None:
    requests = [running.create(number) for number in range(count)]
    timing = uvloop.run(run_load(running.port, requests, _CONNECTIONS))
    print(f"  {count} created, {timing.rate:.0f} a second, p50 {timing.ms(0.5):.1f} ms")
    contact_id = running.id_in(_ONE, send(running.port, running.create(_ONE)))
    _check(send(running.port, running.get(contact_id)).decode())
    reads = [running.get(contact_id)] * count
    timing = uvloop.run(run_load(running.port, reads, _CONNECTIONS))
    print(f"  read {timing.rate:.0f} a second, p50 {timing.ms(0.5):.1f} ms")
    for number in _FILLED:
        running.fill(number, number + 1)
    _look_at_page(running)
    print(f"  {running.disk_bytes():,} bytes on the disk")


def _check(told: str) -> None:
    info = body(_ONE)
    wanted = [info["name"]["last"], *(one["email"] for one in info["emails"]["items"])]
    missing = [value for value in wanted if value not in told]
    if missing:
        raise RuntimeError(f"{missing} is not in {told}")
    print(f"  read one: {told[:1500]}")


def _look_at_page(running: Running) -> None:
    asked = running.page(_ONE)
    if asked is None:
        print("  no page of a company")
        return
    told = send(running.port, asked).decode()
    wanted = [_ONE, *_FILLED, 0]
    places = [told.find(f"Lovelace {number}") for number in wanted]
    print(f"  a page of {len(told)} characters, with {wanted} at {places}")


def main() -> None:
    """Drive the rivals that were named, or all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME")
    options.add_argument("--folder", type=Path, default=Path(".cache/rivals"))
    options.add_argument("--postgres", default="", help="URL of a server, for those that need one")
    options.add_argument("--count", type=int, default=_COUNT)
    chosen = options.parse_args()
    for name, made in rivals(chosen.postgres).items():
        if chosen.names and name not in chosen.names:
            continue
        try:
            drive(made(), chosen.folder.resolve() / name.partition("-")[0], chosen.count)
        except Unavailable as reason:
            print(f"  not to be had: {reason}")


if __name__ == "__main__":
    main()
