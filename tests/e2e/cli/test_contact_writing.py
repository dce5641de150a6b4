"""`contactory contacts update`, `delete`, `label`, `unlabel`, `upsert` and `submit`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers import COMMAND, Server, environment, run_command, told

JOHN = {"name": {"first": "John", "last": "Doe"}, "emails": {"items": [{"email": "j@example.com"}]}}
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


def given(store: Path, content: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with the content as its standard input."""
    return run_command(store, "contacts", *arguments, "-", given=json.dumps(content))


def answered(store: Path, content: Any, *arguments: str) -> Any:
    done = given(store, content, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def john(store: Path) -> str:
    return str(answered(store, JOHN, "create")["id"])


def test_a_contact_is_changed_whatever_its_revision_or_only_with_it(store: Path, john: str) -> None:
    changed = answered(store, {"info": {"company": "Engines"}}, "update", john)
    assert (changed["revision"], changed["info"]["company"]) == (2, "Engines")
    assert changed["info"]["name"] == JOHN["name"]
    stale = given(store, {"company": "Looms"}, "update", john, "--revision", "1")
    assert stale.returncode == 5
    assert told(store, "contacts", "get", john) == changed
    masked = answered(store, {"jobTitle": "X"}, "update", john, "--field-mask", "company")
    assert "company" not in masked["info"]
    assert "jobTitle" not in masked["info"]


def test_an_email_of_another_contact_is_taken_only_when_told_to(store: Path, john: str) -> None:
    items = {"emails": {"items": [{"email": "a@example.com"}]}}
    answered(store, items, "create")
    refused = given(store, items, "update", john)
    assert refused.returncode == 5
    changed = answered(store, items, "update", john, "--allow-duplicates")
    assert changed["info"]["emails"]["items"][0]["email"] == "a@example.com"


def test_labels_are_added_and_taken_away(store: Path, john: str) -> None:
    told(store, "labels", "create", "Hot")
    keys = ["custom.hot", "contacts.customers"]
    assert told(store, "contacts", "label", john, *keys)["info"]["labelKeys"] == {"items": keys}
    shown = run_command(store, "contacts", "unlabel", john, "custom.hot").stdout
    assert "labels    contacts.customers\n" in shown
    assert run_command(store, "contacts", "label", john, "custom.none").returncode == 4


def test_a_contact_is_deleted(store: Path, john: str) -> None:
    assert told(store, "contacts", "delete", john) == {"id": john, "deleted": True}
    done = run_command(store, "contacts", "delete", john)
    assert done.returncode == 4
    assert told(store, "contacts", "count") == {"count": 0}


def test_an_upsert_makes_the_store_then_the_contact_then_changes_it(store: Path) -> None:
    first = answered(store, JOHN, "upsert")
    assert first.keys() == {"contact", "action"}
    assert first["action"] == "CREATED"
    done = given(store, JOHN | {"company": "Looms"}, "upsert")
    assert done.stderr == f"updated {first['contact']['id']}\n"
    assert "company   Looms\n" in done.stdout


def test_a_list_is_upserted_one_by_one(store: Path) -> None:
    done = given(store, [JOHN, {}, JOHN], "upsert", "--json")
    assert done.returncode == 1
    body = json.loads(done.stdout)
    assert [result["metadata"]["action"] for result in body["results"]] == [
        "CREATED",
        "UNKNOWN",
        "UPDATED",
    ]
    table = given(store, [{}], "upsert")
    assert "Contact must have at least" in table.stdout
    assert given(store, [JOHN], "upsert").returncode == 0
    assert given(store, [], "upsert").returncode == 2


def test_a_form_is_submitted(store: Path) -> None:
    first = answered(store, JOHN, "submit")
    expected = {"contactId": first["contactId"], "identityType": "CONTACT", "newContact": True}
    assert first == expected
    named = {"info": {"company": "Looms"}, "contactId": first["contactId"]}
    assert answered(store, named, "submit") == expected | {"newContact": False}
    contact = told(store, "contacts", "get", first["contactId"])
    assert contact["info"]["company"] == "Looms"
    assert given(store, {"company": "X"}, "submit").returncode == 2


def test_all_of_it_works_through_a_server(server: Server) -> None:
    def through(*arguments: str, content: Any = None) -> Any:
        done = subprocess.run(
            [str(COMMAND), "contacts", *arguments, "--store", server.url, "--json"],
            input=json.dumps(content),
            capture_output=True,
            text=True,
            env=environment(CONTACTORY_KEY=server.key),
            cwd=server.store.folder,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    made = through("upsert", "-", content=JOHN)["contact"]
    updated = through("update", made["id"], "-", content={"company": "Looms"})
    assert updated["revision"] == 2
    labelled = through("label", made["id"], "contacts.customers")
    assert through("unlabel", made["id"], "contacts.customers")["revision"] == 4
    assert labelled["info"]["labelKeys"] == {"items": ["contacts.customers"]}
    assert through("submit", "-", content=JOHN)["contactId"] == made["id"]
    assert [contact["id"] for contact in through("search", "john")] == [made["id"]]
    assert [contact["id"] for contact in through("query", '{"info.company": "Looms"}')] == [
        made["id"]
    ]
    assert len(through("list")) == through("count")["count"] == 1
    assert through("facets", "--limit", "1")[0]["count"] == 1
    assert through("delete", made["id"]) == {"id": made["id"], "deleted": True}
