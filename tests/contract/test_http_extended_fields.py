"""Extended fields over HTTP: envelopes, spellings, statuses (CONTRACT B.12, C, WIRE 2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import Json, application_error, created, john, violations
from tests.servers import serve

FIELDS = "/contacts/v4/extended-fields"


def fresh_name() -> str:
    return f"Field {uuid4().hex}"


def make(client: httpx2.Client, name: Any, data_type: Any = "TEXT") -> httpx2.Response:
    return client.post(FIELDS, json={"displayName": name, "dataType": data_type})


def made(client: httpx2.Client, name: str | None = None, data_type: str = "TEXT") -> Json:
    answer = make(client, name or fresh_name(), data_type)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"field", "newField"}
    assert answer.json()["newField"] is True
    return dict(answer.json()["field"])


def query(client: httpx2.Client, **body: Any) -> httpx2.Response:
    return client.post(f"{FIELDS}/query", json=body)


def shown(client: httpx2.Client, key: str, **params: Any) -> Json:
    answer = client.get(f"{FIELDS}/{key}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"field"}
    return dict(answer.json()["field"])


@pytest.fixture(scope="module")
def client(server: Any) -> Any:
    """A client of a server of the module's own: its site has 100 fields at most."""
    with server.client() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serve(tmp_path_factory.mktemp("fields") / "contacts.db") as started:
        yield started


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_found_or_made(client: httpx2.Client, prefix: str) -> None:
    body = {"displayName": fresh_name(), "dataType": "NUMBER"}
    first = client.post(prefix + FIELDS, json=body).json()
    second = client.post(prefix + FIELDS, json=body | {"dataType": "TEXT"}).json()
    third = client.post(prefix + FIELDS, json={"displayName": body["displayName"]}).json()
    assert (first["newField"], second["newField"], third["newField"]) == (True, False, False)
    assert first["field"] == second["field"] == third["field"]
    assert first["field"]["dataType"] == "NUMBER"


def test_a_field_is_shown_as_it_was_made(client: httpx2.Client) -> None:
    field = made(client)
    assert shown(client, field["key"]) == field
    repeated = client.get(f"{FIELDS}/{field['key']}", params={"key": field["key"]})
    assert repeated.json() == {"field": field}
    assert "contactory-ignored" not in repeated.headers
    assert set(field) == {
        *("namespace", "key", "displayName", "dataType", "fieldType"),
        *("createdDate", "updatedDate"),
    }


@pytest.mark.parametrize(
    "spelling",
    [
        lambda name, key: {"displayName": name},
        lambda name, key: {"field": {"displayName": name, "key": key}},
    ],
)
def test_both_spellings_of_a_rename(client: httpx2.Client, spelling: Any) -> None:
    field, name = made(client), fresh_name()
    answer = client.patch(f"{FIELDS}/{field['key']}", json=spelling(name, field["key"]))
    assert answer.status_code == 200, answer.text
    assert "contactory-ignored" not in answer.headers
    renamed = answer.json()["field"]
    assert answer.json() == {"field": renamed}
    assert (renamed["key"], renamed["displayName"]) == (field["key"], name)
    assert shown(client, field["key"]) == renamed


def test_a_deleted_field_answers_an_empty_object_and_takes_its_values(
    client: httpx2.Client,
) -> None:
    field = made(client, data_type="NUMBER")
    contact = created(client, john() | {"extendedFields": {"items": {field["key"]: 7}}})
    assert contact["info"]["extendedFields"]["items"][field["key"]] == 7
    answer = client.delete(f"{FIELDS}/{field['key']}", params={"key": field["key"]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert client.get(f"{FIELDS}/{field['key']}").status_code == 404
    now = client.get(f"/contacts/v4/contacts/{contact['id']}").json()["contact"]
    assert field["key"] not in now["info"]["extendedFields"]["items"]
    assert now["revision"] == contact["revision"] + 1


def test_a_system_field_is_shown_with_its_description(client: httpx2.Client) -> None:
    field = shown(client, "invoices.vatId")
    assert field.pop("description")
    assert field == {
        "namespace": "invoices",
        "key": "invoices.vatId",
        "displayName": "VAT ID",
        "dataType": "TEXT",
        "fieldType": "SYSTEM",
    }


def test_a_list_is_narrowed_sorted_and_paged(client: httpx2.Client) -> None:
    start = uuid4().hex
    names = [f"{start} {letter}" for letter in "bca"]
    for name in names:
        made(client, name)
    asked = {"startsWith": start, "fieldType": "USER_DEFINED", "namespace": "custom"}
    answer = client.get(FIELDS, params=asked | {"paging.limit": 2, "sort.fieldName": "displayName"})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"fields", "metadata"}
    assert [field["displayName"] for field in answer.json()["fields"]] == sorted(names)[:2]
    metadata = answer.json()["metadata"]
    assert metadata == {"count": 2, "offset": 0, "total": 3, "tooManyToCount": False}
    newest_first = client.get(FIELDS, params=asked).json()["fields"]
    assert [field["displayName"] for field in newest_first] == names[::-1]


def test_a_query_says_its_place_under_both_names(client: httpx2.Client) -> None:
    name = fresh_name()
    made(client, name, "URL")
    asked = {"filter": {"$and": [{"displayName": name}, {"fieldType": "USER_DEFINED"}]}}
    body = query(client, query=asked).json()
    assert body.keys() == {"fields", "metadata", "pagingMetadata"}
    assert [field["dataType"] for field in body["fields"]] == ["URL"]
    assert body["metadata"] == body["pagingMetadata"]
    assert body["metadata"] == {"count": 1, "offset": 0, "total": 1, "tooManyToCount": False}


# Refusals


@pytest.mark.parametrize("verb", ["GET", "PATCH", "DELETE"])
def test_an_unknown_field_is_404(client: httpx2.Client, verb: str) -> None:
    body = {"json": {"displayName": "X"}} if verb == "PATCH" else {}
    answer = client.request(verb, f"{FIELDS}/custom.none", **body)
    assert answer.status_code == 404
    assert application_error(answer)["code"] == "NOT_FOUND"
    assert "extended field" in answer.json()["message"]


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
@pytest.mark.parametrize("key", ["invoices.vatId", "ecom.numOfPurchases"])
def test_system_fields_are_403(client: httpx2.Client, verb: str, key: str) -> None:
    body = {"json": {"field": {"displayName": "X"}}} if verb == "PATCH" else {}
    answer = client.request(verb, f"{FIELDS}/{key}", **body)
    assert answer.status_code == 403
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("SYSTEM_DEFINITION", {"key": key})


def test_a_name_in_use_is_409(client: httpx2.Client) -> None:
    one, two = made(client), made(client)
    answer = client.patch(f"{FIELDS}/{two['key']}", json={"displayName": one["displayName"]})
    assert answer.status_code == 409
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("ALREADY_EXISTS", {"key": one["key"]})


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"displayName"}),
        ({"displayName": "x" * 151, "dataType": "TEXT"}, {"displayName"}),
        ({"displayName": 5, "dataType": 5}, {"displayName", "dataType"}),
        ({"displayName": "New", "dataType": "UNKNOWN_DATA_TYPE"}, {"dataType"}),
        ({"displayName": "New"}, {"dataType"}),
    ],
)
def test_what_does_not_fit_is_named(client: httpx2.Client, body: Json, fields: set[str]) -> None:
    found = violations(client.post(FIELDS, json=body))
    assert {violation["field"] for violation in found} == fields


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"filter": []}, "MALFORMED_FILTER"),
        ({"filter": {"labelType": "SYSTEM"}}, "UNSUPPORTED_FILTER_FIELD"),
        ({"filter": {"dataType": {"$in": ["TEXT"]}}}, "UNSUPPORTED_FILTER_OPERATOR"),
        ({"filter": {"dataType": "WORD"}}, "UNSUPPORTED_FILTER_VALUE"),
        ({"sort": [{"fieldName": "dataType"}]}, "INVALID_SORT"),
    ],
)
def test_what_queries_cannot_do_has_its_code(client: httpx2.Client, asked: Json, code: str) -> None:
    answer = query(client, query=asked)
    assert answer.status_code == 400
    assert application_error(answer)["code"] == code


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({"paging.limit": "1001"}, {"paging.limit"}),
        ({"fieldType": "MINE", "namespace": "ab"}, {"fieldType", "namespace"}),
    ],
)
def test_a_list_tells_all_that_is_wrong(
    client: httpx2.Client, params: Json, fields: set[str]
) -> None:
    found = violations(client.get(FIELDS, params=params))
    assert {violation["field"] for violation in found} == fields


def test_the_quota_is_429(tmp_path: Path) -> None:
    values = {f"custom.f-{number}": number for number in range(100)}
    with serve(tmp_path / "contacts.db") as server, server.client() as client:
        created(client, john() | {"extendedFields": {"items": values}})
        answer = make(client, fresh_name())
        assert make(client, "F 7").json()["newField"] is False
    assert answer.status_code == 429
    assert application_error(answer)["code"] == "FIELDS_QUOTA_EXCEEDED"
