"""Error bodies (CONTRACT C), who may call (G.1), and in which order it is checked."""

from __future__ import annotations

from pathlib import Path

import apsw
import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    application_error,
    create,
    created,
    john,
    violations,
)
from tests.servers import Server, new_key, serve, told
from tests.stores import StoreUnderTest


@pytest.mark.parametrize("key", ["", "Bearer"])
def test_without_credentials_a_call_is_401(server: Server, key: str) -> None:
    with server.client(key) as client:
        answer = create(client, john())
    assert answer.status_code == 401
    assert answer.json()["message"] == "UNAUTHENTICATED"
    error = application_error(answer)
    assert error["code"] == "UNAUTHENTICATED"
    assert error["data"] == {}
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_the_header_a_call_is_401(server: Server) -> None:
    assert httpx2.get(f"{server.url}{CONTACTS}/{NOBODY}").status_code == 401


@pytest.mark.parametrize(
    "key", ["nonsense", "ctk_" + "A" * 64, "ctk_" + "A" * 63, "a,b", "x" * 8000]
)
def test_wrong_credentials_all_get_the_same_answer(server: Server, key: str) -> None:
    with server.client(key) as client:
        answer = create(client, john())
    assert answer.status_code == 401
    error = application_error(answer)
    assert error["code"] == "UNAUTHENTICATED"
    assert error["description"] == ("These credentials are wrong, expired or revoked: get new ones")


def test_credentials_that_are_no_text_are_wrong(server: Server) -> None:
    headers = {"authorization": b"ctk_\xff\xfe"}
    answer = httpx2.get(f"{server.url}{CONTACTS}/{NOBODY}", headers=headers)
    assert answer.status_code == 401


def test_the_header_of_the_site_selects_nothing_but_the_keys_own(
    server: Server, client: httpx2.Client
) -> None:
    own = {"wix-site-id": server.site_id.upper(), "wix-account-id": NOBODY}
    assert create(client, john(), headers=own).status_code == 200
    answer = create(client, john(), headers={"wix-site-id": NOBODY})
    assert answer.status_code == 403
    assert application_error(answer)["code"] == "PERMISSION_DENIED"
    (violation,) = violations(create(client, john(), headers={"wix-site-id": "my site"}))
    assert violation["field"] == "wix-site-id"
    assert violation["data"] == {"type": "GUID"}


def test_a_contact_of_another_site_is_not_found(server: Server, client: httpx2.Client) -> None:
    site = told(server.store, "sites", "create", "other")["siteId"]
    other = told(server.store, "keys", "create", "--site", site)["key"]
    contact = created(client, john("both@example.com"))
    with server.client(other) as elsewhere:
        assert elsewhere.get(f"{CONTACTS}/{contact['id']}").status_code == 404
        assert create(elsewhere, john("both@example.com")).status_code == 200


def test_a_key_that_may_only_read_cannot_create(server: Server, client: httpx2.Client) -> None:
    contact = created(client, john())
    with server.client(new_key(server.store, "CONTACTS.VIEW")) as reader:
        assert reader.get(f"{CONTACTS}/{contact['id']}").status_code == 200
        answer = create(reader, john())
    assert answer.status_code == 403
    assert answer.json() == {
        "message": "Permission Denied",
        "details": {
            "applicationError": {
                "code": "PERMISSION_DENIED",
                "description": "Permission Denied",
                "data": {"permission": "CONTACTS.MODIFY"},
            }
        },
    }


def test_permission_is_checked_before_the_contact_is_looked_at(server: Server) -> None:
    with server.client(new_key(server.store, "CONTACTS.VIEW")) as reader:
        answer = create(reader, {"emails": {"items": [{"email": "x"}]}})
        assert answer.status_code == 403
    with server.client(new_key(server.store, "CONTACTS.MODIFY")) as writer:
        assert writer.get(f"{CONTACTS}/{NOBODY}").status_code == 403
        assert create(writer, {"emails": {"items": [{"email": "x"}]}}).status_code == 400


def test_credentials_are_checked_before_the_body_is_read(server: Server) -> None:
    with server.client("") as nobody:
        assert nobody.post(CONTACTS, content=b"{").status_code == 401


@pytest.mark.parametrize("path", ["/nothing", "/contacts/v4", "/_api/", "/docs/assets/none"])
def test_a_path_that_is_nothing_is_404(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert application_error(answer)["code"] == "NOT_FOUND"


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_another_verb_is_405_and_the_possible_ones_are_named(
    client: httpx2.Client, verb: str
) -> None:
    answer = client.request(verb, CONTACTS)
    assert answer.status_code == 405
    assert application_error(answer)["code"] == "METHOD_NOT_ALLOWED"
    assert "POST" in answer.headers["allow"]


def test_head_is_answered_like_get_without_a_body(client: httpx2.Client) -> None:
    contact = created(client, john())
    answer = client.head(f"{CONTACTS}/{contact['id']}")
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"custom.age": "old"}, ["custom.age"]),
        ({"custom.age": True}, None),
        ({"nickname": "J", "other.x": 1}, ["nickname", "other.x"]),
    ],
)
def test_values_that_do_not_fit_their_fields_are_named(
    client: httpx2.Client, fields: dict[str, object], keys: list[str] | None
) -> None:
    created(client, john(extendedFields={"items": {"custom.age": 24}}))
    answer = create(client, john(extendedFields={"items": fields}))
    assert answer.status_code == 400
    if keys is None:
        assert violations(answer)[0]["field"] == "info.extendedFields.items.custom.age"
        return
    error = application_error(answer)
    assert error["code"] == "INVALID_EXTENDED_FIELD_VALUE"
    assert error["data"] == {"key": keys[0], "keys": keys}


def test_a_label_outside_of_ours_is_404(client: httpx2.Client) -> None:
    answer = create(client, john(labelKeys={"items": ["other.label", "custom.fine"]}))
    assert answer.status_code == 404
    error = application_error(answer)
    assert error["code"] == "LABEL_NOT_FOUND"
    assert error["data"] == {"labelKeys": ["other.label"]}


def test_more_custom_fields_than_a_site_may_have_are_refused_whole(client: httpx2.Client) -> None:
    fields = {f"custom.many{at}": "x" for at in range(101)}
    info = john(extendedFields={"items": fields})
    answer = create(client, info)
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers, "waiting does not help"
    assert application_error(answer)["code"] == "FIELDS_QUOTA_EXCEEDED"
    assert create(client, info | {"extendedFields": {}}).status_code == 200


def test_more_labels_than_a_site_may_have_are_refused_whole(client: httpx2.Client) -> None:
    info = john(labelKeys={"items": [f"custom.many{at}" for at in range(1001)]})
    answer = create(client, info)
    assert answer.status_code == 428
    error = application_error(answer)
    assert error["code"] == "LABELS_QUOTA_REACHED"
    assert error["data"]["labelsQuota"] == "1000"
    assert error["data"]["labelsCurrentTotal"].isdecimal()
    assert create(client, info | {"labelKeys": {}}).status_code == 200


def test_strict_keys_refuse_labels_and_fields_that_do_not_exist(
    store: StoreUnderTest,
) -> None:
    with serve(store, "--strict-keys") as strict, strict.client() as client:
        label = create(client, john(labelKeys={"items": ["custom.new"]}))
        field = create(client, john(extendedFields={"items": {"custom.new": 1}}))
    assert (label.status_code, application_error(label)["code"]) == (404, "LABEL_NOT_FOUND")
    assert field.status_code == 400
    assert application_error(field)["code"] == "INVALID_EXTENDED_FIELD_VALUE"


def test_a_revoked_key_is_401_at_once(server: Server) -> None:
    made = told(server.store, "keys", "create")
    with server.client(made["key"]) as client:
        assert create(client, john()).status_code == 200
        told(server.store, "keys", "revoke", made["id"])
        assert create(client, john()).status_code == 401


@pytest.mark.slow
def test_a_store_that_cannot_answer_is_503_and_says_when_to_come_back(tmp_path: Path) -> None:
    with serve(tmp_path / "contacts.db") as server, server.client() as client:
        connection = apsw.Connection(str(tmp_path / "contacts.db"))
        connection.execute("BEGIN IMMEDIATE")
        refused = create(client, john())
        connection.execute("ROLLBACK")
        connection.close()
        again = create(client, john())
    assert refused.status_code == 503
    assert application_error(refused)["code"] == "UNAVAILABLE"
    assert int(refused.headers["retry-after"]) >= 1
    assert "lock" not in refused.text
    assert again.status_code == 200


def test_a_statement_that_fails_is_a_fault_which_nobody_is_told_to_try_again(
    store: StoreUnderTest,
) -> None:
    with serve(store) as server, server.client() as client:
        contact = created(client, john())
        store.change("ALTER TABLE contacts RENAME TO moved")
        answer = client.get(f"{CONTACTS}/{contact['id']}")
        refused = create(client, john())
        store.change("ALTER TABLE moved RENAME TO contacts")
        again = client.get(f"{CONTACTS}/{contact['id']}")
    for fault in (answer, refused):
        assert fault.status_code == 500
        assert "retry-after" not in fault.headers
        assert "table" not in fault.text
    assert again.json()["contact"] == contact


@pytest.mark.parametrize(
    ("verb", "path", "accepted", "status"),
    [
        ("GET", CONTACTS, "application/json", 500),
        ("GET", "/contacts/v4/events", "text/event-stream", 500),
        ("PATCH", CONTACTS, "application/json", 405),
        ("GET", "/contacts/v4/nothing", "application/json", 404),
    ],
)
def test_pages_of_other_origins_may_read_what_went_wrong(
    store: StoreUnderTest, verb: str, path: str, accepted: str, status: int
) -> None:
    with serve(store) as server, server.client() as client:
        created(client, john())
        for table in ("contacts", "outbox"):
            store.change(f"ALTER TABLE {table} RENAME TO moved_{table}")
        asked = {"origin": "https://page.example", "accept": accepted}
        answer = client.request(verb, path, headers=asked)
        for table in ("contacts", "outbox"):
            store.change(f"ALTER TABLE moved_{table} RENAME TO {table}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-wix-request-id"]
