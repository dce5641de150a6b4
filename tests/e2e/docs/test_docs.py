"""Every block of the documents is run as a reader would, in order, in a fresh folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from playwright.sync_api import expect, sync_playwright

from tests.e2e.docs.markdown import DOCUMENTS, ROOT, Block, blocks_of
from tests.e2e.docs.session import DocsSession
from tests.servers import told

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DocsSession]:
    session = DocsSession(tmp_path / "clone")
    monkeypatch.chdir(session.folder)
    yield session
    session.close()


def run_all(session: DocsSession, document: Path) -> None:
    for block in blocks_of(document):
        session.run(block)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_all_blocks_run_and_print_what_they_show(session: DocsSession, document: Path) -> None:
    run_all(session, document)
    if session.skipped:
        pytest.skip("; ".join(session.skipped))


def test_python_of_the_calls_says_the_same_through_a_server(session: DocsSession) -> None:
    document = ROOT / "docs/calls.md"
    store, server = '"sqlite:///contacts.db"', '"http://127.0.0.1:8000", key="ctk_..."'
    is_shown = False
    for block in blocks_of(document):
        if block.text == "contactory serve\n":
            session.run(block)
        if "answer" not in block.notes:
            is_shown = block.language == "python" and not _needs_the_store(block)
        if is_shown:
            session.run(block._replace(text=block.text.replace(store, server)))
        if "crm.apps" in block.text:  # Apps are made where the store is.
            made = told(session.folder / "contactory.db", "apps", "create", "orders")
            session.namespace["app"] = SimpleNamespace(app_id=made["appId"])
    assert session.namespace["ada"].last_activity.activity_type == "CONTACT_MERGED"


def _needs_the_store(block: Block) -> bool:
    """Whether it chooses who acts, which a key decides over HTTP, or makes an app."""
    return "acting_as" in block.text or "crm.apps" in block.text


def test_voucher_of_the_web_methods_page_signs_a_member_in_once(session: DocsSession) -> None:
    run_all(session, ROOT / "docs/web-methods.md")
    server = f"http://{session.address}"
    with httpx2.Client(base_url=f"{server}/web/", headers={"origin": server}) as page:

        def call(path: str, *arguments: str) -> httpx2.Response:
            headers = {"x-csrf-token": page.cookies.get("contactory_csrf") or ""}
            return page.post(path, json={"arguments": arguments}, headers=headers)

        assert call("shop/greeting", "Ada").status_code == 403
        token = session.namespace["token"]
        signed_in = call("contactory/signInMember", token)
        assert signed_in.json() == {"result": {"type": "member", "id": "member-1815"}}
        assert call("shop/greeting", "Ada").json() == {"result": "Hello Ada"}
        assert call("shop/newPrices").status_code == 403
        assert call("contactory/signInMember", token).status_code == 401


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_page_of_the_tutorial_signs_a_visitor_up(session: DocsSession) -> None:
    run_all(session, ROOT / "docs/tutorial.md")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"http://{session.address}/")
        page.get_by_label("Name").fill("Emmy")
        page.get_by_label("E-mail").fill("emmy@example.com")
        page.get_by_role("button").click()
        expect(page.get_by_role("status")).to_have_text("Welcome, Emmy!")
        browser.close()
