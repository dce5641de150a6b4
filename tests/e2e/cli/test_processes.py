"""Several processes on one socket."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2
import pytest

from tests.e2e.cli.running import refused
from tests.e2e.conftest import StartServer
from tests.servers import Server, told

CONTACTS = "/contacts/v4/contacts"


def children(server: Server) -> set[int]:
    """The serving processes: what the supervising one started, but for Python's own helper."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == server.process.pid and b"resource_tracker" not in command:
                found.add(int(entry.name))
    return found


def created(server: Server, at: int) -> int:
    info = {"emails": {"items": [{"email": f"{at}@example.com"}]}}
    # A connection each, so that both processes get some.
    with server.client() as client:
        return client.post(CONTACTS, json={"info": info}).status_code


def awaited(server: Server, count: int) -> set[int]:
    ends = time.monotonic() + 30
    while len(children(server)) != count:
        assert time.monotonic() < ends
        time.sleep(0.05)
    return children(server)


@pytest.fixture
def served(start_server: StartServer) -> Server:
    return start_server(processes=2)


def test_two_processes_serve_one_store_and_count_together(served: Server) -> None:
    assert len(children(served)) == 2

    assert [created(served, at) for at in range(30)] == [200] * 30
    assert [created(served, at) for at in range(30)] == [409] * 30

    text = httpx2.get(f"{served.url}/metrics").text
    counted = {
        line.split("} ")[0].split("status=")[1]: float(line.split("} ")[1])
        for line in text.splitlines()
        if line.startswith('contactory_requests_total{operation="contacts.create_contact"')
    }
    assert counted == {'"200"': 30, '"409"': 30}


def test_a_killed_process_is_replaced_while_the_other_serves(served: Server) -> None:
    before = children(served)
    victim = min(before)

    os.kill(victim, signal.SIGKILL)

    assert [created(served, at) for at in range(10)] == [200] * 10
    while victim in children(served):
        time.sleep(0.05)
    after = awaited(served, 2)
    assert len(after & before) == 1
    assert "a serving process died" in served.written()


def test_all_stop_with_the_supervising_one(served: Server) -> None:
    pids = children(served)

    assert served.stop() == 0

    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert told(served.store, "check")["isWhole"]


def test_none_outlives_a_supervising_one_that_was_killed(served: Server) -> None:
    pids = children(served)

    served.kill()

    ends = time.monotonic() + 30
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < ends
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_keeps_one_process_from_starting_keeps_all(tmp_path: Path) -> None:
    (tmp_path / "contactory.db").write_bytes(b"anything but a database" * 100)

    done = refused(tmp_path, "--processes", "2")

    assert done.returncode == 9
    assert "Traceback" not in done.stderr


def test_a_process_that_cannot_serve_ends_all_with_its_exit_code(
    tmp_path: Path, start_server: StartServer
) -> None:
    (tmp_path / "backend").mkdir()
    module = tmp_path / "backend/greetings.py"
    module.write_text(
        "from contactory import Permissions, web_method\n\n"
        "@web_method(Permissions.ANYONE)\n"
        "def greet() -> str:\n"
        '    return "Hello"\n'
    )
    server = start_server(web="backend", processes=2)
    module.write_text("this is no Python")

    os.kill(min(children(server)), signal.SIGKILL)

    assert server.process.wait(30) == 2
    assert "greetings" in server.written()
