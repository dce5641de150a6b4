"""Wrong calls and bodies that people send get a clear 4xx that says what to use instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contactory.http.advice import WRONG_CALLS, WrongCall, advice
from contactory.wire.routes import ROUTES
from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    created,
    john,
    violations,
)
from tests.servers import Server, new_key, serve

API = "/contacts/v4"
ONE = f"{CONTACTS}/{NOBODY}"
CALL = re.compile(r"(GET|POST|PATCH|DELETE) (/[^\s,]+)")
THERE = {(route.verb, route.path) for route in ROUTES}
LABELLING = f"POST {CONTACTS}/{{contactId}}/labels"
UNLABELLING = f"DELETE {CONTACTS}/{{contactId}}/labels"
UPDATING = f"PATCH {CONTACTS}/{{contactId}}"
DELETING = f"DELETE {CONTACTS}/{{contactId}}"


# Calls


WRONG = [
    ("POST", f"{ONE}/labels/remove", 404, f"{UNLABELLING} with labelKeys"),
    ("POST", f"{ONE}/labels/delete", 404, UNLABELLING),
    ("POST", f"{ONE}/unlabel", 404, UNLABELLING),
    ("DELETE", f"{ONE}/labels/custom.a", 404, UNLABELLING),
    ("POST", f"{ONE}/labels/add", 404, LABELLING),
    ("POST", f"{ONE}/label", 404, LABELLING),
    ("PUT", f"{ONE}/labels", 405, LABELLING),
    ("GET", f"{ONE}/labels", 405, "info.labelKeys"),
    ("POST", f"{CONTACTS}/add-remove-labels", 405, "bulk/contacts/add-remove-labels"),
    ("PUT", ONE, 405, f"PUT is not possible here: use {UPDATING}"),
    ("POST", ONE, 405, f"POST is not possible here: use {UPDATING}"),
    ("POST", f"{ONE}/update", 404, UPDATING),
    ("POST", f"{ONE}/delete", 404, DELETING),
    ("GET", f"{ONE}/remove", 404, DELETING),
    ("POST", f"{CONTACTS}/create", 405, f"POST {CONTACTS}"),
    ("GET", f"{CONTACTS}/query", 405, f"POST {CONTACTS}/query"),
    ("DELETE", f"{CONTACTS}/query", 405, f"POST {CONTACTS}/query"),
    ("PATCH", f"{CONTACTS}/facets", 405, f"GET {CONTACTS}/facets"),
    ("POST", f"{CONTACTS}/count", 405, f"GET {CONTACTS}/count"),
    ("POST", f"{CONTACTS}/merge", 405, f"POST {CONTACTS}/{{targetContactId}}/merge"),
    ("POST", f"{CONTACTS}/unmerge", 405, f"POST {CONTACTS}/{{targetContactId}}/unmerge"),
    ("POST", f"{CONTACTS}/bulk/delete", 404, f"POST {API}/bulk/contacts/delete"),
    ("POST", f"{CONTACTS}/bulk-update", 405, f"POST {API}/bulk/contacts/update"),
    ("POST", f"{API}/submit", 404, f"POST {API}/contact-submit"),
    ("POST", f"{ONE}/picture-upload-url", 404, "info.picture.image"),
    ("PUT", f"{API}/labels/custom.a", 405, f"PATCH {API}/labels/{{key}}"),
    ("POST", f"{API}/labels/custom.a/rename", 404, f"PATCH {API}/labels/{{key}}"),
    ("POST", f"{API}/extended-fields/custom.a/delete", 404, f"DELETE {API}/extended-fields"),
    ("GET", f"{API}/extendedFields", 404, f"{API}/extended-fields"),
    ("GET", f"{API}/facets", 404, f"GET {CONTACTS}/facets"),
    ("POST", f"{API}/query", 404, f"POST {CONTACTS}/query"),
    ("GET", f"{API}/bulk/contacts/jobs/{NOBODY}", 404, f"GET {API}/bulk/jobs"),
    ("GET", f"/contacts/v5/contacts/{NOBODY}", 404, f"start with {API}"),
    ("GET", f"/contacts/v3/contacts/{NOBODY}", 404, f"start with {API}"),
    ("GET", API, 404, f"start with {API}"),
    ("GET", "/contacts", 404, f"use GET {CONTACTS}"),
    ("POST", "/contacts", 404, f"use POST {CONTACTS}"),
    ("GET", f"/contacts/{NOBODY}", 404, f"use GET {CONTACTS}/{{id}}"),
    ("POST", "/contacts/query", 404, f"use POST {CONTACTS}/query"),
    ("POST", "/labels", 404, f"use POST {API}/labels"),
    ("GET", "/v4/contacts", 404, f"use GET {CONTACTS}"),
    ("GET", f"/v1{CONTACTS}", 404, f"use GET {CONTACTS}"),
    ("GET", f"{CONTACTS}/", 404, f"use GET {CONTACTS}, without further slashes"),
    ("PATCH", f"{ONE}/", 404, f"use {UPDATING}, without further slashes"),
    ("POST", f"{CONTACTS}//query", 404, f"use POST {CONTACTS}/query, without further slashes"),
    ("GET", f"{ONE}/a/b/c", 404, "see /docs"),
    ("GET", "/nothing", 404, "see /docs"),
]


@pytest.mark.parametrize(("verb", "path", "status", "use"), WRONG)
@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_a_call_that_there_is_not_is_told_of_the_one_there_is(
    client: httpx2.Client, prefix: str, verb: str, path: str, status: int, use: str
) -> None:
    answer = client.request(verb, prefix + path)
    assert answer.status_code == status, answer.text
    error = application_error(answer)
    assert error["code"] == {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}[status]
    assert use in error["description"]
    assert set(CALL.findall(error["description"])) <= THERE
    assert NOBODY not in answer.text, "what was sent is not repeated"


def test_every_advice_is_shown_to_somebody() -> None:
    shown = {use for verb, path, *_ in WRONG for use in [advice(verb, path)]}
    told = [wrong for wrong in WRONG_CALLS if not shown & given(wrong)]
    assert told == []


def given(wrong: WrongCall) -> set[str]:
    """What this entry says to those of the calls that it fits."""
    found = [wrong.found(verb, path) for verb, path, *_ in WRONG]
    return {use for use in found if use is not None}


@pytest.mark.timeout(10)
def test_advice_is_found_quickly_for_any_path() -> None:
    nothing = "see /docs for the calls there are"
    assert advice("GET", "/contacts/v4/" + "a" * 1_000_000) == nothing
    assert advice("GET", "/contacts/v4/contacts/" + "a/" * 500_000) == nothing
    assert advice("GET", "/" * 1_000_000) == nothing
    assert advice("GET", "/contacts/v4" * 100_000) == nothing


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        (CONTACTS, {"GET", "HEAD", "POST"}),
        (ONE, {"GET", "HEAD", "PATCH", "DELETE"}),
        (f"{ONE}/labels", {"POST", "DELETE"}),
        (f"{CONTACTS}/query", {"POST"}),
        (f"{API}/labels/custom.a", {"GET", "HEAD", "PATCH", "DELETE"}),
        (f"{API}/bulk/contact/jobs", {"GET", "HEAD"}),
    ],
)
@pytest.mark.parametrize("verb", ["PUT", "OPTIONS", "TRACE"])
def test_a_405_names_every_verb_that_the_path_takes(
    client: httpx2.Client, path: str, verbs: set[str], verb: str
) -> None:
    answer = client.request(verb, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == verbs


# Names at wrong places, which would be ignored otherwise


def refused(client: httpx2.Client, verb: str, path: str, sent: Json) -> dict[str, str]:
    """What is said of each violation, by path; all of them are of names at a wrong place."""
    if verb == "GET":
        answer = client.get(path, params=sent)
    else:
        answer = client.request(verb, path, json=sent)
    found = violations(answer)
    assert {violation["ruleName"] for violation in found} == {"WRONG_PLACE"}
    return {violation["field"]: violation["description"] for violation in found}


@pytest.mark.parametrize("member", ["filter", "sort", "paging", "cursorPaging", "fields"])
@pytest.mark.parametrize("noun", ["contacts", "labels", "extended-fields"])
@pytest.mark.parametrize("more", [{}, {"query": {}}], ids=["alone", "beside a query"])
def test_members_of_a_query_outside_of_it_are_refused(
    client: httpx2.Client, noun: str, member: str, more: Json
) -> None:
    told = refused(client, "POST", f"{API}/{noun}/query", {member: {}, **more})
    assert told == {member: f"belongs into query: send query.{member}"}


def test_a_search_inside_of_a_query_is_refused(client: httpx2.Client) -> None:
    told = refused(client, "POST", f"{CONTACTS}/query", {"query": {"search": "john"}})
    assert told == {"query.search": "belongs beside query: send search"}


@pytest.mark.parametrize("place", [{"search": "x"}, {"query": {"search": "x"}}])
@pytest.mark.parametrize("noun", ["labels", "extended-fields"])
def test_queries_of_definitions_have_no_search(
    client: httpx2.Client, noun: str, place: Json
) -> None:
    (told,) = refused(client, "POST", f"{API}/{noun}/query", place).values()
    assert "query.filter" in told


@pytest.mark.parametrize(
    ("path", "name", "use"),
    [
        (CONTACTS, "filter", f"POST {CONTACTS}/query"),
        (CONTACTS, "filter.info.name.last", f"POST {CONTACTS}/query"),
        (CONTACTS, "search", f"POST {CONTACTS}/query"),
        (CONTACTS, "query.filter", f"POST {CONTACTS}/query"),
        (f"{CONTACTS}/count", "filter", f"POST {CONTACTS}/query"),
        (f"{CONTACTS}/count", "search", f"POST {CONTACTS}/query"),
        (f"{CONTACTS}/facets", "filter", f"POST {CONTACTS}/facets/query"),
        (f"{API}/labels", "filter", f"POST {API}/labels/query"),
        (f"{API}/labels", "search", f"POST {API}/labels/query"),
        (f"{API}/extended-fields", "query", f"POST {API}/extended-fields/query"),
    ],
)
def test_lists_and_counts_take_no_filter_and_say_what_does(
    client: httpx2.Client, path: str, name: str, use: str
) -> None:
    if name.count(".") > 2:  # Deeper names are refused as such.
        name = name.rsplit(".", 1)[0]
    told = refused(client, "GET", path, {name: "x"})
    assert list(told) == [name.partition(".")[0]]
    assert use in next(iter(told.values()))


@pytest.mark.parametrize("call", ["delete", "update", "add-remove-labels"])
def test_bulk_calls_take_their_filter_without_a_query(client: httpx2.Client, call: str) -> None:
    sent = {"search": "nobody", "query": {"filter": {"info.name.last": "Nobody"}}}
    told = refused(client, "POST", f"{API}/bulk/contacts/{call}", sent)
    assert told == {"query": "has no meaning here: send filter itself"}


@pytest.mark.parametrize(
    ("path", "sent", "told"),
    [
        (
            f"{CONTACTS}/facets/query",
            {"query": {"filter": {}}},
            {"query": "has no meaning here: send filter and paging themselves"},
        ),
        (
            f"{CONTACTS}/search",
            {"search": "john", "filter": {}, "fuzzy": True},
            {
                "filter": "belongs into search: send search.filter",
                "fuzzy": "belongs into search.search: send search.search.fuzzy",
            },
        ),
        (
            f"{CONTACTS}/search",
            {"search": {"expression": "john"}},
            {"search.expression": "belongs into search.search: send search.search.expression"},
        ),
        (
            CONTACTS,
            {"contact": {"info": {"name": {"first": "J"}}}},
            {"contact": "has no meaning here: send info itself"},
        ),
    ],
)
def test_names_of_other_calls_are_refused_with_their_place(
    client: httpx2.Client, path: str, sent: Json, told: dict[str, str]
) -> None:
    assert refused(client, "POST", path, sent) == told


def test_whoever_may_not_call_is_told_that_first(server: Server) -> None:
    with server.client(new_key(server.store, "CONTACTS_LABELS.VIEW")) as reader:
        assert reader.post(f"{CONTACTS}/query", json={"filter": {}}).status_code == 403
        assert reader.get(CONTACTS, params={"filter": "x"}).status_code == 403
        assert reader.get(f"{API}/labels", params={"filter": "x"}).status_code == 400


# Values of wrong shapes


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        (
            {"filter": {"info.emails.items.email": "j@example.com"}},
            "UNSUPPORTED_FILTER_FIELD_UNKNOWN",
            "use info.emails.email",
        ),
        ({"filter": {"firstName": "J"}}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN", "info.name.first"),
        ({"filter": {"info": {"name": {"first": "J"}}}}, "UNSUPPORTED_FILTER_FIELD_UNKNOWN", "id"),
        ({"filter": '{"info.name.last": "Doe"}'}, "MALFORMED_FILTER", "without quoting"),
        ({"filter": [{"info.name.last": "Doe"}]}, "MALFORMED_FILTER", "must be an object"),
        ({"filter": {"$and": {"info.name.last": "Doe"}}}, "MALFORMED_FILTER", "list"),
        ({"filter": {"$eq": {"info.name.last": "Doe"}}}, "UNSUPPORTED_FILTER", "below a field"),
        ({"sort": "createdDate"}, "UNSUPPORTED_SORT_FIELD", '{"fieldName": "createdDate"'),
        ({"sort": ["createdDate"]}, "UNSUPPORTED_SORT_FIELD", '{"fieldName": "createdDate"'),
        ({"sort": {"createdDate": "ASC"}}, "UNSUPPORTED_SORT_FIELD", '{"fieldName": "createdDate"'),
        (
            {"sort": [{"fieldName": "createdDate", "order": "DOWN"}]},
            "UNSUPPORTED_SORT_FIELD",
            "ASC or DESC",
        ),
    ],
)
def test_filters_and_sorts_of_a_wrong_shape_say_the_right_one(
    client: httpx2.Client, query: Json, code: str, says: str
) -> None:
    answer = client.post(f"{CONTACTS}/query", json={"query": query})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == code
    assert says in error["description"]
    assert error["data"]["path"].startswith("query.")


@pytest.mark.parametrize("noun", ["contacts", "labels", "extended-fields"])
def test_a_cursor_in_paging_is_told_its_place(client: httpx2.Client, noun: str) -> None:
    sent = {"query": {"paging": {"cursor": "abc", "limit": 5}}}
    told = refused(client, "POST", f"{API}/{noun}/query", sent)
    assert list(told) == ["query.paging.cursor"]
    listed = refused(client, "GET", f"{API}/{noun}", {"paging.cursor": "abc"})
    assert list(listed) == ["paging.cursor"]
    assert "cursorPaging" in told["query.paging.cursor"] + listed["paging.cursor"]


@pytest.mark.parametrize("query", ["x", [], 5, True])
def test_a_query_that_is_no_object_is_named(client: httpx2.Client, query: Any) -> None:
    (violation,) = violations(client.post(f"{CONTACTS}/query", json={"query": query}))
    assert (violation["field"], violation["ruleName"]) == ("query", "TYPE")
    assert "an object" in violation["description"]


@pytest.mark.parametrize("part", ["emails", "phones", "addresses", "labelKeys", "locations"])
@pytest.mark.parametrize("creating", [True, False], ids=["create", "update"])
def test_bare_lists_are_told_of_their_wrapper(
    client: httpx2.Client, part: str, creating: bool
) -> None:
    contact = created(client, john())
    info = {"name": {"first": "J"}, part: []}
    if creating:
        answer = client.post(CONTACTS, json={"info": info})
    else:
        sent = {"info": info, "revision": contact["revision"]}
        answer = client.patch(f"{CONTACTS}/{contact['id']}", json=sent)
    (violation,) = violations(answer)
    assert violation["field"] == f"info.{part}"
    assert '{"items": [...]}' in violation["description"]


def test_extended_fields_without_their_wrapper_are_told_of_it(client: httpx2.Client) -> None:
    info = {"name": {"first": "J"}, "extendedFields": {"custom.a": "b"}}
    (violation,) = violations(client.post(CONTACTS, json={"info": info}))
    assert violation["field"] == "info.extendedFields"
    assert '{"items": {...}}' in violation["description"]


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
@pytest.mark.parametrize("sent", [{}, {"labelKeys": []}, {"labelKeys": None}, {"labels": ["a"]}])
def test_labelling_without_labels_names_what_is_missing(
    client: httpx2.Client, verb: str, sent: Json
) -> None:
    contact = created(client, john())
    answer = client.request(verb, f"{CONTACTS}/{contact['id']}/labels", json=sent)
    (violation,) = violations(answer)
    assert violation["field"] == "labelKeys"


@pytest.mark.parametrize("keys", [{"items": ["custom.a"]}, 5, True, {"key": "custom.a"}])
@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_labels_of_a_wrong_kind_are_named(client: httpx2.Client, verb: str, keys: Any) -> None:
    contact = created(client, john())
    answer = client.request(verb, f"{CONTACTS}/{contact['id']}/labels", json={"labelKeys": keys})
    (violation,) = violations(answer)
    assert violation["field"] == "labelKeys"
    assert "a list of label keys" in violation["description"]


def test_a_list_as_a_body_is_refused(client: httpx2.Client) -> None:
    contact = created(client, john())
    answer = client.post(f"{CONTACTS}/{contact['id']}/labels", json=["custom.a"])
    assert answer.status_code == 400
    assert "must be a JSON object" in application_error(answer)["description"]


def test_the_api_answers_below_its_start_also_where_pages_are_served(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    (pages / "contacts" / "v4" / "contacts").mkdir(parents=True)
    (pages / "contacts" / "v4" / "contacts" / "index.html").write_text("a page")
    with serve(tmp_path / "contacts.db", "--pages", str(pages)) as server, server.client() as asks:
        for verb, path, status in (
            ("GET", f"{CONTACTS}/", 404),
            ("GET", f"{CONTACTS}/{NOBODY}/index.html", 404),
            ("PUT", CONTACTS, 405),
        ):
            answer = asks.request(verb, path)
            assert answer.status_code == status
            assert application_error(answer)["code"] in {"NOT_FOUND", "METHOD_NOT_ALLOWED"}
