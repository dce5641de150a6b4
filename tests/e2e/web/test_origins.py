"""Pages of other origins: refused, unless the operator trusts them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.web.browsing import (
    PASSWORD,
    SITE,
    call,
    cookies,
    identity,
    mail,
    new_user,
    sign_in,
    stored,
)
from tests.servers import Server, serve

API = "/web/contactory.js"
SHOP = "/web/shop.js"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def other_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of somebody else, on another port of this machine, with one page."""
    folder = tmp_path_factory.mktemp("other")
    (folder / "index.html").write_text("<!doctype html><link rel=icon href='data:,'>")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))
    ) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def ada(server: Server) -> str:
    return new_user(server, "ada", "MANAGE_CONTACTS")


def imported(page: Page, url: str) -> bool:
    return bool(page.evaluate("url => import(url).then(() => true, () => false)", url))


@pytest.mark.usefixtures("ada")
def test_a_foreign_page_can_make_no_call_in_the_name_of_who_is_signed_in(
    page: Page, server: Server, other_origin: str
) -> None:
    sign_in(page, server, "ada")
    csrf = cookies(page)["contactory_csrf"]["value"]
    before = stored(server)
    page.goto(other_origin)
    assert not imported(page, f"{server.url}{API}")
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status))
    for kind, token in (("application/json", csrf), ("application/json", ""), ("text/plain", "")):
        page.evaluate(
            """([url, kind, token, info]) => fetch(url, {
                method: "POST",
                credentials: "include",
                mode: kind === "text/plain" ? "no-cors" : "cors",
                headers: { "content-type": kind, ...(token ? { "x-csrf-token": token } : {}) },
                body: JSON.stringify({ arguments: [info] }),
            }).then(() => {}, () => {})""",
            [
                f"{server.url}/web/contactory/contacts.createContact",
                kind,
                token,
                mail("x@a.example"),
            ],
        )
    assert statuses[-1] == 403  # The simple one arrives, and is refused.
    assert stored(server) == before


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("path", ["/sign-out", "/sign-in", "/sign-in/link"])
def test_a_foreign_page_s_form_neither_signs_in_nor_out(
    page: Page, server: Server, other_origin: str, path: str
) -> None:
    sign_in(page, server, "ada")
    session = cookies(page)["contactory_session"]["value"]
    page.goto(other_origin)
    with page.expect_navigation() as navigation:
        page.evaluate(
            """([url, password]) => {
                const form = document.createElement("form");
                form.method = "post";
                form.action = url;
                form.innerHTML = `<input name=name value=ada><input name=password>`;
                form.elements.password.value = password;
                document.body.append(form);
                form.submit();
            }""",
            [f"{server.url}{path}", PASSWORD],
        )
    assert navigation.value is not None
    assert navigation.value.status == 403
    assert cookies(page)["contactory_session"]["value"] == session
    page.goto(server.url)
    assert identity(page) == "user"


def test_a_trusted_origin_s_page_does_all_that_ours_can(
    page: Page, other_origin: str, tmp_path: Path
) -> None:
    store = tmp_path / "contacts.db"
    with serve(store, "--web", str(SITE), "--web-origin", other_origin) as trusting:
        new_user(trusting, "ada", "MANAGE_CONTACTS")
        page.goto(other_origin)
        api, shop = f"{trusting.url}{API}", f"{trusting.url}{SHOP}"
        assert call(page, shop, "delete", 1) == [1, "left out", []]
        assert call(page, api, "signIn", "ada", PASSWORD)["type"] == "user"
        made = call(page, api, "contacts.createContact", mail("trusted@example.com"))
        assert made["source"]["sourceType"] == "WIX_CODE"
        call(page, api, "signOut")
        assert call(page, api, "currentIdentity")["type"] == "visitor"
