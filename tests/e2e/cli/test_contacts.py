"""`contactory contacts`, on a store and through a server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import StartServer
from tests.servers import COMMAND, Server, environment, new_key, run_command, told

JOHN = {"name": {"first": "John", "last": "Doe"}, "emails": {"items": [{"email": "j@example.com"}]}}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


def written(store: Path, content: Any) -> str:
    file = store.with_name("contact.json")
    file.write_text(json.dumps(content))
    return str(file)


def through(server: Server, *arguments: str, given: str = "", key: str | None = None) -> Any:
    return subprocess.run(
        [str(COMMAND), *arguments, "--store", server.url, "--json"],
        input=given,
        capture_output=True,
        text=True,
        env=environment(CONTACTORY_KEY=server.key if key is None else key),
        cwd=server.store.folder,
        check=False,
    )


def test_a_contact_is_made_from_a_file_and_shown(store: Path) -> None:
    made = told(store, "contacts", "create", written(store, JOHN))

    assert made["info"]["emails"]["items"][0]["email"] == "j@example.com"
    assert made["source"]["sourceType"] == "WIX_CODE"
    assert told(store, "contacts", "get", made["id"]) == made


def test_people_see_a_summary(store: Path) -> None:
    done = run_command(store, "contacts", "create", written(store, JOHN))

    shown = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert shown["name"] == "John Doe"
    assert shown["emails"] == "j@example.com"
    assert done.stdout == run_command(store, "contacts", "get", shown["id"]).stdout


def test_a_contact_is_made_from_standard_input(store: Path) -> None:
    done = run_command(store, "contacts", "create", "-", "--json", given=json.dumps({"info": JOHN}))

    assert json.loads(done.stdout)["info"]["name"] == JOHN["name"]


def test_parts_are_shown_by_field_and_fieldset(store: Path) -> None:
    made = told(store, "contacts", "create", written(store, JOHN))

    part = told(store, "contacts", "get", made["id"], "--field", "info.name", "--field", "source")
    basic = told(store, "contacts", "get", made["id"], "--fieldset", "BASIC")

    assert part.keys() == {"id", "revision", "source", "info"}
    assert part["info"] == {"name": JOHN["name"]}
    assert basic["info"] == {"name": JOHN["name"]}


def test_a_duplicate_is_refused_with_the_id_of_the_other(store: Path) -> None:
    made = told(store, "contacts", "create", written(store, JOHN))

    text = run_command(store, "contacts", "create", written(store, JOHN))
    data = run_command(store, "contacts", "create", written(store, JOHN), "--json")

    assert text.returncode == data.returncode == 5
    assert text.stdout == data.stdout == ""
    assert text.stderr.startswith("error: Duplicate contact already exists ")
    assert made["id"] in text.stderr
    error = json.loads(data.stderr)["error"]
    assert error["code"] == "DUPLICATE_CONTACT_EXISTS"
    assert error["data"]["duplicateContactId"] == made["id"]


@pytest.mark.parametrize("in_file", [True, False])
def test_duplicates_are_made_where_allowed(store: Path, in_file: bool) -> None:
    first = told(store, "contacts", "create", written(store, JOHN))
    content = {"info": JOHN, "allowDuplicates": True} if in_file else JOHN
    flags = [] if in_file else ["--allow-duplicates"]

    assert told(store, "contacts", "create", written(store, content), *flags)["id"] != first["id"]


def test_the_same_idempotency_key_makes_no_second_one(store: Path) -> None:
    call = ("contacts", "create", written(store, JOHN), "--idempotency-key", "k")

    assert told(store, *call) == told(store, *call)


def test_every_problem_has_its_line(store: Path) -> None:
    bad = {"emails": {"items": [{"email": "x"}]}, "phones": {"items": [{"phone": ""}]}}

    done = run_command(store, "contacts", "create", written(store, bad))

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "error: info.emails.items[0].email is not a valid email address",
        "error: info.phones.items[0].phone must not be empty",
    ]


def test_dropped_names_are_told_beside_the_contact(store: Path) -> None:
    done = run_command(store, "contacts", "create", written(store, JOHN | {"nmae": 1}), "--json")

    assert "nmae" not in json.dumps(json.loads(done.stdout))
    assert "info.nmae" in done.stderr


def test_names_beside_info_are_told_too(store: Path) -> None:
    content = {"info": JOHN, "allowDuplicate": True}

    assert (
        "allowDuplicate" in run_command(store, "contacts", "create", written(store, content)).stderr
    )


@pytest.mark.parametrize("text", ["", "{", '{"name": NaN}', '{"a": 1, "a": 2}', "[]"])
def test_what_is_no_json_object_is_refused(store: Path, text: str) -> None:
    done = run_command(store, "contacts", "create", "-", given=text)

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_named(store: Path) -> None:
    done = run_command(store, "contacts", "create", "nowhere.json")

    assert done.returncode == 4
    assert "nowhere.json" in done.stderr


def test_an_unknown_contact_is_not_found(store: Path) -> None:
    told(store, "keys", "create")

    assert run_command(store, "contacts", "get", NOBODY).returncode == 4


def test_a_server_does_it_with_a_key_from_the_environment(server: Server) -> None:
    done = through(server, "contacts", "create", "-", given=json.dumps(JOHN))

    made = json.loads(done.stdout)
    assert made["source"] == {"sourceType": "ADMIN"}
    assert json.loads(through(server, "contacts", "get", made["id"]).stdout) == made
    again = through(server, "contacts", "create", "-", given=json.dumps(JOHN))
    assert again.returncode == 5
    assert json.loads(again.stderr)["error"]["data"]["duplicateContactId"] == made["id"]


def test_a_server_refuses_wrong_keys_and_keys_that_may_not(start_server: StartServer) -> None:
    server = start_server()
    reader = new_key(server.store, "CONTACTS.VIEW")

    for key, code, name in (
        ("wrong", 3, "UNAUTHENTICATED"),
        (reader, 3, "PERMISSION_DENIED"),
        ("", 3, "UNAUTHENTICATED"),
    ):
        done = through(server, "contacts", "create", "-", given=json.dumps(JOHN), key=key)
        assert done.returncode == code
        assert json.loads(done.stderr)["error"]["code"] == name


def test_a_server_that_is_not_there_is_unavailable(store: Path) -> None:
    done = subprocess.run(
        [str(COMMAND), "contacts", "get", NOBODY, "--store", "http://127.0.0.1:9", "--key", "k"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=store.parent,
        check=False,
    )

    assert done.returncode == 8
    assert "cannot reach http://127.0.0.1:9" in done.stderr
