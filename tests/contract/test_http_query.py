"""Listing, querying and counting contacts over HTTP (CONTRACT B.5, B.6, B.14, D; WIRE 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.contract.wire import CONTACTS, Json, application_error, created, fresh_email, violations
from tests.servers import Server, serve

QUERY = f"{CONTACTS}/query"
PEOPLE: list[Json] = [
    {"name": {"first": "Ada", "last": "Lovelace"}, "company": "Engines", "birthdate": "1815-12-10"},
    {"name": {"first": "Bob", "last": "smith"}, "company": "Acme", "jobTitle": "Clerk"},
    {"name": {"first": "Cem", "last": "Smith"}, "company": "Acme", "birthdate": "1990-01-01"},
    {"name": {"first": "Dora", "last": "Ångström"}, "labelKeys": {"items": ["contacts.customers"]}},
    {"name": {"first": "Eve"}, "extendedFields": {"items": {"custom.age": 30, "custom.nick": "E"}}},
]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx2.Client, list[Json]]]:
    """A site with five contacts and nobody else, each with an e-mail, oldest first."""
    store = tmp_path_factory.mktemp("queried") / "contacts.db"
    with serve(store) as server, server.client() as client:
        made = []
        for info in PEOPLE:
            email = {"emails": {"items": [{"email": fresh_email()}]}}
            made.append(created(client, {**info, **email}))
        yield client, made


People = tuple[httpx2.Client, list[Json]]


def asked(client: httpx2.Client, query: Any = None, **more: Any) -> Json:
    """The answer to a query that succeeds."""
    answer = client.post(QUERY, json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contacts", "pagingMetadata"}
    assert "contactory-ignored" not in answer.headers
    return dict(answer.json())


def listed(client: httpx2.Client, **params: Any) -> Json:
    answer = client.get(CONTACTS, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contacts", "pagingMetadata"}
    return dict(answer.json())


def names(body: Json) -> str:
    """The initials of the contacts of a page."""
    return "".join(contact["info"]["name"]["first"][0] for contact in body["contacts"])


def found(client: httpx2.Client, **sent_filter: Any) -> str:
    return names(asked(client, {"filter": sent_filter}))


# Pages


def test_list_and_query_answer_whole_contacts_oldest_first(people: People) -> None:
    client, made = people
    assert listed(client) == asked(client) == asked(client, {})
    assert listed(client)["contacts"] == made
    assert listed(client)["pagingMetadata"] == {
        "count": 5,
        "offset": 0,
        "total": 5,
        "tooManyToCount": False,
    }


@pytest.mark.parametrize(
    ("limit", "offset", "shown"),
    [
        (2, 0, "AB"),
        (2, 2, "CD"),
        (2, 4, "E"),
        (2, 5, ""),
        (1000, 1, "BCDE"),
        (0, 0, ""),
        (0, 3, ""),
    ],
)
def test_pages_by_offset_know_their_place_and_the_total(
    people: People, limit: int, offset: int, shown: str
) -> None:
    client, _ = people
    metadata = {"count": len(shown), "offset": offset, "total": 5, "tooManyToCount": False}
    by_query = asked(client, {"paging": {"limit": limit, "offset": offset}})
    by_text = asked(client, {"paging": {"limit": str(limit), "offset": str(offset)}})
    by_list = listed(client, **{"paging.limit": limit, "paging.offset": offset})
    assert by_query == by_text == by_list
    assert (names(by_query), by_query["pagingMetadata"]) == (shown, metadata)


def test_a_walk_by_cursor_meets_everybody_once(people: People) -> None:
    client, _ = people
    for walk in (walked_by_query, walked_by_list):
        pages = list(walk(client))
        assert [names(page) for page in pages] == ["ED", "CB", "A"]
        assert [page["pagingMetadata"]["hasNext"] for page in pages] == [True, True, False]
        assert "next" not in pages[-1]["pagingMetadata"]["cursors"]


SORT = {"fieldName": "info.name.last", "order": "DESC"}


def walked_by_query(client: httpx2.Client) -> Iterator[Json]:
    paging: Json = {"limit": 2}
    while paging:
        page = asked(client, {"sort": [SORT], "cursorPaging": paging})
        yield page
        cursor = page["pagingMetadata"]["cursors"].get("next")
        paging = {"limit": 2, "cursor": cursor} if cursor else {}


def walked_by_list(client: httpx2.Client) -> Iterator[Json]:
    sort = {f"sort.{name}": value for name, value in SORT.items()}
    cursor: Json | None = {}
    while cursor is not None:
        page = listed(client, **sort, **{"cursorPaging.limit": 2}, **cursor)
        yield page
        then = page["pagingMetadata"]["cursors"].get("next")
        cursor = {"cursorPaging.cursor": then} if then else None


@pytest.mark.parametrize("paging", [{"limit": 1001}, {"limit": -1}, {"offset": -1}])
def test_j19_numbers_out_of_range_are_illegal_limits(people: People, paging: Json) -> None:
    client, _ = people
    ((name, value),) = paging.items()
    for answer, path in (
        (client.post(QUERY, json={"query": {"paging": paging}}), f"query.paging.{name}"),
        (client.get(CONTACTS, params={f"paging.{name}": value}), f"paging.{name}"),
    ):
        assert answer.status_code == 400
        error = application_error(answer)
        assert (error["code"], error["data"]["path"]) == ("ILLEGAL_LIMIT", path)


@pytest.mark.parametrize("limit", ["many", 1.5, True, [1, 2], {"limit": 1}])
def test_a_limit_that_is_no_number_is_named(people: People, limit: Any) -> None:
    client, _ = people
    (violation,) = violations(client.post(QUERY, json={"query": {"paging": {"limit": limit}}}))
    assert (violation["field"], violation["ruleName"]) == ("query.paging.limit", "TYPE")


def test_the_total_can_be_left_out(people: People) -> None:
    client, _ = people
    for flag in (True, "true"):
        metadata = asked(client, {"paging": {"limit": 2}}, omitTotal=flag)["pagingMetadata"]
        assert metadata == {"count": 2, "offset": 0, "tooManyToCount": False}
    assert asked(client, omitTotal=False)["pagingMetadata"]["total"] == 5
    (violation,) = violations(client.post(QUERY, json={"omitTotal": "maybe"}))
    assert violation["field"] == "omitTotal"


def test_a_count_is_that_of_all(people: People) -> None:
    client, _ = people
    answer = client.get(f"{CONTACTS}/count")
    assert (answer.status_code, answer.json()) == (200, {"count": 5})


# Filters, sorts, search, projection


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"info.name.last": "Smith"}, "C"),
        ({"info.name.last": {"$eq": "smith"}}, "B"),
        ({"info.name.last": {"$ne": "Smith"}}, "ABDE"),
        ({"info.name.last": {"$in": ["Smith", "Lovelace"]}}, "AC"),
        ({"info.name.last": {"$hasSome": ["Smith", "Lovelace"]}}, "AC"),
        ({"info.name.last": {"$startsWith": "SM"}}, "BC"),
        ({"info.name.last": {"$begins": "sm"}}, "BC"),
        ({"info.name.last": {"$startsWith": "å"}}, "D"),
        ({"info.name.last": None}, "E"),
        ({"info.name.last": {"$exists": True}}, "ABCD"),
        ({"info.name.last": {"$exists": False}}, "E"),
        ({"info.company": {"$ne": None}}, "ABC"),
        ({"info.birthdate": {"$gte": "1815-12-10", "$lt": "1990-01-01"}}, "A"),
        ({"info.birthdate": {"$gt": "1815-12-10"}}, "C"),
        ({"info.labelKeys": {"$hasSome": ["contacts.customers", "custom.other"]}}, "D"),
        ({"info.labelKeys": {"$hasAll": ["contacts.customers", "custom.other"]}}, ""),
        ({"info.extendedFields.custom.age": {"$gte": 30}}, "E"),
        ({"info.extendedFields.custom.age": {"$lt": 30}}, ""),
        ({"info.extendedFields.items.custom.nick": "E"}, "E"),
        ({"info.company": "Acme", "info.jobTitle": "Clerk"}, "B"),
        ({"$and": [{"info.company": "Acme"}, {"info.jobTitle": None}]}, "C"),
        ({"$or": [{"info.company": "Engines"}, {"info.name.first": "Eve"}]}, "AE"),
        ({"$not": {"info.company": "Acme"}}, "ADE"),
        ({"$not": [{"info.company": "Acme"}, {"info.jobTitle": "Clerk"}]}, "ACDE"),
        ({"$and": []}, "ABCDE"),
        ({"$or": []}, ""),
        ({}, "ABCDE"),
    ],
    ids=str,
)
def test_filters_find_who_matches(people: People, sent: Json, shown: str) -> None:
    client, _ = people
    body = asked(client, {"filter": sent})
    assert names(body) == shown
    assert body["pagingMetadata"]["total"] == len(shown)


def test_ids_emails_and_dates_are_found_in_every_spelling(people: People) -> None:
    client, made = people
    ada = made[0]
    email = ada["primaryInfo"]["email"]
    assert found(client, id=ada["id"].upper()) == "A"
    assert found(client, **{"info.emails.email": email.upper()}) == "A"
    assert found(client, **{"primaryInfo.email": {"$startsWith": email[:20].upper()}}) == "A"
    assert found(client, createdDate=ada["createdDate"]) == "A"
    assert found(client, createdDate={"$lte": ada["createdDate"]}) == "A"
    assert found(client, createdDate={"$lt": "2999-01-01T00:00:00+02:00"}) == "ABCDE"


@pytest.mark.parametrize(
    ("field", "ascending"),
    [
        ("createdDate", "ABCDE"),
        ("_createdDate", "ABCDE"),
        ("info.name.first", "ABCDE"),
        ("info.birthdate", "AC"),
        ("info.jobTitle", "B"),
        ("info.extendedFields.custom.age", "E"),
    ],
)
def test_sorts_put_missing_values_last_and_reversed_first(
    people: People, field: str, ascending: str
) -> None:
    client, _ = people
    rest = "".join(sorted(set("ABCDE") - set(ascending)))
    expected = ascending + rest
    up, down = {"fieldName": field}, {"fieldName": field, "order": "DESC"}
    assert names(asked(client, {"sort": [up]})) == expected
    assert names(asked(client, {"sort": down})) == expected[::-1]
    assert names(listed(client, **{"sort.fieldName": field, "sort.order": "ASC"})) == expected


def test_sorts_by_text_know_no_letter_case_and_go_on_to_the_next_field(people: People) -> None:
    client, _ = people
    last = {"fieldName": "info.name.last", "order": "ASC"}
    assert names(asked(client, {"sort": [last]})) == "ABCDE"
    first = {"fieldName": "info.name.first", "order": "DESC"}
    assert names(asked(client, {"sort": [last, first]})) == "ACBDE"


def test_j16_one_sort_may_stand_without_its_list(people: People) -> None:
    client, _ = people
    sort = {"fieldName": "info.name.last", "order": "ASC"}
    query = {"filter": {"info.name.last": "Smith"}, "sort": sort}
    assert names(asked(client, query)) == "C"
    assert asked(client, query) == asked(client, query | {"sort": [sort]})


def test_j17_the_date_of_the_last_change_filters_and_does_not_sort(people: People) -> None:
    client, made = people
    query: Json = {"filter": {"updatedDate": {"$lte": made[0]["updatedDate"]}}}
    assert names(asked(client, query)) == "A"
    query["sort"] = [{"fieldName": "updatedDate", "order": "ASC"}]
    answer = client.post(QUERY, json={"query": query})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == "UNSUPPORTED_SORT_FIELD"
    assert error["data"] == {"path": "query.sort[0].fieldName", "field": "updatedDate"}


def test_j18_what_contacts_cannot_be_filtered_by_is_told(people: People) -> None:
    client, _ = people
    answer = client.post(QUERY, json={"query": {"filter": {"info.company": {"$contains": "x"}}}})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == "UNSUPPORTED_FILTER_OPERATOR"
    assert error["data"]["path"] == "query.filter.info.company.$contains"
    assert "$startsWith" in error["description"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([], "MALFORMED_FILTER"),
        ({"$or": {}}, "MALFORMED_FILTER"),
        ({"$nor": []}, "UNSUPPORTED_FILTER"),
        ({"info.nonsense": 1}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN"),
        ({"info.extendedFields.custom.unknown": 1}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN"),
        ({"info.birthdate": {"$exists": True}}, "UNSUPPORTED_FILTER_OPERATOR"),
        ({"createdDate": {"$gt": "soon"}}, "UNSUPPORTED_FILTER_VALUE"),
        ({"primaryEmail.subscriptionStatus": "MAYBE"}, "UNSUPPORTED_FILTER_VALUE"),
        ({"info.company": 5}, "UNSUPPORTED_FILTER_VALUE_TYPE"),
    ],
    ids=str,
)
def test_filters_that_cannot_be_have_the_code_of_the_contract(
    people: People, sent: Any, code: str
) -> None:
    client, _ = people
    answer = client.post(QUERY, json={"query": {"filter": sent}})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == code
    assert error["data"]["path"].startswith("query.filter")


def test_a_search_is_for_a_whole_value_and_narrows_a_filter(people: People) -> None:
    client, made = people
    assert names(asked(client, search="SMITH")) == "BC"
    assert names(asked(client, search="cem smith")) == "C"
    assert names(asked(client, search="smit")) == ""
    assert names(asked(client, search=made[1]["primaryInfo"]["email"])) == "B"
    assert names(asked(client, {"filter": {"info.jobTitle": "Clerk"}}, search="smith")) == "B"
    (violation,) = violations(client.post(QUERY, json={"search": "x" * 101}))
    assert (violation["field"], violation["violatedRule"]) == ("search", "MAX_LENGTH")


@pytest.mark.parametrize(
    ("projection", "keys", "info"),
    [
        ({"fields": ["source"]}, {"id", "revision", "source"}, None),
        ({"fields": ["info.company,source"]}, {"id", "revision", "source", "info"}, {"company"}),
        ({"fieldsets": ["BASIC"]}, {"id", "revision", "primaryInfo", "info"}, {"name"}),
        (
            {"fieldsets": ["BASIC"], "fields": ["info.company"]},
            {"id", "revision", "primaryInfo", "info"},
            {"name", "company"},
        ),
    ],
)
def test_queries_and_lists_show_the_parts_that_are_named(
    people: People, projection: Json, keys: set[str], info: set[str] | None
) -> None:
    client, _ = people
    for body in (asked(client, projection), listed(client, **projection)):
        ada = body["contacts"][0]
        assert ada.keys() == keys
        assert info is None or ada["info"].keys() == info
        assert body["pagingMetadata"]["total"] == 5


def test_a_query_sees_each_write_at_once_and_no_other_site(
    server: Server, client: httpx2.Client, tmp_path: Path
) -> None:
    contact = created(client, {"name": {"first": "Zoe"}, "company": fresh_email()})
    query = {"filter": {"info.company": contact["info"]["company"]}}
    assert asked(client, query)["contacts"] == [contact]
    with serve(tmp_path / "contacts.db") as other, other.client() as elsewhere:
        assert asked(elsewhere, query)["contacts"] == []
    client.delete(f"{CONTACTS}/{contact['id']}")
    assert asked(client, query)["pagingMetadata"]["total"] == 0
