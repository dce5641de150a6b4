"""Bulk commands, jobs and the worker at the command line, in a store and through a server."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers import COMMAND, Server, environment, run_command, serve, store_url, told

ACME = '{"info.company": "Acme"}'
NOBODY = "00000000-0000-4000-8000-000000000000"
WITHIN_S = 30


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "contacts.db"
    for first in ("Ada", "Grace"):
        info = {"name": {"first": first}, "company": "Acme"}
        assert run_command(store, "contacts", "create", "-", given=json.dumps(info)).returncode == 0
    return store


def through(server: Server, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """One command through the server."""
    return subprocess.run(
        [str(COMMAND), *arguments, "--store", server.url, "--key", server.key],
        input=given,
        capture_output=True,
        text=True,
        env=environment(),
        cwd=server.store.folder,
        timeout=60,
        check=False,
    )


@contextmanager
def working(store: Path) -> Iterator[subprocess.Popen[str]]:
    command = [str(COMMAND), "worker", "--store", store_url(store)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment(), cwd=store.parent
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def job_of(store: Path, job_id: str) -> dict[str, Any]:
    return dict(json.loads(run_command(store, "jobs", "get", job_id, "--json").stdout))


def ended(store: Path, job_id: str) -> dict[str, Any]:
    ends = time.monotonic() + WITHIN_S
    while (job := job_of(store, job_id))["status"] != "COMPLETED":
        assert time.monotonic() < ends, "nobody works at the job"
    return job


def test_what_is_ordered_stands_in_the_list_until_somebody_does_it(store: Path) -> None:
    ordered = run_command(store, "contacts", "bulk-delete", "--filter", ACME, "--yes")
    assert ordered.returncode == 0
    job_id = ordered.stdout.split()[-1]
    assert f"contactory jobs watch {job_id}" in ordered.stderr
    (listed,) = told(store, "jobs", "list")
    assert (listed["id"], listed["type"], listed["status"]) == (job_id, "DELETE", "NEW")
    assert job_id in run_command(store, "jobs", "list").stdout

    watched = run_command(store, "jobs", "watch", job_id)

    assert watched.returncode == 0
    assert re.search(r"^successTotal +2$", watched.stdout, re.MULTILINE)
    assert job_of(store, job_id)["status"] == "COMPLETED"


def test_deleting_asks_first(store: Path) -> None:
    arguments = ("contacts", "bulk-delete", "--search", "ada")
    for answer in ("", "n\n"):
        refused = run_command(store, *arguments, given=answer)
        assert refused.returncode == 130
        assert "Delete all contacts that match" in refused.stderr
    assert told(store, "jobs", "list") == []

    done = run_command(store, *arguments, "--wait", "--json", given="y\n")

    assert json.loads(done.stdout)["successTotal"] == 1


def test_an_update_that_fails_for_some_says_so_by_its_exit_code(store: Path) -> None:
    info = {"emails": {"items": [{"email": "a@example.com"}]}}
    arguments = ("contacts", "bulk-update", "-", "--filter", ACME, "--wait")

    done = run_command(store, *arguments, given=json.dumps(info))

    assert done.returncode == 1
    assert "1 x DUPLICATE_CONTACT_EXISTS" in done.stdout
    assert re.search(r"^failedTotal +1$", done.stdout, re.MULTILINE)
    job_id = told(store, "jobs", "list")[0]["id"]
    assert run_command(store, "jobs", "get", job_id).returncode == 1


def test_an_update_takes_a_field_mask(store: Path) -> None:
    arguments = ("contacts", "bulk-update", "-", "--search", "Ada", "--wait", "--json")
    done = run_command(store, *arguments, "--field-mask", "company", given="{}")
    assert json.loads(done.stdout)["successTotal"] == 1
    left = told(store, "contacts", "bulk-delete", "--filter", ACME, "--yes", "--wait")
    assert left["totalItems"] == 1


def test_labels_are_added_and_taken_away(store: Path) -> None:
    told(store, "labels", "create", "Vip")
    labels = ("--add", "custom.vip", "--add", "contacts.customers", "--remove", "custom.vip")

    job = told(store, "contacts", "bulk-label", "--search", "Ada", *labels, "--wait")

    assert (job["type"], job["successTotal"]) == ("ADD_REMOVE_LABELS", 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bulk-delete", "--yes"], "send a filter that is not empty, or a search"),
        (["bulk-delete", "--yes", "--filter", "{"], "--filter: The body is not JSON"),
        (["bulk-delete", "--yes", "--filter", '{"x": 1}'], "There is no field x"),
        (["bulk-label", "--filter", ACME], "labelKeysToAdd must have a key"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_ordered(
    store: Path, arguments: list[str], message: str
) -> None:
    done = run_command(store, "contacts", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert told(store, "jobs", "list") == []


def test_a_job_that_is_not_there_is_told(store: Path) -> None:
    for verb in ("get", "watch"):
        done = run_command(store, "jobs", verb, NOBODY)
        assert (done.returncode, done.stdout) == (4, "")


def test_people_at_a_terminal_see_a_bar(store: Path) -> None:
    shown, terminal = pty.openpty()
    command = [str(COMMAND), "contacts", "bulk-delete", "--filter", ACME, "--yes", "--wait"]
    with subprocess.Popen(
        [*command, "--store", store_url(store), "--json"],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=environment(TERM="xterm"),
        cwd=store.parent,
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
        job = json.loads(process.stdout.read())
    assert job["successTotal"] == 2
    assert b"delete completed" in text
    assert b"2/2" in text


def test_a_server_does_what_is_ordered_through_it(store: Path) -> None:
    with serve(store) as server:
        arguments = ("contacts", "bulk-delete", "--filter", ACME, "--yes", "--json")
        done = through(server, *arguments, "--wait")
        assert done.returncode == 0, done.stderr
        job = json.loads(done.stdout)
        assert (job["status"], job["successTotal"]) == ("COMPLETED", 2)
        shown = json.loads(through(server, "jobs", "get", job["id"], "--json").stdout)
        assert shown == job
        assert json.loads(through(server, "jobs", "list", "--json").stdout) == [job]


def test_a_server_without_worker_leaves_jobs_to_a_worker(store: Path) -> None:
    with serve(store, "--no-worker") as server:
        arguments = ("contacts", "bulk-delete", "--filter", ACME, "--yes", "--json")
        job_id = json.loads(through(server, *arguments).stdout)["jobId"]
        # A server's worker would look for jobs within a second.
        time.sleep(1.5)
        assert job_of(store, job_id)["status"] == "NEW"
        with working(store) as worker:
            assert ended(store, job_id)["successTotal"] == 2
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(WITHIN_S) == 0
            assert worker.stderr is not None
            events = [json.loads(line)["event"] for line in worker.stderr]
    assert events == ["working", "stopped"]


def test_a_worker_needs_a_store_of_its_own_machine(tmp_path: Path) -> None:
    assert run_command(tmp_path / "none.db", "worker").returncode == 4
    command = [str(COMMAND), "worker", "--store", "http://127.0.0.1:9"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 4
    assert "--store sqlite:///FILE" in done.stderr
