"""What tests do in a browser, and what they ask the store afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.servers import Server, run_command

SITE = Path(__file__).with_name("site")
EXAMPLE = Path(__file__).parents[3] / "examples" / "web"
PASSWORD = "correct horse battery"

_CALL = """async ([module, name, args]) => {
  const found = await import(module);
  const target = name.split(".").reduce((part, key) => part[key], found);
  try {
    return { result: await target(...args) };
  } catch (error) {
    const { message, code, details, status, requestId } = error;
    const isError = error instanceof Error;
    return { failed: { isError, message, code, details, status, requestId } };
  }
}"""


def attempt(page: Page, module: str, name: str, *arguments: Any) -> dict[str, Any]:
    """What one call in the page came to: its result, or how it failed."""
    outcome: dict[str, Any] = page.evaluate(_CALL, [module, name, list(arguments)])
    return outcome


def call(page: Page, module: str, name: str, *arguments: Any) -> Any:
    """The result of one call in the page."""
    outcome = attempt(page, module, name, *arguments)
    assert "failed" not in outcome, outcome
    return outcome.get("result")


def failure(page: Page, module: str, name: str, *arguments: Any) -> dict[str, Any]:
    """How one call in the page failed: always an Error that names its request."""
    failed = attempt(page, module, name, *arguments).get("failed")
    assert failed is not None
    assert failed["isError"]
    assert re.fullmatch(r"[0-9a-f-]{36}", failed["requestId"])
    return dict(failed)


def identity(page: Page) -> str:
    """What the server takes the page's caller for."""
    return str(call(page, "/web/contactory.js", "currentIdentity")["type"])


def new_user(server: Server, name: str, *permissions: str, site: str | None = None) -> str:
    """Make a user who can sign in; the id."""
    named = [part for permission in permissions for part in ("--permission", permission)]
    where = ["--site", site] if site else []
    command = ("users", "create", name, *named, *where, "--json")
    done = run_command(server.store, *command, given=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["userId"])


def sign_in(page: Page, server: Server, name: str, password: str = PASSWORD) -> None:
    """Sign in as people do, and arrive at the site's front page."""
    page.goto(f"{server.url}/sign-in?next=/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}/")


def cookies(page: Page) -> dict[str, Any]:
    """The browser's cookies by name."""
    return {str(cookie.get("name")): cookie for cookie in page.context.cookies()}


def mail(*addresses: str, **more: Any) -> dict[str, Any]:
    """An info with these e-mail addresses."""
    return {"emails": {"items": [{"email": address} for address in addresses]}, **more}


def stored(server: Server) -> tuple[int, ...]:
    """How many contacts, e-mails and events there are."""
    tables = ("contacts", "contact_emails", "outbox")
    return tuple(server.store.value(f"SELECT count(*) FROM {table}") for table in tables)
