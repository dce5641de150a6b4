"""The seed's three examples in a browser, on the page that we show to others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.web.browsing import EXAMPLE, PASSWORD, call, new_user, sign_in, stored
from tests.servers import Server, serve

_FOUND = json.loads((Path(__file__).parents[2] / "seed_examples.json").read_text("utf-8"))
_PAGE_CODE, _BACK_END, _FULL = _FOUND["examples"]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_GENERATED = {
    "_id": _GUID,
    "_createdDate": _INSTANT,
    "_updatedDate": _INSTANT,
    "activityDate": _INSTANT,
}
_EMAIL = {
    "email": "johndoe1@example.com",
    "subscriptionStatus": "NOT_SET",
    "deliverabilityStatus": "NOT_SET",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A new store for each example: all have the same address."""
    store = tmp_path / "contacts.db"
    with serve(store, "--web", str(EXAMPLE), "--pages", str(EXAMPLE)) as server:
        yield server


def without_generated(value: Any) -> Any:
    """The value with a mark for each generated id and date, once it has that form."""
    if isinstance(value, list):
        return [without_generated(item) for item in value]
    if not isinstance(value, dict):
        return value
    for name, form in _GENERATED.items():
        assert name not in value or form.fullmatch(value[name]), (name, value[name])
    return {
        name: "generated" if name in _GENERATED else without_generated(item)
        for name, item in value.items()
    }


def documented(example: dict[str, Any], **beyond: Any) -> Any:
    """What the example prints, with what the present API shows beyond it."""
    return without_generated(example["result"]) | beyond


def test_page_code_of_a_signed_in_user_creates_as_the_seed_prints(
    page: Page, server: Server
) -> None:
    new_user(server, "ada", "MANAGE_CONTACTS")
    sign_in(page, server, "ada")
    result = call(page, "/page.js", "myCreateContactFunction", _PAGE_CODE["info"])
    expected = documented(_PAGE_CODE, primaryEmail=_EMAIL)
    del expected["primaryInfo"]["phone"]  # A slip of the seed: no phone was given.
    assert without_generated(result) == expected


def test_a_web_method_that_elevates_creates_for_a_visitor_as_the_seed_prints(
    page: Page,
) -> None:
    result = call(page, "/web/contacts.js", "myCreateContactFunction", _BACK_END["info"])
    expected = documented(_BACK_END, primaryEmail=_EMAIL)
    del expected["primaryInfo"]["phone"]
    assert without_generated(result) == expected


def test_the_full_object_with_options_comes_out_as_the_seed_prints(page: Page) -> None:
    result = call(
        page, "/web/contacts.js", "myCreateContactFunction", _FULL["info"], _FULL["options"]
    )
    sent_id = _FULL["info"]["emails"]["items"][0]["_id"]
    assert result["info"]["emails"]["items"][0]["_id"] == sent_id
    assert result["info"]["phones"]["items"][0].pop("formattedPhone") == "+1 646-567-6359"
    phone = {
        "countryCode": "US",
        "phone": "646-567-6359",
        "e164Phone": "+16465676359",
        "formattedPhone": "+1 646-567-6359",
        "subscriptionStatus": "NOT_SET",
    }
    expected = documented(_FULL, primaryEmail=_EMAIL, primaryPhone=phone)
    assert without_generated(result) == expected


def test_the_example_page_shows_who_calls_and_what_comes_of_it(page: Page, server: Server) -> None:
    new_user(server, "ada", "MANAGE_CONTACTS")
    expect(page.locator("#who")).to_have_text("You are here as visitor.")
    page.get_by_label("First name").fill("Grace")
    before = stored(server)
    page.get_by_role("button", name="Create as myself").click()
    expect(page.locator("#result")).to_have_text("PERMISSION_DENIED: Permission Denied")
    assert stored(server) == before
    page.get_by_role("button", name="Create through the web method").click()
    expect(page.locator("#result")).to_contain_text('"first": "Grace"')
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#who")).to_have_text("You are here as user.")
    page.get_by_label("E-mail").fill("grace@example.com")
    page.get_by_role("button", name="Create as myself").click()
    expect(page.locator("#result")).to_contain_text('"email": "grace@example.com"')
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#who")).to_have_text("You are here as visitor.")
