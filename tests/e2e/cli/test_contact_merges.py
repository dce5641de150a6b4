"""`contactory contacts merge`, `unmerge` and `merges`, on a store and through a server."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contactory.connecting import connect
from tests.servers import COMMAND, AnyStore, Server, environment, run_command, store_url, told

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


def made(store: AnyStore, email: str, first: str) -> dict[str, Any]:
    info = {"name": {"first": first}, "emails": {"items": [{"email": email}]}}
    done = run_command(store, "contacts", "create", "-", "--json", given=json.dumps(info))
    return dict(json.loads(done.stdout))


async def delete(store: Path, contact_id: str) -> None:
    async with connect(store_url(store)) as crm:
        await crm.contacts.delete_contact(contact_id)


def test_a_merge_and_its_undo(store: Path) -> None:
    target, source = made(store, "a@x.de", "Ada"), made(store, "b@x.de", "Bob")
    pair = (target["id"], source["id"])
    preview = told(store, "contacts", "merge", *pair, "--preview")
    assert told(store, "contacts", "get", source["id"]) == source
    assert told(store, "contacts", "merges", source["id"]) == []

    contact = told(store, "contacts", "merge", *pair)
    assert contact["info"] == preview["info"]
    assert len(contact["info"]["emails"]["items"]) == 2
    assert told(store, "contacts", "get", source["id"]) == contact
    (merge,) = told(store, "contacts", "merges", target["id"])
    assert merge["sourceContactIds"] == [source["id"]]

    shown = told(store, "contacts", "unmerge", merge["id"], "--preview")
    assert told(store, "contacts", "get", source["id"]) == contact
    found = told(store, "contacts", "unmerge", merge["id"])
    assert found["target"]["info"] == shown["target"]["info"] == target["info"]
    assert told(store, "contacts", "get", source["id"]) == found["sources"][0]
    assert "undoneDate" in told(store, "contacts", "merges", target["id"])[0]


def test_people_are_told_what_was_done_and_how_to_undo_it(store: Path) -> None:
    target, source = made(store, "a@x.de", "Ada"), made(store, "b@x.de", "Bob")
    done = run_command(store, "contacts", "merge", target["id"], source["id"])
    assert "a@x.de b@x.de" in done.stdout
    assert f"contacts merges {target['id']}" in done.stderr
    listed = run_command(store, "contacts", "merges", target["id"])
    merge_id = listed.stdout.splitlines()[1].split()[0]
    undone = run_command(store, "contacts", "unmerge", merge_id)
    assert [line.split()[:2] for line in undone.stdout.splitlines()[1:]] == [
        ["target", target["id"]],
        ["source", source["id"]],
    ]


def test_refusals_have_their_exit_codes(store: Path) -> None:
    target, source = made(store, "a@x.de", "Ada"), made(store, "b@x.de", "Bob")
    pair = (target["id"], source["id"])
    for arguments, code in (
        (["merge", *pair, "--revision", "7"], 5),
        (["merge", target["id"], NOBODY], 4),
        (["merge", NOBODY, source["id"]], 4),
        (["merge", target["id"], target["id"]], 2),
        (["merge", target["id"]], 2),
        (["unmerge", NOBODY], 4),
        (["unmerge", "x"], 2),
        (["merges", NOBODY], 4),
    ):
        refused = run_command(store, "contacts", *arguments)
        assert (refused.returncode, refused.stdout) == (code, ""), arguments
        assert refused.stderr
    assert told(store, "contacts", "get", source["id"]) == source


def test_an_undo_that_must_wait_names_the_merge_that_comes_first(store: Path) -> None:
    a, b, c = [made(store, f"{name}@x.de", name) for name in ("ada", "bob", "cid")]
    told(store, "contacts", "merge", a["id"], b["id"])
    (first,) = told(store, "contacts", "merges", a["id"])
    told(store, "contacts", "merge", c["id"], a["id"])
    (second,) = told(store, "contacts", "merges", c["id"])
    refused = run_command(store, "contacts", "unmerge", first["id"])
    assert refused.returncode == 5
    assert second["id"] in refused.stderr


def test_an_undo_that_others_stand_in_the_way_of_can_be_forced(store: Path) -> None:
    target = made(store, "a@x.de", "Ada")
    source, other = made(store, "b@x.de", "Bob"), made(store, "c@x.de", "Cid")
    told(store, "contacts", "merge", target["id"], source["id"])
    (merge,) = told(store, "contacts", "merges", target["id"])
    asyncio.run(delete(store, target["id"]))
    second = made(store, "b@x.de", "Bea")
    refused = run_command(store, "contacts", "unmerge", merge["id"])
    assert refused.returncode == 5
    assert second["id"] in refused.stderr
    preview = run_command(store, "contacts", "unmerge", merge["id"], "--preview")
    assert f"{second['id']} has b@x.de of {source['id']}" in preview.stderr
    found = told(store, "contacts", "unmerge", merge["id"], "--allow-duplicates")
    assert [one["id"] for one in found["sources"]] == [source["id"]]
    assert "target" not in found
    assert told(store, "contacts", "get", other["id"]) == other


def test_merges_go_through_a_server(server: Server) -> None:
    target = made(server.store, "a@x.de", "Ada")
    source = made(server.store, "b@x.de", "Bob")

    def through(*arguments: str) -> Any:
        done = subprocess.run(
            [str(COMMAND), "contacts", *arguments, "--store", server.url, "--json"],
            capture_output=True,
            text=True,
            env=environment(CONTACTORY_KEY=server.key),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    planned = through("merge", target["id"], source["id"], "--preview")
    contact = through("merge", target["id"], source["id"])
    assert planned["info"] == contact["info"]
    assert through("get", source["id"]) == contact
    (merge,) = through("merges", source["id"])
    preview = through("unmerge", merge["id"], "--preview")
    found = through("unmerge", merge["id"], "--allow-duplicates")
    assert preview["sources"][0]["info"] == found["sources"][0]["info"] == source["info"]
    assert through("get", source["id"]) == found["sources"][0]
