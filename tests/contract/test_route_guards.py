"""Guards that every route has: who may call, and what becomes of requests that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from tests.contract.needed import NEEDED
from tests.contract.test_malformed_bodies import MEGABYTE, SURROGATES, UNREADABLE
from tests.contract.wire import NOBODY, application_error, created, john, violations
from tests.servers import Server, new_key

WITH_BODY = [route for route in ROUTES if route.verb != "GET"]
WITH_QUERY = [route for route in ROUTES if route.verb in ("GET", "DELETE")]
READER, LABELLER = "CONTACTS.VIEW", "CONTACTS_LABELS.VIEW"

each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
each_with_body = pytest.mark.parametrize("route", WITH_BODY, ids=lambda route: route.operation)
each_with_query = pytest.mark.parametrize("route", WITH_QUERY, ids=lambda route: route.operation)


def path_of(route: Route, value: str | None = None) -> str:
    """The route's path to something that is not there."""
    path = route.path
    for name in route.in_path:
        path = path.replace(f"{{{name}}}", value or ("custom.none" if name == "key" else NOBODY))
    return path


def in_body(route: Route) -> list[str]:
    return [name for name in (*route.arguments, *route.options) if name not in route.in_path]


GOOD: dict[str, Any] = {
    "info": {"company": "X"},
    "displayName": "Guarded",
    "dataType": "TEXT",
    "labelKeys": ["contacts.customers"],
    "revision": 1,
    "targetContactRevision": 1,
}
"""What lets a call get to its other arguments; nothing of it is a whole call."""


def body_with(route: Route, name: str, value: Any) -> dict[str, Any]:
    return {key: GOOD[key] for key in in_body(route) if key in GOOD} | {name: value}


@pytest.fixture(scope="module")
def few(server: Server) -> Iterator[dict[str, httpx2.Client]]:
    """Clients with one permission each."""
    names = (READER, LABELLER)
    clients = {name: server.client(new_key(server.store, name)) for name in names}
    yield clients
    for client in clients.values():
        client.close()


@each_route
@pytest.mark.parametrize("authorization", ["", "Bearer", "nonsense", "Bearer nonsense"])
def test_without_a_valid_credential_it_is_401(
    client: httpx2.Client, route: Route, authorization: str
) -> None:
    answer = client.request(
        route.verb, path_of(route), headers={"authorization": authorization}, content=b"{"
    )
    assert answer.status_code == 401
    assert application_error(answer)["code"] == "UNAUTHENTICATED"


@each_route
@pytest.mark.parametrize("sent", [{}, {"query": {"search": 1}, "filter": 1, "contact": 1}])
def test_without_its_permission_it_is_403_whatever_is_sent(
    few: dict[str, httpx2.Client], route: Route, sent: dict[str, Any]
) -> None:
    needed = NEEDED[route.operation]
    (client, *_) = [client for name, client in few.items() if name != needed]
    answer = client.request(route.verb, path_of(route), json=sent)
    assert answer.status_code == 403, answer.text
    error = application_error(answer)
    assert (error["code"], error["data"]) == ("PERMISSION_DENIED", {"permission": needed})


@each_with_body
def test_bodies_that_cannot_be_read_are_400(client: httpx2.Client, route: Route) -> None:
    for name, (body, reason) in UNREADABLE.items():
        answer = client.request(route.verb, path_of(route), content=body)
        assert answer.status_code == 400, (name, answer.text)
        error = application_error(answer)
        assert error["code"] == "MALFORMED_REQUEST"
        assert reason in error["description"]


@each_with_body
def test_bodies_that_are_compressed_or_too_large_are_refused(
    client: httpx2.Client, route: Route
) -> None:
    path = path_of(route)
    answer = client.request(route.verb, path, content=b"{}", headers={"content-encoding": "gzip"})
    assert answer.status_code == 400
    assert "compressed" in application_error(answer)["description"]
    answer = client.request(route.verb, path, content=b" " * (10 * MEGABYTE))
    assert (answer.status_code, application_error(answer)["code"]) == (413, "REQUEST_TOO_LARGE")


@each_with_body
def test_names_that_cannot_be_kept_are_refused(client: httpx2.Client, route: Route) -> None:
    for text in SURROGATES:
        answer = client.request(route.verb, path_of(route), content=f"{{{text}: 1}}".encode())
        assert answer.status_code == 400, answer.text
        assert "NUL or unpaired surrogates" in application_error(answer)["description"]


ODD: list[Any] = [
    *(0, -1, 7, 1.5, 1e300, 10**30, True, False),
    *("text", "\x00", "ü" * 5000, "5", "{}", ","),
    *([1], [{}], [[]], [None], [""], ["\x00"], [[[1]]], ["x"] * 3000),
    *({"a": 1}, {"": None}, {"items": 1}, {"items": [1]}, {"items": {}}, {"filter": 5}),
]


@each_with_body
def test_values_of_any_kind_get_an_answer_that_is_no_fault(
    client: httpx2.Client, route: Route
) -> None:
    """Each argument and option with each odd value, the others being well."""
    for name in in_body(route):
        texts = [json.dumps(value) for value in ODD] + SURROGATES + ["1e999", "-" + "9" * 5000]
        for text in texts:
            body = json.dumps(body_with(route, name, "VALUE")).replace('"VALUE"', text)
            answer = client.request(route.verb, path_of(route), content=body.encode())
            check_no_fault(answer, f"{name}: {text[:80]}")


@each_with_query
def test_query_strings_of_any_form_get_an_answer_that_is_no_fault(
    client: httpx2.Client, route: Route
) -> None:
    names = in_body(route) + list(route.in_path) + ["a"]
    values = [
        "",
        "%00",
        "%ff%fe",
        "%ed%a0%80",
        "x" * 5000,
        "1e999",
        "-1",
        "[]",
        "null",
        "%",
        "9" * 99,
    ]
    members = ["", "[]", "[0]", ".limit", "[limit]", ".fieldName", ".a.b", "[[", "]", ".", "%00"]
    for name in names:
        for member in members:
            for value in values:
                answer = client.request(route.verb, f"{path_of(route)}?{name}{member}={value}")
                check_no_fault(answer, f"{name}{member}={value[:80]}")


@each_with_query
@pytest.mark.parametrize(
    "query", ["a=1&a.b=2", "a[b]=1&a=2", "a.b.c.d.e=1", "a[b][c][d][e]=1", "a.b=1&a.b.c=2"]
)
def test_query_strings_that_contradict_themselves_are_400(
    client: httpx2.Client, route: Route, query: str
) -> None:
    answer = client.request(route.verb, f"{path_of(route)}?{query}")
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.in_path], ids=lambda route: route.operation
)
def test_paths_of_any_form_get_an_answer_that_is_no_fault(
    client: httpx2.Client, route: Route
) -> None:
    for value in ("%00", "%ff", "%ed%a0%80", "x" * 5000, "ü", "..%2f", "%20", "null", "a;b", "%25"):
        answer = client.request(route.verb, path_of(route, value), json={})
        check_no_fault(answer, value[:80])
        assert answer.status_code in {400, 404}


def check_no_fault(answer: httpx2.Response, sent: str) -> None:
    """A success is JSON, and everything else an error that says something."""
    assert answer.status_code < 500, f"{sent}: {answer.text}"
    assert answer.headers["content-type"] == "application/json"
    if answer.status_code == 200:
        assert isinstance(answer.json(), dict)
    elif "validationError" in answer.json()["details"]:
        violations(answer)
    else:
        application_error(answer)


def test_the_server_is_unharmed_by_all_of_it(server: Server, client: httpx2.Client) -> None:
    assert created(client, john())
    assert "fault" not in server.written()
