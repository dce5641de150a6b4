"""Facets over HTTP (CONTRACT B.9, E.6): conformance vector J22."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contract.conftest import has_a_request_id
from tests.contract.wire import CONTACTS, Json, application_error, created, john, violations
from tests.servers import serve

FACETS = f"{CONTACTS}/facets"
SUBSCRIPTION = "info.extendedFields.emailSubscriptions.subscriptionStatus"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A site of its own with two labels and three contacts."""
    folder: Path = tmp_path_factory.mktemp("facets")
    with (
        serve(folder / "contacts.db") as server,
        server.client(event_hooks={"response": [has_a_request_id]}) as client,
    ):
        created(client, john(labelKeys={"items": ["custom.a", "custom.b"]}))
        created(client, john(labelKeys={"items": ["custom.a"]}))
        created(client, {"name": {"first": "No e-mail"}, "labelKeys": {"items": ["custom.a"]}})
        yield client


def facets(answer: httpx2.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"facets", "pagingMetadata"}
    return list(answer.json()["facets"])


def counts(answer: httpx2.Response) -> dict[str, int]:
    return {facet["facetKey"]: facet["count"] for facet in facets(answer)}


def test_j22_a_site_with_two_labels_has_15_facets(counted: httpx2.Client) -> None:
    answer = counted.get(FACETS)
    found = facets(answer)
    assert [facet["facetType"] for facet in found] == [
        "ALL_CONTACTS",
        *["LABEL"] * 4,
        *["SUBSCRIPTION_STATUS"] * 6,
        *["MEMBERSHIP_STATUS"] * 4,
    ]
    assert found[0] == {
        "facetType": "ALL_CONTACTS",
        "facetKey": "contacts.all",
        "facetDisplayName": "All Contacts",
        "count": 3,
    }
    assert found[3] == {
        "facetType": "LABEL",
        "namespace": "contacts",
        "namespaceDisplayName": "Labels",
        "facetKey": "contacts.customers",
        "facetDisplayName": "Customers",
        "count": 0,
        "queryFilter": {"info.labelKeys": {"$hasSome": ["contacts.customers"]}},
    }
    paging = answer.json()["pagingMetadata"]
    assert (paging["count"], paging["offset"], paging["total"]) == (15, 0, 15)


def test_a_filter_of_a_facet_is_one_of_a_query(counted: httpx2.Client) -> None:
    for facet in facets(counted.get(FACETS)):
        query = {"filter": facet.get("queryFilter", {})}
        answer = counted.post(f"{CONTACTS}/query", json={"query": query})
        assert answer.json()["pagingMetadata"]["total"] == facet["count"], facet["facetKey"]


@pytest.mark.parametrize("name", ["filter", "queryFilter"])
def test_the_query_counts_what_its_filter_leaves(counted: httpx2.Client, name: str) -> None:
    answer = counted.post(f"{FACETS}/query", json={name: {SUBSCRIPTION: {"$eq": "UNSUBSCRIBED"}}})
    found = counts(answer)
    assert len(found) == 15
    assert (found["contacts.all"], found["custom.a"], found["custom.b"]) == (2, 2, 1)
    assert found["emailSubscriptions.unsubscribed"] == 2
    assert facets(counted.post(f"{FACETS}/query")) == facets(counted.get(FACETS))


@pytest.mark.parametrize(
    "query",
    ["paging.limit=2&paging.offset=1", "paging[limit]=2&paging[offset]=1"],
)
def test_pages_are_asked_for_in_both_ways(counted: httpx2.Client, query: str) -> None:
    listed = facets(counted.get(f"{FACETS}?{query}"))
    assert listed == facets(counted.get(FACETS))[1:3]
    body = {"paging": {"limit": 2, "offset": "1"}}
    assert facets(counted.post(f"{FACETS}/query", json=body)) == listed


def test_names_are_told_in_spanish(counted: httpx2.Client) -> None:
    for answer in (
        counted.get(FACETS, params={"language": "es"}),
        counted.post(f"{FACETS}/query", json={"language": "es"}),
    ):
        names = {facet["facetKey"]: facet["facetDisplayName"] for facet in facets(answer)}
        assert names["contacts.customers"] == "Clientes"


@pytest.mark.parametrize("paging", [{"limit": 1001}, {"limit": -1}, {"offset": -1}])
def test_limits_are_those_of_the_contract(counted: httpx2.Client, paging: Json) -> None:
    query = "&".join(f"paging.{name}={value}" for name, value in paging.items())
    for answer in (
        counted.get(f"{FACETS}?{query}"),
        counted.post(f"{FACETS}/query", json={"paging": paging}),
    ):
        assert answer.status_code == 400
        assert application_error(answer)["code"] == "ILLEGAL_LIMIT"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("a text", "MALFORMED_FILTER"),
        ({"info.name.first": "x"}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN"),
        ({SUBSCRIPTION: {"$startsWith": "U"}}, "UNSUPPORTED_FILTER_OPERATOR"),
        ({SUBSCRIPTION: "PERHAPS"}, "UNSUPPORTED_FILTER_VALUE"),
    ],
)
def test_other_filters_are_refused(counted: httpx2.Client, sent: Any, code: str) -> None:
    answer = counted.post(f"{FACETS}/query", json={"filter": sent})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == code
    assert error["data"]["path"].startswith("filter")


def test_two_filters_are_one_too_many(counted: httpx2.Client) -> None:
    one = {SUBSCRIPTION: "PENDING"}
    answer = counted.post(f"{FACETS}/query", json={"filter": one, "queryFilter": one})
    assert [violation["field"] for violation in violations(answer)] == ["queryFilter"]
