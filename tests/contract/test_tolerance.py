"""Forms that clients in the wild send and that are understood (CONTRACT 0.3, 1.3 to 1.5)."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from tests.contract.wire import CONTACTS, NOBODY, Json, created, fresh_email, john

LABELS = ["contacts.contacted-me", "contacts.customers", "custom.tolerated"]
SHOWN = {"id", "revision", "source", "updatedDate"}


def labelled(client: httpx2.Client) -> Json:
    return created(client, john(labelKeys={"items": LABELS}))


def keys(answer: httpx2.Response) -> list[str]:
    """The labels of the contact that was answered."""
    assert answer.status_code == 200, answer.text
    return list(answer.json()["contact"]["info"].get("labelKeys", {}).get("items", []))


def found(client: httpx2.Client, body: Any) -> list[Json]:
    answer = client.post(f"{CONTACTS}/query", json=body)
    assert answer.status_code == 200, answer.text
    assert "contactory-ignored" not in answer.headers
    return list(answer.json()["contacts"])


# Lists


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("labelKeys=contacts.customers&labelKeys=custom.tolerated", None),
        ("labelKeys=contacts.customers,custom.tolerated", None),
        ("labelKeys[]=contacts.customers&labelKeys[]=custom.tolerated", None),
        ("labelKeys[0]=contacts.customers&labelKeys[1]=custom.tolerated", None),
        ("", {"labelKeys": ["contacts.customers", "custom.tolerated"]}),
        ("", {"labelKeys": "contacts.customers,custom.tolerated"}),
        ("labelKeys=contacts.customers", {"labelKeys": ["custom.tolerated"]}),
        ("labelKeys=contacts.customers", {"labelKeys": "custom.tolerated"}),
        ("labelKeys=contacts.customers", {"labelKeys": ["contacts.customers,custom.tolerated"]}),
    ],
)
def test_labels_are_taken_away_by_query_string_by_body_and_by_both(
    client: httpx2.Client, query: str, body: Any
) -> None:
    contact = labelled(client)
    path = f"{CONTACTS}/{contact['id']}/labels?{query}"
    answer = client.request("DELETE", path, **({} if body is None else {"json": body}))
    assert keys(answer) == ["contacts.contacted-me"]


@pytest.mark.parametrize("sent", [LABELS, ",".join(LABELS), [",".join(LABELS)]])
def test_labels_to_add_may_stand_in_one_text(client: httpx2.Client, sent: Any) -> None:
    contact = created(client, john())
    labelled(client)
    answer = client.post(f"{CONTACTS}/{contact['id']}/labels", json={"labelKeys": sent})
    assert keys(answer) == LABELS


@pytest.mark.parametrize(
    "query",
    [
        "fields=source,updatedDate",
        "fields=source&fields=updatedDate",
        "fields[]=source&fields[]=updatedDate",
        "fields[0]=source&fields[1]=updatedDate",
        "fields=source&fields=_updatedDate",
        "fields=%20source%20,,updatedDate,",
    ],
)
@pytest.mark.parametrize("one", [True, False], ids=["get", "list"])
def test_fields_are_a_list_in_any_form(client: httpx2.Client, query: str, one: bool) -> None:
    contact = created(client, john())
    answer = client.get(f"{CONTACTS}/{contact['id']}?{query}" if one else f"{CONTACTS}?{query}")
    assert answer.status_code == 200, answer.text
    shown = answer.json()["contact"] if one else answer.json()["contacts"][0]
    assert shown.keys() == SHOWN


# Nested names


@pytest.mark.parametrize(
    "query",
    [
        "paging.limit=2&paging.offset=1&sort.fieldName=createdDate&sort.order=DESC",
        "paging[limit]=2&paging[offset]=1&sort[fieldName]=createdDate&sort[order]=DESC",
        "paging%5Blimit%5D=2&paging%5Boffset%5D=1&sort.fieldName=_createdDate&sort.order=desc",
    ],
)
def test_brackets_are_understood_as_dots_are(client: httpx2.Client, query: str) -> None:
    made = [created(client, john()) for _ in range(3)]
    answer = client.get(f"{CONTACTS}?{query}")
    assert answer.status_code == 200, answer.text
    assert [one["id"] for one in answer.json()["contacts"]] == [made[1]["id"], made[0]["id"]]
    assert answer.json()["pagingMetadata"]["offset"] == 1


# Bodies


ALL_OPTIONAL = [
    "contacts.find_contacts",
    "contacts.query_facets",
    "labels.find_labels",
    "extended_fields.find_extended_fields",
]


@pytest.mark.parametrize("content", [None, b"", b"{}"])
@pytest.mark.parametrize("operation", ALL_OPTIONAL)
def test_where_all_is_optional_the_body_is_too(
    client: httpx2.Client, operation: str, content: bytes | None
) -> None:
    (route,) = (route for route in ROUTES if route.operation == operation)
    created(client, john())
    answer = client.post(route.path, content=content)
    assert answer.status_code == 200, answer.text
    assert answer.json()["pagingMetadata"]["count"] > 0


@pytest.mark.parametrize("content", [None, b"", b"{}"])
@pytest.mark.parametrize("query", ["", "?contactId={id}"])
def test_a_delete_may_have_a_body(client: httpx2.Client, query: str, content: bytes | None) -> None:
    contact = created(client, john())
    path = f"{CONTACTS}/{contact['id']}" + query.format(id=contact["id"])
    answer = client.request("DELETE", path, content=content)
    assert (answer.status_code, answer.json()) == (200, {})


def test_a_search_may_stand_alone_beside_a_query_and_beside_a_filter(client: httpx2.Client) -> None:
    email = fresh_email()
    contact = created(client, john(email))
    elsewhere = {"filter": {"info.name.last": "Somebody"}}
    assert [one["id"] for one in found(client, {"search": email})] == [contact["id"]]
    assert [one["id"] for one in found(client, {"search": email.upper(), "query": {}})] == [
        contact["id"]
    ]
    assert found(client, {"search": email, "query": elsewhere}) == []


@pytest.mark.parametrize("path", [f"{CONTACTS}/query", f"{CONTACTS}/facets/query"])
def test_names_without_a_meaning_are_reported(client: httpx2.Client, path: str) -> None:
    answer = client.post(path, json={"nonsense": 1, "Search": "x"})
    assert answer.status_code == 200
    assert set(answer.headers["contactory-ignored"].split(", ")) == {"nonsense", "Search"}


def test_names_without_a_meaning_are_reported_with_an_error_too(client: httpx2.Client) -> None:
    answer = client.post(CONTACTS, json={"name": {"first": "J"}, "emails": []})
    assert answer.status_code == 400
    assert set(answer.headers["contactory-ignored"].split(", ")) == {"name", "emails"}


# Names and ids


def test_the_seeds_names_are_understood_in_filters_sorts_and_infos(client: httpx2.Client) -> None:
    contact = created(client, john())
    query = {
        "filter": {"_id": contact["id"], "_createdDate": {"$gte": contact["createdDate"]}},
        "sort": [{"fieldName": "_createdDate", "order": "DESC"}],
    }
    assert [one["id"] for one in found(client, {"query": query})] == [contact["id"]]
    item = {"_id": NOBODY, "email": fresh_email()}
    body = {"info": {"emails": {"items": [item]}}, "revision": contact["revision"]}
    answer = client.patch(f"{CONTACTS}/{contact['id']}", json=body)
    (email,) = answer.json()["contact"]["info"]["emails"]["items"]
    assert email["id"] == NOBODY
    assert "_id" not in answer.text
    assert "_createdDate" not in answer.text


def calls_on(contact: Json, spelled: str) -> list[tuple[str, str, Json]]:
    """Each call about one contact, whose id is spelled so; the last one deletes it."""
    path = f"{CONTACTS}/{spelled}"
    change = {"info": {"company": "X"}, "revision": contact["revision"]}
    label = {"labelKeys": ["contacts.customers"]}
    return [
        ("GET", path, {}),
        ("PATCH", path, change),
        ("POST", f"{path}/labels", label),
        ("DELETE", f"{path}/labels", label),
        ("GET", f"{path}/merges", {}),
        ("DELETE", path, {}),
    ]


@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_ids_are_understood_in_capitals(client: httpx2.Client, prefix: str) -> None:
    contact = created(client, john())
    for verb, path, body in calls_on(contact, contact["id"].upper()):
        sent = {"json": body} if verb != "GET" else {}
        answer = client.request(verb, prefix + path, **sent)
        assert answer.status_code == 200, answer.text
        assert answer.json().get("contact", contact)["id"] == contact["id"]
        assert answer.json().get("responseType", "REGULAR") == "REGULAR"


@pytest.mark.parametrize("copy", ["same", NOBODY, "nonsense", ""])
def test_the_path_wins_over_copies_of_it_in_query_and_body(
    client: httpx2.Client, copy: str
) -> None:
    contact, other = created(client, john()), created(client, john())
    copied = {"same": contact["id"], NOBODY: other["id"]}.get(copy, copy)
    for verb, path, body in calls_on(contact, contact["id"]):
        copies = {"id": copied, "contactId": copied}
        sent: Any = {"params": copies}
        if verb != "GET":
            sent["json"] = {**body, **copies}
        answer = client.request(verb, path, **sent)
        assert answer.status_code == 200, answer.text
        assert answer.json().get("contact", contact)["id"] == contact["id"]
    assert client.get(f"{CONTACTS}/{contact['id']}").status_code == 404
    assert client.get(f"{CONTACTS}/{other['id']}").json()["contact"] == other


# Credentials, prefixes, answers


@pytest.mark.parametrize("word", ["", "Bearer ", "bearer ", "BEARER   "])
@pytest.mark.parametrize("prefix", ["", "/_api"])
def test_credentials_stand_alone_or_behind_bearer(
    client: httpx2.Client, prefix: str, word: str
) -> None:
    headers = {"authorization": word + client.headers["authorization"]}
    assert client.get(f"{prefix}{CONTACTS}/count", headers=headers).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/_api"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_both_prefixes_lead_to_every_route(
    client: httpx2.Client, route: Route, prefix: str
) -> None:
    path = prefix + route.path
    for name in route.in_path:
        path = path.replace(f"{{{name}}}", "custom.none" if name == "key" else NOBODY)
    anybody = client.request(route.verb, path, headers={"authorization": ""})
    assert anybody.status_code == 401
    answer = client.request(route.verb, path, json={} if route.verb in ("POST", "PATCH") else None)
    assert answer.headers["content-type"] == "application/json"
    assert answer.status_code in {200, 400, 404}
    if answer.status_code == 404:
        code = answer.json()["details"]["applicationError"]["code"]
        assert (code, "path" in answer.json()["message"]) in {
            ("CONTACT_NOT_FOUND", False),
            ("NOT_FOUND", False),
        }


def test_j25_every_success_is_200_and_json(client: httpx2.Client) -> None:
    contact, more = created(client, john()), created(client, john())
    name = f"Tolerated {contact['id']}"
    label = client.post("/contacts/v4/labels", json={"displayName": name}).json()["label"]
    sent = {"displayName": name, "dataType": "TEXT"}
    field = client.post("/contacts/v4/extended-fields", json=sent).json()["field"]
    one, merge = f"{CONTACTS}/{contact['id']}", {"sourceContactIds": [more["id"]]}
    asked: list[tuple[str, str, Any]] = [
        ("GET", one, None),
        ("GET", CONTACTS, None),
        ("POST", f"{CONTACTS}/query", {}),
        ("GET", f"{CONTACTS}/count", None),
        ("POST", f"{CONTACTS}/search", {"search": "john"}),
        ("GET", f"{CONTACTS}/facets", None),
        ("POST", f"{CONTACTS}/facets/query", {}),
        ("PATCH", one, {"info": {"company": "X"}, "revision": 1}),
        ("POST", f"{one}/labels", {"labelKeys": [label["key"]]}),
        ("DELETE", f"{one}/labels", {"labelKeys": [label["key"]]}),
        ("POST", f"{one}/preview-merge", merge),
        ("POST", f"{one}/merge", {**merge, "targetContactRevision": 4}),
        ("GET", f"{one}/merges", None),
        ("POST", f"{one}/preview-unmerge", {}),
        ("POST", f"{one}/unmerge", {}),
        ("POST", f"{CONTACTS}/upsert", {"info": john()}),
        ("POST", "/contacts/v4/bulk/contacts/upsert", {"info": [john()]}),
        ("POST", "/contacts/v4/bulk/contacts/delete", {"search": name}),
        ("POST", "/contacts/v4/bulk/contacts/update", {"search": name, "info": {"company": "X"}}),
        (
            "POST",
            "/contacts/v4/bulk/contacts/add-remove-labels",
            {"search": name, "labelKeysToAdd": [label["key"]]},
        ),
        ("GET", "/contacts/v4/bulk/jobs", None),
        ("POST", "/contacts/v4/contact-submit", {"info": john()}),
        ("GET", "/contacts/v4/labels", None),
        ("GET", "/contacts/v4/labels/namespaces", None),
        ("POST", "/contacts/v4/labels/query", {}),
        ("GET", f"/contacts/v4/labels/{label['key']}", None),
        ("PATCH", f"/contacts/v4/labels/{label['key']}", {"displayName": f"{name} B"}),
        ("GET", "/contacts/v4/extended-fields", None),
        ("POST", "/contacts/v4/extended-fields/query", {}),
        ("GET", f"/contacts/v4/extended-fields/{field['key']}", None),
        ("PATCH", f"/contacts/v4/extended-fields/{field['key']}", {"displayName": f"{name} B"}),
    ]
    for verb, path, body in asked:
        answer = client.request(verb, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 200, f"{verb} {path}: {answer.text}"
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()
        assert "contactory-ignored" not in answer.headers
    deleted = [
        f"/contacts/v4/extended-fields/{field['key']}",
        f"/contacts/v4/labels/{label['key']}",
        one,
    ]
    for path in deleted:
        answer = client.delete(path)
        assert (answer.status_code, answer.json()) == (200, {})
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        CONTACTS,
        f"{CONTACTS}/count",
        f"{CONTACTS}/facets",
        "/contacts/v4/labels",
        "/contacts/v4/extended-fields/invoices.vatId",
        "/contacts/v4/bulk/jobs",
        f"{CONTACTS}/{NOBODY}",
    ],
)
def test_head_answers_what_get_does_without_the_body(client: httpx2.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == "application/json"
    assert head.headers["content-length"] == got.headers["content-length"]
