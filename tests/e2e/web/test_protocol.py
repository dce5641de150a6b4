"""What is below `/web` and at `/`, seen without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.web.browsing import EXAMPLE, PASSWORD, SITE, mail, new_user, stored
from tests.servers import Server, new_key, serve, told

CREATE = "/web/shop/createThroughBackEnd"


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    """A program without cookies."""
    with httpx2.Client(base_url=server.url, timeout=60) as client:
        yield client


def code(answer: httpx2.Response) -> str:
    details = answer.json()["details"]
    return str(details.get("applicationError", {}).get("code", "INVALID_ARGUMENT"))


def body(*arguments: Any) -> dict[str, Any]:
    return {"arguments": arguments}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "OWN"}, 200),
        ({"origin": "OWN", "sec-fetch-site": "cross-site"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "https://evil.example", "sec-fetch-site": "same-origin"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"cookie": "a=b"}, 403),
    ],
)
def test_a_call_needs_our_own_origin_or_no_browser(
    client: httpx2.Client, server: Server, headers: dict[str, str], status: int
) -> None:
    sent = {name: server.url if value == "OWN" else value for name, value in headers.items()}
    before = stored(server)
    allow = {"allowDuplicates": True}
    answer = client.post(CREATE, json=body(mail("origin@a.example"), allow), headers=sent)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert code(answer) == "PERMISSION_DENIED"
        assert stored(server) == before


@pytest.mark.parametrize(
    ("content", "kind", "status", "expected"),
    [
        (b'{"arguments":[]}', "text/plain", 400, "MALFORMED_REQUEST"),
        (b'{"arguments":[]}', "", 400, "MALFORMED_REQUEST"),
        (b'{"arguments":[', "application/json", 400, "MALFORMED_REQUEST"),
        (b"[]", "application/json", 400, "MALFORMED_REQUEST"),
        (b"\xff", "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"arguments":{}}', "application/json", 400, "INVALID_ARGUMENT"),
        (b"", "application/json", 400, "INVALID_ARGUMENT"),
        (
            b'{"arguments":[' + b"[" * 200 + b"]" * 200 + b"]}",
            "application/json",
            400,
            "MALFORMED_REQUEST",
        ),
        (b'{"arguments":["' + b"a" * 2**21 + b'"]}', "application/json", 413, "REQUEST_TOO_LARGE"),
    ],
)
def test_a_body_that_is_no_call_is_refused(
    client: httpx2.Client, content: bytes, kind: str, status: int, expected: str
) -> None:
    answer = client.post(CREATE, content=content, headers={"content-type": kind})
    assert (answer.status_code, code(answer)) == (status, expected)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "path", ["/web/shop/nothing", "/web/nothing/delete", "/web/contactory/contacts.nothing"]
)
def test_an_unknown_web_method_is_not_found(client: httpx2.Client, path: str) -> None:
    answer = client.post(path, json=body())
    assert (answer.status_code, code(answer)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/web/shop/forAdmins", "/web/contactory/contacts.createContact"])
def test_the_permission_is_checked_before_the_arguments(client: httpx2.Client, path: str) -> None:
    assert code(client.post(path, json=body(1, 2, 3))) == "PERMISSION_DENIED"


@pytest.mark.parametrize("path", ["/web/shop.js", "/web/contactory.js", "/web/-/call.js"])
def test_modules_are_javascript_that_browsers_ask_again_for(
    client: httpx2.Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    etag = answer.headers["etag"]
    for known in (etag, f'"x", W/{etag}'):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"if-none-match": '"x"'}).status_code == 200


def test_a_token_says_who_calls(client: httpx2.Client, server: Server) -> None:
    key = new_key(server.store, "READ_CONTACTS")
    headers = {"authorization": f"Bearer {key}"}
    assert client.post("/web/shop/forAdmins", json=body(), headers=headers).status_code == 200
    who = client.post("/web/contactory/currentIdentity", json=body(), headers=headers)
    assert who.json()["result"]["type"] == "api_key"
    assert "set-cookie" not in who.headers
    refused = client.post(
        "/web/contactory/contacts.createContact", json=body(mail("t@a.example")), headers=headers
    )
    assert (refused.status_code, code(refused)) == (403, "PERMISSION_DENIED")
    wrong = client.post(
        "/web/shop/delete", json=body(1), headers={"authorization": "Bearer ctk_wrong"}
    )
    assert (wrong.status_code, code(wrong)) == (401, "UNAUTHENTICATED")


def test_a_token_of_another_site_is_refused(client: httpx2.Client, server: Server) -> None:
    site = told(server.store, "sites", "create", "another")["siteId"]
    key = told(server.store, "keys", "create", "--site", site)["key"]
    answer = client.post("/web/shop/delete", json=body(1), headers={"authorization": key})
    assert (answer.status_code, code(answer)) == (403, "PERMISSION_DENIED")


def session_at(server: Server, name: str) -> str:
    """The secret of a new session of this user."""
    with httpx2.Client(base_url=server.url, headers={"origin": server.url}) as client:
        answer = client.post("/web/contactory/signIn", json=body(name, PASSWORD))
    return str(answer.cookies["contactory_session"])


def test_a_session_of_another_site_or_of_none_is_a_visitor_s(server: Server) -> None:
    site = told(server.store, "sites", "create", "third")["siteId"]
    new_user(server, "here")
    new_user(server, "there", site=site)
    here = session_at(server, "here")
    with serve(server.store, "--site", site, key=server.key) as other:
        there = session_at(other, "there")
        assert session_at(other, "there") != there
    for session in (there, here[:-1], "ctu_", "x" * 500):
        sent = {"origin": server.url, "cookie": f"contactory_session={session}"}
        with httpx2.Client(base_url=server.url, headers=sent) as client:
            answer = client.post("/web/contactory/currentIdentity", json=body())
        assert answer.json()["result"]["type"] == "visitor"
        gone = [text for text in answer.headers.get_list("set-cookie") if "Max-Age=0" in text]
        assert {text.partition("=")[0] for text in gone} == {
            "contactory_session",
            "contactory_csrf",
        }


def test_cookies_are_for_https_alone_where_the_call_came_by_https(
    client: httpx2.Client, server: Server
) -> None:
    new_user(server, "secure")
    host = server.url.removeprefix("http://")
    headers = {"x-forwarded-proto": "https", "origin": f"https://{host}"}
    sent = body("secure", PASSWORD)
    answer = client.post("/web/contactory/signIn", json=sent, headers=headers)
    assert answer.status_code == 200
    marks = [text.lower() for text in answer.headers.get_list("set-cookie")]
    assert len(marks) == 2
    assert all("; secure" in text for text in marks)


@pytest.mark.parametrize(
    "path",
    [
        "/shop.py",
        "/.hidden.html",
        "/__pycache__/",
        "/../shop.py",
        "/%2e%2e/browsing.py",
        "/..%2f..%2fservers.py",
        "//etc/passwd",
        "/%00",
        "/nothing.html",
        "/contacts.db",
    ],
)
def test_what_is_no_page_is_not_there(client: httpx2.Client, server: Server, path: str) -> None:
    answer = httpx2.get(httpx2.URL(server.url, raw_path=path.encode()))
    assert answer.status_code == 404
    assert code(answer) == "NOT_FOUND"


def test_a_folder_of_everything_shows_only_what_pages_are_made_of(tmp_path: Path) -> None:
    outside = tmp_path / "outside.html"
    outside.write_text("outside")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("front")
    (folder / "linked.html").symlink_to(outside)
    (folder / "contactory.toml").write_text("port = 1")
    with (
        serve(folder / "contacts.db", "--pages", str(folder)) as server,
        httpx2.Client(base_url=server.url) as client,
    ):
        assert client.get("/").text == "front"
        for name in ("linked.html", "contactory.toml", "contacts.db", "contacts.db-wal"):
            assert client.get(f"/{name}").status_code == 404, name
        assert client.post("/index.html").status_code == 404
        assert client.post("/contacts/v4/nothing").status_code == 404
        assert client.get("/docs").status_code == 200


def test_a_page_has_its_kind_and_is_asked_for_again(client: httpx2.Client) -> None:
    answer = client.get("/index.html")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get("/index.html", headers=known).status_code == 304


def test_the_sign_in_page_takes_nothing_from_elsewhere(client: httpx2.Client) -> None:
    for path in ("/sign-in", "/sign-in/link?token=x"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "http:" not in answer.text
        assert "https:" not in answer.text


def test_many_calls_are_counted_and_visitors_by_their_address(tmp_path: Path) -> None:
    options = ("--web", str(EXAMPLE), "--rate-limit", "3")
    with serve(tmp_path / "contacts.db", *options) as server:
        path, sent = "/web/contacts/myCreateContactFunction", body({})
        statuses = [httpx2.post(f"{server.url}{path}", json=sent) for _ in range(4)]
        assert [answer.status_code for answer in statuses] == [400, 400, 400, 429]
        assert int(statuses[3].headers["retry-after"]) >= 1
        form = {"name": "a", "password": "b"}
        page = httpx2.post(f"{server.url}/sign-in", data=form)
        assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert int(page.headers["retry-after"]) >= 1
        with server.client() as keyed:
            assert keyed.post(path, json=sent).status_code == 400


def test_logs_hold_neither_sessions_nor_people(client: httpx2.Client, server: Server) -> None:
    new_user(server, "zaphod")
    headers = {"origin": server.url}
    sent = body("zaphod", PASSWORD)
    answer = client.post("/web/contactory/signIn", json=sent, headers=headers)
    client.post(CREATE, json=body(mail("marvin@logs.example")), headers=headers)
    client.get("/sign-in/link?token=ctl_trillian")
    written = server.written()
    secrets = (answer.cookies["contactory_session"], answer.cookies["contactory_csrf"])
    for text in (*secrets, "zaphod", "correct horse", "marvin", "trillian"):
        assert text not in written


def test_two_processes_agree_on_what_is_cached(server: Server) -> None:
    def price(at: Server, of: str) -> Any:
        return httpx2.post(f"{at.url}/web/shop/price", json=body(of)).json()["result"]

    with serve(server.store, "--web", str(SITE), key=server.key) as other:
        first, second = price(server, "tea"), price(other, "tea")
        assert price(server, "tea") == first
        assert price(other, "tea") == second
        assert price(server, "milk") != first
        httpx2.post(f"{other.url}/web/shop/setPrices", json=body())
        renewed = price(server, "tea")
        assert renewed["runs"] > first["runs"]
        assert price(server, "tea") == renewed
        assert price(other, "tea")["runs"] > second["runs"]


def test_a_broken_back_end_stops_the_start_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('no such database')")
    with (
        pytest.raises(AssertionError, match="RuntimeError: no such database"),
        serve(tmp_path / "contacts.db", "--web", "broken"),
    ):
        pass


def test_no_error_of_a_web_method_says_more_than_the_api_does(client: httpx2.Client) -> None:
    answer = client.post("/web/shop/fail", json=body())
    assert (answer.status_code, json.loads(answer.content)) == (500, {"message": "", "details": {}})
    assert answer.headers["x-wix-request-id"]
