"""`contactory copy`, and backups of a database, as terminals meet them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from contactory.store.sqlite_tables import copied_tables
from tests.ops.test_copying import content
from tests.servers import COMMAND, Server, environment, run_command, serve, told
from tests.stores import SqliteFile, StoreUnderTest, new_store
from tests.waiting import wait_for

CONTACTS = "/contacts/v4/contacts"
SECRET = "hunter2-of-the-database"
PEOPLE = 40
PATIENCE_S = 60

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass"


@pytest.fixture
def source(store: StoreUnderTest) -> StoreUnderTest:
    """A store with some people, whose events have their places: a file has no others."""
    people = [
        {"name": {"first": f"Ada {at}"}, "emails": {"items": [{"email": f"{at}@example.com"}]}}
        for at in range(PEOPLE)
    ]
    done = run_command(store, "contacts", "upsert", "-", given=json.dumps(people))
    assert done.returncode == 0, done.stderr
    told(store, "events", "list")
    return store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[StoreUnderTest]:
    """An empty database."""
    folder = tmp_path / "database"
    folder.mkdir()
    with new_store("postgres", folder) as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> SqliteFile:
    """A file that is not there yet."""
    folder = tmp_path / "file"
    folder.mkdir()
    return SqliteFile(folder / "contacts.db")


@pytest.fixture
def target(store: StoreUnderTest, database: StoreUnderTest, file: SqliteFile) -> StoreUnderTest:
    """Where a store of the other kind can be made."""
    return database if store.kind == "sqlite" else file


def command(source: str, target: str, *options: str) -> list[str]:
    return [str(COMMAND), "copy", source, target, *options]


def copied(source: str, target: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(source, target, *options),
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE_S,
        check=False,
    )


def test_programs_are_told_how_many_rows_were_copied(
    source: StoreUnderTest, target: StoreUnderTest
) -> None:
    done = copied(source.url, target.url, "--json")

    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    tables = answer["tables"]
    assert list(tables) == [table.name for table in copied_tables()]
    assert (tables["sites"], tables["contacts"], tables["outbox"]) == (1, PEOPLE, PEOPLE)
    assert answer == {
        "from": source.url,
        "to": target.url,
        "tables": tables,
        "rows": sum(tables.values()),
        "verified": True,
    }
    assert content(target) == content(source)
    assert told(target, "check") == {"isWhole": True, "problems": []}


def test_people_are_told_what_was_copied(source: StoreUnderTest, target: StoreUnderTest) -> None:
    done = copied(source.url, target.url)

    assert (done.returncode, done.stdout) == (0, "")
    assert source.url in done.stderr
    assert target.url in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_people_at_a_terminal_see_a_bar(source: StoreUnderTest, target: StoreUnderTest) -> None:
    shown, terminal = pty.openpty()
    with subprocess.Popen(
        command(source.url, target.url, "--json"),
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=environment(TERM="xterm", COLUMNS="120"),
    ) as process:
        os.close(terminal)
        text = b""
        # A terminal that nobody writes to any more ends with an error.
        try:
            while part := os.read(shown, 4096):
                text += part
        except OSError:
            pass
        os.close(shown)
        assert process.stdout is not None
        rows = json.loads(process.stdout.read())["rows"]
    assert b"comparing" in text
    assert f"{rows}/{rows}".encode() in text


def test_a_copy_that_was_killed_goes_on(source: StoreUnderTest, target: StoreUnderTest) -> None:
    is_read = source.kind == "postgres"
    locked = source if is_read else target
    with (
        holding_up(locked, "ACCESS EXCLUSIVE" if is_read else "SHARE"),
        subprocess.Popen(
            command(source.url, target.url), stderr=subprocess.DEVNULL, env=environment()
        ) as process,
    ):
        await_waiting(locked)
        process.send_signal(signal.SIGKILL)
    refused = run_command(target, "contacts", "list", "--json")
    assert refused.returncode == 9
    assert "run `contactory copy` again" in json.loads(refused.stderr)["error"]["message"]
    assert target.value("SELECT count(*) FROM contacts") == PEOPLE
    assert target.value("SELECT count(*) FROM outbox") == 0

    done = copied(source.url, target.url)

    assert done.returncode == 0, done.stderr
    assert content(target) == content(source)
    assert told(target, "check") == {"isWhole": True, "problems": []}


@contextmanager
def holding_up(database: StoreUnderTest, mode: str) -> Iterator[None]:
    """Let whoever writes events wait, or whoever reads them too."""

    async def begin() -> asyncpg.Connection:
        connection = await asyncpg.connect(database.url)
        await connection.execute("BEGIN")
        await connection.execute(f"LOCK TABLE outbox IN {mode} MODE")
        return connection

    connection = wait_for(begin())
    try:
        yield
    finally:
        wait_for(connection.close())


def await_waiting(database: StoreUnderTest) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not database.value(WAITING):
        assert time.monotonic() < ends, "nobody waits for the lock"
        time.sleep(0.02)


def test_a_target_with_contacts_is_refused(source: StoreUnderTest, target: StoreUnderTest) -> None:
    assert copied(source.url, target.url).returncode == 0
    before = content(target)

    done = copied(source.url, target.url, "--json")

    assert (done.returncode, done.stdout) == (5, "")
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "ALREADY_EXISTS"
    assert f"{PEOPLE} contacts" in error["message"]
    assert content(target) == before


def test_no_password_is_shown(database: StoreUnderTest, file: SqliteFile) -> None:
    told(database, "keys", "create")
    parts = urlsplit(database.url)
    named = parts._replace(netloc=f"postgres:{SECRET}@{parts.netloc.rpartition('@')[2]}")
    url, nowhere = named.geturl(), named._replace(path="/nothing").geturl()
    calls = [
        (0, copied(url, file.url)),
        (5, copied(file.url, url)),
        (5, copied(url, url)),
        (8, copied(nowhere, f"{file.url}.new")),
        (8, copied(file.url, nowhere)),
        (0, copied(url, f"{file.url}.json", "--json")),
        (5, at(url, file.folder, "restore", str(file.path))),
        (8, at(nowhere, file.folder, "restore", str(file.path))),
        (0, at(url, file.folder, "backup", "backup.db")),
    ]
    assert [done.returncode for _, done in calls] == [code for code, _ in calls]
    for _, done in calls:
        assert SECRET not in done.stdout + done.stderr


def at(url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command on the store of this URL, which has a password."""
    return subprocess.run(
        [str(COMMAND), *arguments, "--store", url],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=folder,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_backup_of_a_database_is_what_it_was_at_one_moment(
    database: StoreUnderTest, file: SqliteFile, tmp_path: Path
) -> None:
    with serve(database) as server, creating(server) as made:
        before = len(made)
        done = told(database, "backup", str(file.path))
        after = len(made) + CALLERS

    assert done == {"file": str(file.path), "bytes": file.path.stat().st_size}
    assert [one.name for one in file.folder.iterdir()] == [file.path.name]
    assert before <= file.value("SELECT count(*) FROM contacts") <= after
    assert told(file, "check") == {"isWhole": True, "problems": []}
    with new_store("postgres", tmp_path, is_bare=True) as restored:
        answer = told(restored, "restore", str(file.path))
        assert answer == {"store": restored.url, "bytes": done["bytes"]}
        assert content(restored) == content(file)
        assert told(restored, "check") == {"isWhole": True, "problems": []}


CALLERS = 4


@contextmanager
def creating(server: Server) -> Iterator[list[Any]]:
    """Contacts come and go until the block ends; those that came, also those on their way."""
    made: list[str] = []
    many, stopped = threading.Event(), threading.Event()

    def create_until_told(caller: int) -> None:
        with server.client() as client:
            at = 0
            while not stopped.is_set():
                info = {"emails": {"items": [{"email": f"{caller}.{at}@example.com"}]}}
                assert client.post(CONTACTS, json={"info": info}).status_code == 200
                made.append(f"{caller}.{at}")
                at += 1
                if len(made) > 100:
                    many.set()

    with ThreadPoolExecutor(CALLERS) as pool:
        callers = [pool.submit(create_until_told, caller) for caller in range(CALLERS)]
        try:
            assert many.wait(PATIENCE_S)
            yield made
        finally:
            stopped.set()
        for caller in callers:
            caller.result()
