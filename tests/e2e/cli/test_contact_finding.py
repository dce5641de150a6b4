"""`contactory contacts list`, `query`, `search`, `count` and `facets`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.servers import run_command, told

PEOPLE = [
    ("Zoë", "Smith", "Acme"),
    ("John", "Doe", "Engines"),
    ("Jane", "Smithson", "Acme"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("found") / "contacts.db"
    for first, last, company in PEOPLE:
        info = {
            "name": {"first": first, "last": last},
            "company": company,
            "emails": {"items": [{"email": f"{last.lower()}@example.com"}]},
            "labelKeys": {"items": [f"custom.{company.lower()}"]},
        }
        done = run_command(store, "contacts", "create", "-", given=json.dumps(info))
        assert done.returncode == 0, done.stderr
    return store


def firsts(store: Path, *arguments: str) -> list[str]:
    return [contact["info"]["name"]["first"] for contact in told(store, "contacts", *arguments)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["list"], ["Zoë", "John", "Jane"]),
        (["list", "--sort", "-info.name.last", "--limit", "2"], ["Jane", "Zoë"]),
        (["list", "--sort", "info.company", "--sort", "-createdDate"], ["Jane", "Zoë", "John"]),
        (["list", "--offset", "2"], ["Jane"]),
        (["query", '{"info.company": "Acme"}'], ["Zoë", "Jane"]),
        (["query", '{"info.company": "Acme"}', "--search", "Jane Smithson"], ["Jane"]),
        (["query", "{}", "--limit", "1"], ["Zoë"]),
        (["search", "zoe smi"], ["Zoë"]),
        (["search", "smi", "--filter", '{"info.name.first": "Jane"}'], ["Jane"]),
        (["search", "smtih"], []),
        (["search", "smtih", "--fuzzy"], ["Zoë"]),
        (["search", "engines zoe", "--any", "--sort", "-createdDate"], ["John", "Zoë"]),
        (["search", "acme", "--in", "info.name.last"], []),
    ],
)
def test_who_is_found(store: Path, arguments: list[str], expected: list[str]) -> None:
    assert firsts(store, *arguments) == expected


def test_people_see_a_row_each_and_that_there_is_more(store: Path) -> None:
    done = run_command(store, "contacts", "search", "smi", "--limit", "1")
    header, row = done.stdout.splitlines()
    assert header.split() == ["id", "name", "company", "emails", "phones", "labels"]
    assert "Zoë Smith" in row
    assert "smith@example.com" in row
    assert "custom.acme" in row
    assert done.stderr == "1 of 2: see --limit and --offset\n"
    nobody = run_command(store, "contacts", "query", '{"info.company": "None"}')
    assert (nobody.stdout, nobody.stderr) == ("", "no contacts\n")


def test_only_the_parts_named_are_shown(store: Path) -> None:
    (contact,) = told(store, "contacts", "list", "--limit", "1", "--field", "info.company")
    assert contact.keys() == {"id", "revision", "info"}
    assert contact["info"]["company"] == "Acme"
    assert "emails" not in contact["info"]


def test_contacts_are_counted(store: Path) -> None:
    assert told(store, "contacts", "count") == {"count": 3}
    assert run_command(store, "contacts", "count").stdout.split() == ["count", "3"]


def test_facets_are_listed_with_their_sizes(store: Path) -> None:
    counts: dict[str, Any] = {
        facet["facetKey"]: facet["count"] for facet in told(store, "contacts", "facets")
    }
    assert (counts["contacts.all"], counts["custom.acme"]) == (3, 2)
    status = {"info.extendedFields.emailSubscriptions.subscriptionStatus": "SUBSCRIBED"}
    filtered = told(store, "contacts", "facets", "--filter", json.dumps(status))
    assert {facet["count"] for facet in filtered} == {0}
    spanish = run_command(store, "contacts", "facets", "--language", "es", "--limit", "4")
    assert "Todos los contactos" in spanish.stdout
    assert spanish.stderr == "4 of 15: see --limit and --offset\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "{x"], "FILTER: "),
        (["search", "x", "--filter", "[1"], "--filter: "),
        (["facets", "--filter", "nothing"], "--filter: "),
        (["query", '{"info.nothing": 1}'], "There is no field info.nothing"),
        (["search", "x" * 101], "search.search.expression has size 101"),
        (["list", "--sort", "nothing"], "sort"),
    ],
)
def test_what_cannot_be_understood_is_told(store: Path, arguments: list[str], message: str) -> None:
    done = run_command(store, "contacts", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
