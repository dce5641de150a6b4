"""The published document and the page to read it (`/openapi.json`, `/docs`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import httpx2
import jsonschema_rs
import pytest

from contactory.domain.errors import ERRORS
from contactory.http.openapi import PUBLISHED_PATHS
from contactory.ops.operation import OPERATIONS
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from tests.contract.wire import CONTACTS, NOBODY, Json, create, created, john

LINK = re.compile(r"""(?:src|href)=["']([^"']+)["']""")
EXTERNAL = re.compile(r"https?://(?!www\.w3\.org)[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture(scope="module")
def document(client: httpx2.Client) -> Json:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def operation(document: Json, route: Route) -> Json:
    return dict(document["paths"][PUBLISHED_PATHS[route.operation]][route.verb.lower()])


def parts(value: Any) -> Iterator[Json]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
    for below in value.values() if isinstance(value, dict) else value:
        if isinstance(below, dict | list):
            yield from parts(below)


def schemas(document: Json) -> list[Json]:
    """Every schema that stands in the document by itself."""
    named = list(document["components"]["schemas"].values())
    return named + [part["schema"] for part in parts(document["paths"]) if "schema" in part]


def test_the_document_is_openapi_3_1_with_what_that_requires(document: Json) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"]
    assert document["info"]["version"]
    assert document["info"].keys() <= {"title", "version", "description", "summary", "license"}
    allowed = {"openapi", "info", "servers", "security", "paths", "components", "tags"}
    assert document.keys() <= allowed
    for path, item in document["paths"].items():
        assert path.startswith("/")
        for verb, found in item.items():
            assert verb in {"get", "post", "patch", "delete"}
            assert found["responses"]
            for status, answer in found["responses"].items():
                assert re.fullmatch(r"[1-5]\d\d", status)
                assert answer["description"]
            in_path = {one["name"] for one in found["parameters"] if one["in"] == "path"}
            assert in_path == set(re.findall(r"\{(\w+)\}", path))
            for parameter in found["parameters"]:
                assert parameter["in"] in {"path", "query", "header"}
                assert parameter["in"] != "path" or parameter["required"] is True


def test_no_path_stands_twice_under_different_names(document: Json) -> None:
    shapes = [re.sub(r"\{\w+\}", "{}", path) for path in document["paths"]]
    assert sorted(shapes) == sorted(set(shapes))
    assert {re.sub(r"\{\w+\}", "{}", route.path) for route in ROUTES} == set(shapes)


def test_objects_in_urls_are_shown_member_by_member(document: Json, client: httpx2.Client) -> None:
    in_urls = [
        parameter
        for item in document["paths"].values()
        for found in item.values()
        for parameter in found["parameters"]
        if parameter["in"] == "query"
    ]
    assert {"paging.limit", "sort.fieldName", "cursorPaging.cursor"} <= {
        parameter["name"] for parameter in in_urls
    }
    assert all(parameter["schema"].get("type") != "object" for parameter in in_urls)
    for parameter in document["paths"][CONTACTS]["get"]["parameters"]:
        if "." in parameter["name"]:
            answer = client.get(CONTACTS, params={parameter["name"]: "nonsense"})
            assert answer.status_code == 400, f"{parameter['name']} is read"


def test_every_schema_is_one_of_draft_2020_12(document: Json) -> None:
    found = schemas(document)
    assert len(found) > 20
    for schema in found:
        jsonschema_rs.meta.validate({"$schema": DRAFT} | schema)


def test_every_reference_leads_somewhere(document: Json) -> None:
    references = {part["$ref"] for part in parts(document) if isinstance(part.get("$ref"), str)}
    assert references
    for reference in references:
        assert reference.startswith("#/")
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]


def test_names_of_operations_are_unique_and_those_of_the_sdk(document: Json) -> None:
    names = [found["operationId"] for item in document["paths"].values() for found in item.values()]
    assert sorted(names) == sorted({route.function for route in ROUTES})
    assert {"createContact", "getContact"} <= set(names)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_a_route_shows_its_words_its_permission_and_its_errors(
    document: Json, route: Route
) -> None:
    found = operation(document, route)
    permission = OPERATIONS[route.operation].permission
    assert permission is not None
    assert permission.value in found["description"]
    told = " ".join(answer["description"] for answer in found["responses"].values())
    for code in (*route.errors, "UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT"):
        assert code in told
        assert code in ERRORS
    assert "200" in found["responses"]
    assert {"400", "401", "403", "413", "429", "500", "503"} <= found["responses"].keys()


def test_answers_fit_the_schema_of_the_contact(document: Json, client: httpx2.Client) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/Contact", "components": document["components"]}
    )
    contact = created(client, john(phones={"items": [{"phone": "1"}]}, company="Wix"))
    validator.validate(contact)
    assert not validator.is_valid(contact | {"revision": "one"})
    assert not validator.is_valid(contact | {"createdDate": 7})


def test_errors_fit_their_schema(document: Json, client: httpx2.Client) -> None:
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/Error", "components": document["components"]}
    )
    answers = [create(client, {"company": 7}), client.get(f"{CONTACTS}/{NOBODY}")]
    for answer in answers:
        assert answer.status_code >= 400
        validator.validate(answer.json())
    assert not validator.is_valid({"message": "no details"})


def test_the_seeds_contact_fits_the_schema_of_a_request(document: Json) -> None:
    body = operation(document, ROUTES[0])["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.Draft202012Validator(body | {"components": document["components"]})
    validator.validate({"info": john(), "allowDuplicates": "true"})
    assert not validator.is_valid({"allowDuplicates": True})
    assert not validator.is_valid({"info": {"emails": {"items": [{"email": 7}]}}})


def test_the_page_and_everything_it_names_is_served_by_us(client: httpx2.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    links = [link for link in LINK.findall(page.text) if not link.startswith("data:")]
    assert any(link.endswith(".js") for link in links)
    assert any(link.endswith(".css") for link in links)
    for link in links:
        assert urljoin("/docs", link).startswith("/"), "an asset of another host"
        assert client.get(urljoin("/docs", link)).status_code == 200
    assert EXTERNAL.findall(page.text) == []


def test_the_page_may_load_nothing_from_elsewhere(client: httpx2.Client) -> None:
    policy = client.get("/docs").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe-inline" not in rules.get("script-src", rules["default-src"])
    assert not EXTERNAL.search(policy)


def test_the_front_page_leads_to_the_docs(client: httpx2.Client) -> None:
    answer = client.get("/")
    assert answer.is_redirect
    assert answer.headers["location"] == "/docs"
