"""`contactory labels` and `contactory fields`, on a store and through a server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers import COMMAND, Server, environment, run_command, told


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


def through(server: Server, *arguments: str) -> Any:
    """What the command answers with `--json`, through the server."""
    done = subprocess.run(
        [str(COMMAND), *arguments, "--store", server.url, "--json"],
        capture_output=True,
        text=True,
        env=environment(CONTACTORY_KEY=server.key),
        cwd=server.store.folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def summary(output: str) -> dict[str, str]:
    return dict(line.split(None, 1) for line in output.splitlines())


def test_a_label_lives_from_create_to_delete(store: Path) -> None:
    made = told(store, "labels", "create", "At Risk")
    assert made.keys() == {"label", "newLabel"}
    assert made["newLabel"] is True
    assert told(store, "labels", "create", "At Risk") == made | {"newLabel": False}
    assert told(store, "labels", "get", "custom.at-risk") == made["label"]

    renamed = told(store, "labels", "rename", "custom.at-risk", "Needs care")
    assert (renamed["key"], renamed["displayName"]) == ("custom.at-risk", "Needs care")
    listed = told(store, "labels", "list")
    assert [label["key"] for label in listed] == [
        "custom.at-risk",
        "contacts.contacted-me",
        "contacts.customers",
    ]
    gone = told(store, "labels", "delete", "custom.at-risk")
    assert gone == {"key": "custom.at-risk", "deleted": True}
    assert len(told(store, "labels", "list")) == 2


def test_a_field_lives_from_create_to_delete(store: Path) -> None:
    made = told(store, "fields", "create", "Age", "--type", "NUMBER")
    assert (made["newField"], made["field"]["dataType"]) == (True, "NUMBER")
    assert told(store, "fields", "create", "Age") == made | {"newField": False}
    assert told(store, "fields", "get", "custom.age") == made["field"]
    assert told(store, "fields", "rename", "custom.age", "Years")["displayName"] == "Years"
    own = told(store, "fields", "list", "--type", "USER_DEFINED")
    assert [field["displayName"] for field in own] == ["Years"]
    assert len(told(store, "fields", "list")) == 13
    assert told(store, "fields", "delete", "custom.age") == {"key": "custom.age", "deleted": True}
    assert told(store, "fields", "list", "--type", "USER_DEFINED") == []


def test_lists_are_narrowed_sorted_and_paged(store: Path) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        told(store, "labels", "create", name)

    def names(*options: str) -> list[str]:
        return [label["displayName"] for label in told(store, "labels", "list", *options)]

    assert names("--type", "USER_DEFINED", "--sort", "displayName") == ["Alpha", "Beta", "Gamma"]
    assert names("--namespace", "custom", "--sort=-displayName") == ["Gamma", "Beta", "Alpha"]
    assert names("--starts-with", "Cu", "--language", "en") == ["Customers"]
    assert names("--type", "SYSTEM", "--language", "es") == ["Me contactaron", "Clientes"]
    assert names("--sort", "displayName", "--limit", "1", "--offset", "1") == ["Beta"]


def test_people_see_tables_and_are_told_of_the_rest(store: Path) -> None:
    made = run_command(store, "labels", "create", "At Risk")
    assert summary(made.stdout)["key"] == "custom.at-risk"
    assert made.stderr == ""
    again = run_command(store, "labels", "create", "At Risk")
    assert again.stdout == made.stdout
    assert "was there before" in again.stderr

    listed = run_command(store, "labels", "list", "--limit", "2")
    lines = listed.stdout.splitlines()
    assert lines[0].split() == ["key", "displayName", "labelType", "createdDate", "updatedDate"]
    assert len(lines) == 3
    assert listed.stderr.startswith("2 of 3")
    assert run_command(store, "labels", "list").stderr == ""
    nothing = run_command(store, "fields", "list", "--starts-with", "None")
    assert (nothing.stdout, nothing.stderr) == ("", "no extended fields\n")
    deleted = run_command(store, "labels", "delete", "custom.at-risk")
    assert (deleted.stdout, deleted.stderr) == ("", "deleted custom.at-risk\n")


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("labels", "get", "custom.none"), "NOT_FOUND", 4),
        (("labels", "delete", "contacts.customers"), "SYSTEM_DEFINITION", 3),
        (("labels", "rename", "custom.one", "Customers"), "ALREADY_EXISTS", 5),
        (("labels", "create", ""), None, 2),
        (("labels", "list", "--sort", "key"), "INVALID_SORT", 2),
        (("labels", "list", "--limit", "2001"), None, 2),
        (("fields", "rename", "invoices.vatId", "X"), "SYSTEM_DEFINITION", 3),
        (("fields", "delete", "custom.none"), "NOT_FOUND", 4),
    ],
)
def test_refusals_have_exit_codes(
    store: Path, arguments: tuple[str, ...], code: str | None, status: int
) -> None:
    told(store, "labels", "create", "One")
    done = run_command(store, *arguments, "--json")
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert code is None or code in done.stderr


def test_the_same_commands_work_through_a_server(server: Server) -> None:
    made = through(server, "labels", "create", "At Risk")
    assert told(server.store, "labels", "get", "custom.at-risk") == made["label"]
    through(server, "fields", "create", "Age", "--type", "NUMBER")
    listed = through(server, "labels", "list", "--starts-with", "At", "--sort=-createdDate")
    assert listed == [made["label"]]
    assert through(server, "fields", "get", "custom.age")["dataType"] == "NUMBER"
    assert through(server, "labels", "rename", "custom.at-risk", "X")["displayName"] == "X"
    through(server, "labels", "delete", "custom.at-risk")
    through(server, "fields", "delete", "custom.age")
    assert len(told(server.store, "labels", "list")) == 2
    assert len(told(server.store, "fields", "list")) == 12


def test_commands_on_a_store_that_is_not_there_make_none(store: Path) -> None:
    for arguments in (("labels", "list"), ("fields", "get", "custom.age")):
        done = run_command(store, *arguments)
        assert done.returncode == 4
    assert not store.exists()
