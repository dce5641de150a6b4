"""Labels over HTTP: envelopes, spellings, statuses (CONTRACT B.11, C, WIRE 2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import Json, application_error, created, john, violations
from tests.servers import Server, serve

LABELS = "/contacts/v4/labels"
SYSTEM = {"contacts.contacted-me", "contacts.customers"}


def fresh_name() -> str:
    return f"Label {uuid4().hex}"


def make(client: httpx2.Client, name: Any, **more: Any) -> httpx2.Response:
    return client.post(LABELS, json={"displayName": name, **more})


def made(client: httpx2.Client, name: str | None = None) -> Json:
    answer = make(client, name or fresh_name())
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"label", "newLabel"}
    assert answer.json()["newLabel"] is True
    return dict(answer.json()["label"])


def query(client: httpx2.Client, **body: Any) -> httpx2.Response:
    return client.post(f"{LABELS}/query", json=body)


def shown(client: httpx2.Client, key: str, **params: Any) -> Json:
    answer = client.get(f"{LABELS}/{key}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"label"}
    return dict(answer.json()["label"])


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_j20_found_or_made(client: httpx2.Client, prefix: str) -> None:
    name = fresh_name()
    answers = [client.post(prefix + LABELS, json={"displayName": name}).json() for _ in range(2)]
    assert [answer["newLabel"] for answer in answers] == [True, False]
    assert answers[0]["label"] == answers[1]["label"]
    assert answers[0]["label"]["key"] == f"custom.{name.lower().replace(' ', '-')}"


def test_a_label_is_shown_as_it_was_made(client: httpx2.Client) -> None:
    label = made(client)
    assert shown(client, label["key"]) == label
    repeated = client.get(f"{LABELS}/{label['key']}", params={"key": label["key"]})
    assert repeated.json() == {"label": label}
    assert "contactory-ignored" not in repeated.headers
    assert set(label) == {
        *("namespace", "namespaceDisplayName", "key", "displayName", "labelType"),
        *("createdDate", "updatedDate"),
    }


@pytest.mark.parametrize("name", ["Größe", "お客様", "a_b"])
def test_keys_of_all_scripts_stand_in_paths(client: httpx2.Client, name: str) -> None:
    label = made(client, f"{name} {uuid4().hex}")
    assert shown(client, label["key"]) == shown(client, quote(label["key"])) == label
    assert client.delete(f"{LABELS}/{label['key']}").status_code == 200


@pytest.mark.parametrize(
    "spelling",
    [
        lambda name, key: {"displayName": name},
        lambda name, key: {"label": {"displayName": name, "key": key}},
        lambda name, key: {"label": {"displayName": name}, "language": "en"},
        lambda name, key: {"label": {"displayName": name, "key": "custom.another"}},
    ],
)
def test_both_spellings_of_a_rename(client: httpx2.Client, spelling: Any) -> None:
    label, name = made(client), fresh_name()
    answer = client.patch(f"{LABELS}/{label['key']}", json=spelling(name, label["key"]))
    assert answer.status_code == 200, answer.text
    assert "contactory-ignored" not in answer.headers
    renamed = answer.json()["label"]
    assert answer.json() == {"label": renamed}
    assert (renamed["key"], renamed["displayName"]) == (label["key"], name)
    assert shown(client, label["key"]) == renamed


def test_a_deleted_label_answers_an_empty_object_and_is_gone(client: httpx2.Client) -> None:
    label = made(client)
    contact = created(client, john() | {"labelKeys": {"items": [label["key"]]}})
    answer = client.delete(f"{LABELS}/{label['key']}", params={"key": label["key"]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert client.get(f"{LABELS}/{label['key']}").status_code == 404
    now = client.get(f"/contacts/v4/contacts/{contact['id']}").json()["contact"]
    assert "labelKeys" not in now["info"]
    assert now["revision"] == contact["revision"] + 1


def test_spanish_names(client: httpx2.Client) -> None:
    label = shown(client, "contacts.customers", language="es")
    assert (label["displayName"], label["namespaceDisplayName"]) == ("Clientes", "Etiquetas")
    assert label["labelType"] == "SYSTEM"
    assert "createdDate" not in label
    found = client.get(LABELS, params={"language": "es", "labelType": "SYSTEM"}).json()["labels"]
    assert [one["displayName"] for one in found] == ["Me contactaron", "Clientes"]
    asked = query(client, query={"filter": {"labelType": "SYSTEM"}}, language="es").json()
    assert [one["displayName"] for one in asked["labels"]] == ["Me contactaron", "Clientes"]


def test_namespaces(client: httpx2.Client) -> None:
    answer = client.get(f"{LABELS}/namespaces", params={"language": "es"})
    assert answer.json() == {
        "namespaces": [
            {"key": "custom", "displayName": "Etiquetas"},
            {"key": "contacts", "displayName": "Etiquetas"},
        ]
    }


@pytest.mark.parametrize(
    "params",
    [
        {"paging.limit": 2, "paging.offset": 1},
        {"paging[limit]": "2", "paging[offset]": "1"},
    ],
)
def test_a_list_is_paged_sorted_and_counted(client: httpx2.Client, params: Json) -> None:
    start = uuid4().hex
    names = [f"{start} {letter}" for letter in "bca"]
    for name in names:
        made(client, name)
    asked = {"startsWith": start, "sort.fieldName": "displayName", "sort.order": "DESC", **params}
    answer = client.get(LABELS, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"labels", "metadata"}
    assert [label["displayName"] for label in answer.json()["labels"]] == sorted(names)[1::-1]
    metadata = answer.json()["metadata"]
    assert metadata == {"count": 2, "offset": 1, "total": 3, "tooManyToCount": False}
    assert client.get(LABELS, params={"startsWith": start.upper() + "X"}).json()["labels"] == []


def test_a_list_has_the_newest_first_and_system_labels_last(client: httpx2.Client) -> None:
    first, second = made(client), made(client)
    keys = [label["key"] for label in client.get(LABELS).json()["labels"]]
    assert keys.index(second["key"]) < keys.index(first["key"])
    assert set(keys[-2:]) == SYSTEM


def test_a_query_says_its_place_under_both_names(client: httpx2.Client) -> None:
    name = fresh_name()
    made(client, name)
    built = {"filter": {"displayName": name}, "paging": {"offset": 0, "limit": 50}}
    answer = query(client, query=built)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"labels", "metadata", "pagingMetadata"}
    assert [label["displayName"] for label in body["labels"]] == [name]
    assert body["metadata"] == body["pagingMetadata"]
    assert body["pagingMetadata"] == {
        "count": 1,
        "offset": 0,
        "total": 1,
        "tooManyToCount": False,
    }


@pytest.mark.parametrize("body", [{}, {"query": {}}, {"query": None}, None])
def test_a_query_for_nothing_finds_all(client: httpx2.Client, body: Any) -> None:
    answer = client.post(f"{LABELS}/query", **({"json": body} if body is not None else {}))
    assert answer.status_code == 200
    assert answer.json()["metadata"]["total"] >= 2


def test_members_of_a_query_that_mean_nothing_are_reported(client: httpx2.Client) -> None:
    answer = query(client, query={"limit": 5, "fields": ["key"]}, more=1)
    assert answer.status_code == 200
    ignored = set(answer.headers["contactory-ignored"].split(", "))
    assert ignored == {"more", "query.limit", "query.fields"}


# Refusals


@pytest.mark.parametrize("key", ["custom.none", "none", "custom.a%20b", "%00", "x" * 2000])
@pytest.mark.parametrize("verb", ["GET", "PATCH", "DELETE"])
def test_an_unknown_label_is_404(client: httpx2.Client, verb: str, key: str) -> None:
    body = {"json": {"displayName": "X"}} if verb == "PATCH" else {}
    answer = client.request(verb, f"{LABELS}/{key}", **body)
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "This site has no such label",
        "details": {
            "applicationError": {
                "code": "NOT_FOUND",
                "description": "This site has no such label",
                "data": {},
            }
        },
    }


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
@pytest.mark.parametrize("key", sorted(SYSTEM))
def test_system_labels_are_403(client: httpx2.Client, verb: str, key: str) -> None:
    body = {"json": {"label": {"displayName": "X"}}} if verb == "PATCH" else {}
    answer = client.request(verb, f"{LABELS}/{key}", **body)
    assert answer.status_code == 403
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("SYSTEM_DEFINITION", {"key": key})
    assert shown(client, key)["labelType"] == "SYSTEM"


def test_a_name_in_use_is_409(client: httpx2.Client) -> None:
    one, two = made(client), made(client)
    answer = client.patch(f"{LABELS}/{two['key']}", json={"displayName": one["displayName"]})
    assert answer.status_code == 409
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("ALREADY_EXISTS", {"key": one["key"]})


@pytest.mark.parametrize("name", ["", None, "x" * 181, 5, {}, ["x"], "a\u0000"])
def test_a_bad_name_is_400_where_it_is_made_and_renamed(client: httpx2.Client, name: Any) -> None:
    label = made(client)
    for answer in (
        make(client, name, language="?"),
        client.patch(f"{LABELS}/{label['key']}", json={"displayName": name, "language": "?"}),
        client.patch(f"{LABELS}/{label['key']}", json={"label": {"displayName": name}})
        if isinstance(name, str)
        else make(client, name, language=5),
    ):
        found = {violation["field"] for violation in violations(answer)}
        assert found <= {"displayName", "label.displayName", "language"}
        assert found != {"language"}


def test_a_rename_without_a_name_says_what_is_missing(client: httpx2.Client) -> None:
    label = made(client)
    for body, path in (
        ({}, "displayName"),
        ({"label": "X"}, "displayName"),
        ({"label": {}}, "label.displayName"),
        ({"label": {"key": label["key"]}}, "label.displayName"),
        ({"label": {}, "displayName": ""}, "displayName"),
    ):
        (violation,) = violations(client.patch(f"{LABELS}/{label['key']}", json=body))
        assert (violation["field"], violation["violatedRule"]) == (path, "REQUIRED_FIELD")


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({"paging.limit": "2001"}, {"paging.limit"}),
        ({"paging.limit": "x", "paging.offset": "-1"}, {"paging.limit", "paging.offset"}),
        ({"labelType": "MINE", "namespace": "ab"}, {"labelType", "namespace"}),
        ({"startsWith": "x" * 181, "language": "spanish"}, {"startsWith", "language"}),
        ({"paging": "5"}, {"paging"}),
    ],
)
def test_a_list_tells_all_that_is_wrong(
    client: httpx2.Client, params: Json, fields: set[str]
) -> None:
    found = violations(client.get(LABELS, params=params))
    assert {violation["field"] for violation in found} == fields


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"filter": "{}"}, "MALFORMED_FILTER"),
        ({"filter": {"$nor": []}}, "UNSUPPORTED_FILTER"),
        ({"filter": {"name": "x"}}, "UNSUPPORTED_FILTER_FIELD"),
        ({"filter": {"displayName": {"$contains": "x"}}}, "UNSUPPORTED_FILTER_OPERATOR"),
        ({"filter": {"labelType": "MINE"}}, "UNSUPPORTED_FILTER_VALUE"),
        ({"filter": {"createdDate": {"$gt": "soon"}}}, "UNSUPPORTED_FILTER_VALUE"),
        ({"sort": [{"fieldName": "key"}]}, "INVALID_SORT"),
    ],
)
def test_what_queries_cannot_do_has_its_code(client: httpx2.Client, asked: Json, code: str) -> None:
    answer = query(client, query=asked)
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == code
    assert error["data"]["path"].startswith("query.")


def test_a_query_takes_1000_at_most(client: httpx2.Client) -> None:
    (violation,) = violations(query(client, query={"paging": {"limit": 1001}}))
    assert (violation["field"], violation["violatedRule"]) == ("query.paging.limit", "MAX")


def test_a_sort_that_is_none_is_refused(client: httpx2.Client) -> None:
    answer = client.get(LABELS, params={"sort": "displayName"})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INVALID_SORT"


def test_the_quota_is_428_with_texts(tmp_path: Path) -> None:
    keys = [f"custom.l-{number}" for number in range(1000)]
    with serve(tmp_path / "contacts.db") as server, server.client() as client:
        created(client, john() | {"labelKeys": {"items": keys}})
        answer = make(client, fresh_name())
        assert answer.status_code == 428
        error = application_error(answer)
        assert make(client, "L 7").json()["newLabel"] is False
    assert error["code"] == "LABELS_QUOTA_REACHED"
    assert error["data"] == {"labelsQuota": "1000", "labelsCurrentTotal": "1000"}


def test_other_sites_do_not_see_it(server: Server, client: httpx2.Client, tmp_path: Path) -> None:
    label = made(client)
    with serve(tmp_path / "contacts.db") as other, other.client() as elsewhere:
        assert elsewhere.get(f"{LABELS}/{label['key']}").status_code == 404
