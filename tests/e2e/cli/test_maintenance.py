"""Backup, restore, check."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw
import pytest

from tests.servers import Server, run_command, store_url, told

CONTACTS = "/contacts/v4/contacts"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one contact."""
    path = tmp_path / "contacts.db"
    info = {"name": {"first": "Ada"}, "emails": {"items": [{"email": "ada@example.com"}]}}
    done = run_command(path, "contacts", "create", "-", given=json.dumps(info))
    assert done.returncode == 0, done.stderr
    return path


def damage(store: Path, statement: str) -> None:
    connection = apsw.Connection(str(store))
    connection.execute(f"PRAGMA foreign_keys=OFF; {statement}")
    connection.close()


def counted(store: Path) -> int:
    connection = apsw.Connection(str(store))
    try:
        return int(connection.execute("SELECT count(*) FROM contacts").fetchall()[0][0])
    finally:
        connection.close()


def test_a_backup_taken_while_writing_is_whole_and_holds_all_before_it(server: Server) -> None:
    copy, restored = server.store.folder / "copy.db", server.store.folder / "restored.db"
    made: list[str] = []
    many, stopped = threading.Event(), threading.Event()

    def create_until_told(caller: int) -> None:
        with server.client() as client:
            at = 0
            while not stopped.is_set():
                email = f"{caller}.{at}@example.com"
                info = {"emails": {"items": [{"email": email}]}}
                assert client.post(CONTACTS, json={"info": info}).status_code == 200
                made.append(email)
                at += 1
                if len(made) > 300:
                    many.set()

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(create_until_told, caller) for caller in range(4)]
        assert many.wait(30)
        before = len(made)
        done = told(server.store, "backup", str(copy))
        after = len(made) + len(callers)
        stopped.set()
        for caller in callers:
            caller.result()

    assert done == {"file": str(copy), "bytes": copy.stat().st_size}
    assert told(restored, "restore", str(copy)) == {
        "store": store_url(restored),
        "bytes": restored.stat().st_size,
    }
    assert told(restored, "check") == {"isWhole": True, "problems": []}
    assert before <= counted(restored) <= after


def test_people_are_told_what_was_done(store: Path, tmp_path: Path) -> None:
    copy, restored = tmp_path / "copy.db", tmp_path / "restored.db"

    assert str(copy) in run_command(store, "backup", str(copy)).stderr
    assert str(restored) in run_command(restored, "restore", str(copy)).stderr
    checked = run_command(restored, "check")
    assert checked.returncode == 0
    assert "no damage" in checked.stderr
    assert counted(restored) == 1


def test_nothing_is_written_over(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    told(store, "backup", str(copy))
    kept = copy.read_bytes(), store.read_bytes()

    again = run_command(store, "backup", str(copy), "--json")
    over = run_command(store, "restore", str(copy), "--json")

    assert again.returncode == over.returncode == 5
    assert json.loads(over.stderr)["error"]["code"] == "ALREADY_EXISTS"
    assert (copy.read_bytes(), store.read_bytes()) == kept


@pytest.mark.parametrize("content", [None, b"no backup at all" * 300], ids=["none", "other"])
def test_only_a_backup_is_restored(tmp_path: Path, content: bytes | None) -> None:
    copy, restored = tmp_path / "copy.db", tmp_path / "restored.db"
    if content is not None:
        copy.write_bytes(content)

    done = run_command(restored, "restore", str(copy))

    assert done.returncode == (4 if content is None else 9)
    assert done.stderr.startswith("error: ")
    assert not restored.exists()


def test_rows_that_belong_to_nothing_are_found(store: Path) -> None:
    damage(store, "DELETE FROM contacts")

    data, text = run_command(store, "check", "--json"), run_command(store, "check")

    assert data.returncode == text.returncode == 1
    problems = json.loads(data.stdout)["problems"]
    assert problems
    assert text.stdout.splitlines() == problems
    assert json.loads(data.stdout)["isWhole"] is False


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM outbox", "has no event of its creation"),
        ("DELETE FROM contact_emails", "has other e-mails or phones than its keys say"),
        (
            "INSERT INTO contact_phones SELECT site_id, id, 0, '+16465676359', 0 FROM contacts",
            "has other e-mails or phones than its keys say",
        ),
    ],
)
def test_half_a_contact_is_found(store: Path, statement: str, finding: str) -> None:
    damage(store, statement)

    problems = json.loads(run_command(store, "check", "--json").stdout)["problems"]

    assert len(problems) == 1
    assert finding in problems[0]


def test_bytes_that_changed_on_the_disk_are_found(store: Path) -> None:
    content = bytearray(store.read_bytes())
    page = 4096
    for start in range(page, len(content), page):
        content[start : start + 200] = b"\xff" * 200
    store.write_bytes(content)

    done = run_command(store, "check", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"]
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_store_is_a_finding(tmp_path: Path) -> None:
    store = tmp_path / "contacts.db"
    store.write_bytes(b"anything but a database" * 100)

    done = run_command(store, "check")

    assert done.returncode == 1
    assert "is not a contactory store" in done.stdout


def test_checking_changes_nothing(store: Path) -> None:
    kept = store.read_bytes()

    assert run_command(store, "check").returncode == 0

    assert store.read_bytes() == kept
