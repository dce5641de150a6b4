"""`POST /contacts/v4/contacts/search` (CONTRACT B.14)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import CONTACTS, Json, application_error, created, violations

SEARCH = f"{CONTACTS}/search"


def word() -> str:
    """A word that no other contact has, of letters only."""
    return "".join(chr(ord("g") + int(digit, 16)) for digit in uuid4().hex)[:16]


def search(client: httpx2.Client, body: Any) -> httpx2.Response:
    return client.post(SEARCH, json=body)


def found(client: httpx2.Client, sent: Any) -> Json:
    answer = search(client, {"search": sent})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.fixture
def people(client: httpx2.Client) -> tuple[str, list[str]]:
    """A word, and the ids of three contacts that have it."""
    own = word()
    infos = [{"name": {"first": "Zoë", "last": f"{own}{end}"}} for end in ("", "a", "b")]
    return own, [created(client, info)["id"] for info in infos]


def test_words_are_found_and_pages_go_by_cursor(
    client: httpx2.Client, people: tuple[str, list[str]]
) -> None:
    own, ids = people
    sent: Json = {
        "search": {"expression": f"ZOE {own}"},
        "sort": {"fieldName": "info.name.last"},
        "cursorPaging": {"limit": 2},
    }
    first = found(client, sent)
    assert first.keys() == {"contacts", "cursorPagingMetadata"}
    assert [contact["id"] for contact in first["contacts"]] == ids[:2]
    metadata = first["cursorPagingMetadata"]
    assert (metadata["count"], metadata["hasNext"]) == (2, True)
    sent["cursorPaging"]["cursor"] = metadata["cursors"]["next"]
    second = found(client, sent)
    assert [contact["id"] for contact in second["contacts"]] == ids[2:]
    assert second["cursorPagingMetadata"]["hasNext"] is False
    assert not second["cursorPagingMetadata"].get("cursors")


def test_pages_by_offset_have_a_total(client: httpx2.Client, people: tuple[str, list[str]]) -> None:
    own, ids = people
    paging = {"limit": 1, "offset": 1}
    sort = {"fieldName": "info.name.last"}
    body = found(client, {"search": {"expression": own}, "sort": sort, "paging": paging})
    assert body.keys() == {"contacts", "pagingMetadata"}
    assert [contact["id"] for contact in body["contacts"]] == ids[1:2]
    assert (body["pagingMetadata"]["count"], body["pagingMetadata"]["total"]) == (1, 3)


def test_filter_sort_and_parts_are_those_of_queries(
    client: httpx2.Client, people: tuple[str, list[str]]
) -> None:
    own, ids = people
    body = found(
        client,
        {
            "search": {"expression": own},
            "filter": {"info.name.last": {"$in": [f"{own}a", f"{own}b"]}},
            "sort": {"fieldName": "info.name.last", "order": "DESC"},
            "fields": ["info.name"],
        },
    )
    assert [contact["id"] for contact in body["contacts"]] == [ids[2], ids[1]]
    assert body["contacts"][0].keys() == {"id", "revision", "info"}


def test_fuzzy_forgives_a_typo(client: httpx2.Client, people: tuple[str, list[str]]) -> None:
    own, ids = people
    typo = own[:3] + own[4:]
    assert found(client, {"search": {"expression": typo}})["contacts"] == []
    body = found(client, {"search": {"expression": typo, "fuzzy": True}})
    assert [contact["id"] for contact in body["contacts"]] == ids[:1]


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"search": {"expression": "x" * 101}}, "search.search.expression"),
        ({"search": {"mode": "SOME"}}, "search.search.mode"),
        ({"search": {"fields": ["info.jobTitle"]}}, "search.search.fields[0]"),
        ({"paging": {"cursor": "x"}}, "search.paging.cursor"),
        (7, "search"),
    ],
)
def test_wrong_values_are_named(client: httpx2.Client, sent: Any, path: str) -> None:
    answer = search(client, {"search": sent})
    assert [violation["field"] for violation in violations(answer)] == [path]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"filter": {"info.nothing": 1}}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN"),
        ({"sort": {"fieldName": "x"}}, "UNSUPPORTED_SORT_FIELD"),
        ({"cursorPaging": {"limit": 1001}}, "ILLEGAL_LIMIT"),
    ],
)
def test_what_queries_refuse_is_refused(client: httpx2.Client, sent: Json, code: str) -> None:
    answer = search(client, {"search": sent})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == code
    assert error["data"]["path"].startswith("search.")


def test_an_empty_body_finds_everybody(client: httpx2.Client) -> None:
    body = search(client, {}).json()
    assert body["contacts"]
    assert body == client.post(SEARCH).json()
