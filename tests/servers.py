"""Real server processes and real commands for tests of any folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import msgspec

from tests.stores import SqliteFile, StoreUnderTest

COMMAND = Path(sys.executable).with_name("contactory")
"""The installed command, beside the interpreter that runs the tests."""

AnyStore: TypeAlias = StoreUnderTest | Path
"""A path is that of a store in a file."""

_STARTS_WITHIN_S = 30
_STOPS_WITHIN_S = 40
_OURS = "CONTACTORY_"


class Server(msgspec.Struct, kw_only=True):
    """One running `contactory serve`; `log` is what it wrote to standard error."""

    url: str
    store: StoreUnderTest
    key: str
    site_id: str
    log: Path
    process: subprocess.Popen[bytes]

    def client(self, key: str | None = None, **options: Any) -> httpx2.Client:
        """A client that sends the key, which is the one with all permissions unless named."""
        headers = {"authorization": self.key if key is None else key}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60, **options)

    def written(self) -> str:
        """All that the server has logged so far."""
        return self.log.read_text("utf-8", "replace")

    def kill(self) -> None:
        """End the server as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(_STOPS_WITHIN_S)

    def stop(self) -> int:
        """Ask the server to stop; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_STOPS_WITHIN_S)


def store_at(store: AnyStore) -> StoreUnderTest:
    """The store as tests look into it."""
    return SqliteFile(store) if isinstance(store, Path) else store


def store_url(store: AnyStore) -> str:
    """The URL of a store."""
    return store_at(store).url


def environment(**changed: str) -> dict[str, str]:
    """The environment without settings of ours, so that tests choose their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | changed


def run_command(
    store: AnyStore, *arguments: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """One `contactory` command on the store, to its end."""
    return subprocess.run(
        [str(COMMAND), *arguments, "--store", store_url(store)],
        input=given,
        capture_output=True,
        text=True,
        env=environment(),
        cwd=store_at(store).folder,
        timeout=120,
        check=False,
    )


def told(store: AnyStore, *arguments: str) -> Any:
    """What the command answers with `--json`."""
    done = run_command(store, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def new_key(store: AnyStore, *permissions: str) -> str:
    """A new API key with these permissions, or with all of them."""
    named = [part for permission in permissions for part in ("--permission", permission)]
    return str(told(store, "keys", "create", *named)["key"])


@contextmanager
def serve(
    store: AnyStore,
    *options: str,
    key: str | None = None,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Server]:
    """A server on a free port of this machine, ready to answer; stopped at the end.

    `key` saves making a new one; `settings` are environment variables; `port` is that of an earlier
    server.
    """
    served = store_at(store)
    made = {"key": key, "siteId": ""} if key else told(served, "keys", "create")
    port = port or free_port()
    log = served.folder / f"server-{port}.log"
    command = [str(COMMAND), "serve", "--store", served.url, "--port", str(port), *options]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            env=environment(**(settings or {})),
            cwd=served.folder,
        )
    server = Server(
        url=f"http://127.0.0.1:{port}",
        store=served,
        key=str(made["key"]),
        site_id=str(made["siteId"]),
        log=log,
        process=process,
    )
    try:
        _await_ready(server)
        yield server
    finally:
        _end(server)


def _await_ready(server: Server) -> None:
    ends = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < ends:
        if server.process.poll() is not None:
            break
        try:
            if httpx2.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"the server did not start: {server.written()}")


def _end(server: Server) -> None:
    try:
        server.stop()
    except subprocess.TimeoutExpired:
        server.kill()
        raise


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
