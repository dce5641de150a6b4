"""Generated requests: whatever is sent, no fault of ours, and every answer fits its schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.strategies import booleans
from schemathesis import GenerationMode
from schemathesis.checks import (
    CheckFunction,
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contactory.http.openapi import PUBLISHED_PATHS
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from tests.servers import Server, serve

EXAMPLES = 25
"""For each of some forty calls, and each of two modes."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("generated") / "contacts.db") as started:
        yield started
        assert httpx2.get(f"{started.url}/readyz").status_code == 200, "the server is unharmed"
        assert "fault" not in started.written()


@pytest.fixture(scope="module")
def api(server: Server) -> Any:
    """The document that the server itself publishes."""
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


@pytest.fixture
def known(server: Server) -> str:
    """The id of a contact that is there."""
    body = {"info": {"name": {"first": "John"}}}
    headers = {"authorization": server.key}
    answer = httpx2.post(f"{server.url}{ROUTES[0].path}", json=body, headers=headers)
    return str(answer.json()["contact"]["id"])


CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def help_along(case: schemathesis.Case, known: str) -> None:
    """Let the call get further than chance would: to a contact that is there, to enough data."""
    for name in case.path_parameters:
        case.path_parameters[name] = "contacts.customers" if name == "key" else known
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("info"), dict):
        body["info"]["name"] = {"first": "John"}


def is_of_another_call(case: schemathesis.Case) -> bool:
    """Whether what stands for a parameter makes the path of another call, as `namespaces` does."""
    return "{" in case.path and case.formatted_path in PUBLISHED_PATHS.values()


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_every_answer_fits_the_published_schema(
    api: Any, server: Server, known: str, route: Route, mode: GenerationMode
) -> None:
    operation = api[PUBLISHED_PATHS[route.operation]][route.verb]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), booleans())
    def answer_fits(case: schemathesis.Case, succeeding: bool) -> None:
        if succeeding:
            help_along(case, known)
        assume(not is_of_another_call(case))
        response = case.call_and_validate(headers={"Authorization": server.key}, checks=CHECKS)
        UUID(response.headers["x-wix-request-id"][0])

    answer_fits()


def test_the_published_document_has_an_operation_for_each_route(api: Any) -> None:
    published = {
        (operation.ok().method.upper(), operation.ok().path)
        for operation in api.get_all_operations()
    }
    assert published == {(route.verb, PUBLISHED_PATHS[route.operation]) for route in ROUTES}
