"""`contactory events`, on a store and through a server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers import COMMAND, Server, environment, run_command, store_url, told

CREATED = "wix.contacts.v4.label_created"
DELETED = "wix.contacts.v4.label_deleted"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "contacts.db"
    for name in ("One", "Two", "Three"):
        told(store, "labels", "create", name)
    return store


@contextmanager
def tailing(url: str, folder: Path, *options: str, key: str = "") -> Iterator[Iterator[str]]:
    """The lines of `contactory events tail` as it writes them."""
    with subprocess.Popen(
        [str(COMMAND), "events", "tail", *options, "--store", url],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(**({"CONTACTORY_KEY": key} if key else {})),
        cwd=folder,
    ) as process:
        try:
            assert process.stdout
            yield iter(process.stdout)
        finally:
            process.kill()


def test_events_are_listed_in_pages(store: Path) -> None:
    page = told(store, "events", "list", "--limit", "2")
    assert page.keys() == {"events", "cursor", "hasMore"}
    assert [event["entityId"] for event in page["events"]] == ["custom.one", "custom.two"]
    assert (page["cursor"], page["hasMore"]) == ("e2", True)
    rest = told(store, "events", "list", "--after", page["cursor"])
    assert [event["entityId"] for event in rest["events"]] == ["custom.three"]


def test_a_table_shows_what_happened_and_where_it_goes_on(store: Path) -> None:
    done = run_command(store, "events", "list", "--limit", "2")
    head, first, *_ = done.stdout.splitlines()
    assert head.split() == ["cursor", "eventTime", "eventType", "entityId", "originatedFrom"]
    cursor, _, kind, entity = first.split()
    assert (cursor, kind, entity) == ("e1", CREATED, "custom.one")
    assert done.stderr == "There are more: --after e2\n"
    nothing = run_command(store, "events", "list", "--after", "latest")
    assert (nothing.stdout, nothing.stderr) == ("", "no events\n")


def test_types_are_chosen_by_repeating_the_option(store: Path) -> None:
    told(store, "labels", "rename", "custom.two", "Zwei")
    told(store, "labels", "delete", "custom.one")
    chosen = ("--type", DELETED, "--type", CREATED)
    found = told(store, "events", "list", *chosen)["events"]
    assert [event["slug"] for event in found] == ["created"] * 3 + ["deleted"]


def test_an_unknown_type_is_refused_with_the_known_ones(store: Path) -> None:
    done = run_command(store, "events", "list", "--type", "label_created", "--type", DELETED)
    assert done.returncode == 2
    assert "types has label_created for one of" in done.stderr
    assert CREATED in done.stderr


def test_the_tail_goes_on_with_what_happens(store: Path) -> None:
    with tailing(store_url(store), store.parent, "--after", "e1", "--json") as lines:
        seen = [json.loads(next(lines)) for _ in range(2)]
        told(store, "labels", "delete", "custom.one")
        seen.append(json.loads(next(lines)))
    assert [event["cursor"] for event in seen] == ["e2", "e3", "e4"]
    assert [event["entityId"] for event in seen] == ["custom.two", "custom.three", "custom.one"]
    assert seen == told(store, "events", "list", "--after", "e1")["events"]


def test_the_tail_for_people_is_a_line_for_each(store: Path) -> None:
    with tailing(store_url(store), store.parent, "--after", "earliest") as lines:
        cursor, _, kind, entity = next(lines).split()
    assert (cursor, kind, entity) == ("e1", CREATED, "custom.one")


def test_both_work_through_a_server(server: Server) -> None:
    told(server.store, "labels", "create", "One")
    url, folder = server.url, server.store.folder
    with tailing(
        url, folder, "--after", "e0", "--type", CREATED, "--json", key=server.key
    ) as lines:
        first: Any = json.loads(next(lines))
        told(server.store, "labels", "delete", "custom.one")
        told(server.store, "labels", "create", "Two")
        second: Any = json.loads(next(lines))
    assert (first["entityId"], second["entityId"]) == ("custom.one", "custom.two")
    done = subprocess.run(
        [str(COMMAND), "events", "list", "--store", url, "--key", server.key, "--json"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=folder,
        check=True,
    )
    assert json.loads(done.stdout) == told(server.store, "events", "list")


def test_a_cursor_ahead_of_the_store_is_told(store: Path) -> None:
    for command in ("list", "tail"):
        done = run_command(store, "events", command, "--after", "e9")
        assert done.returncode == 5
        assert "ahead of this feed" in done.stderr
