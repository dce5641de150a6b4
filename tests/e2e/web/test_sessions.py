"""Signing in and out in a browser, and what a session is good for."""

from __future__ import annotations

import json
import time
import uuid

import jwt
import pytest
from playwright.sync_api import Page, expect

from contactory.kit.ids import RowId
from tests.e2e.web.browsing import (
    PASSWORD,
    call,
    cookies,
    failure,
    identity,
    mail,
    new_user,
    sign_in,
    stored,
)
from tests.servers import Server, run_command, told

API = "/web/contactory.js"
SHOP = "/web/shop.js"
COOKIES = {"contactory_session", "contactory_csrf"}


@pytest.fixture(scope="module")
def ada(server: Server) -> str:
    return new_user(server, "ada", "MANAGE_CONTACTS")


def fill(page: Page, server: Server, name: str, password: str) -> int:
    """Send the sign-in form; the status of the answer."""
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Sign in").click()
    answer = navigation.value
    assert answer is not None
    return answer.status


def problem(page: Page) -> str:
    return page.get_by_role("alert").inner_text()


@pytest.mark.usefixtures("ada")
def test_the_session_s_cookie_is_out_of_reach_of_scripts(page: Page, server: Server) -> None:
    sign_in(page, server, "ada")
    session, csrf = cookies(page)["contactory_session"], cookies(page)["contactory_csrf"]
    assert (session["httpOnly"], session["sameSite"], session["path"]) == (True, "Lax", "/")
    assert (csrf["httpOnly"], csrf["sameSite"], csrf["path"]) == (False, "Lax", "/")
    assert 11 * 3600 < session["expires"] - time.time() < 12 * 3600 + 60
    readable = page.evaluate("document.cookie")
    assert csrf["value"] in readable
    assert "contactory_session" not in readable
    assert session["value"] not in readable


@pytest.mark.usefixtures("ada")
def test_signing_in_works_in_a_browser_without_scripts(page: Page, server: Server) -> None:
    context = page.context.browser
    assert context is not None
    plain = context.new_context(java_script_enabled=False).new_page()
    sign_in(plain, server, "ada")
    assert cookies(plain).keys() >= COOKIES
    plain.get_by_role("button", name="Sign out").click()
    plain.wait_for_url(f"{server.url}/")
    assert not cookies(plain).keys() & COOKIES
    plain.context.close()


@pytest.mark.usefixtures("ada")
def test_a_wrong_name_and_a_wrong_password_look_the_same(page: Page, server: Server) -> None:
    assert fill(page, server, "ada", "not the password") == 401
    wrong_password = problem(page)
    assert fill(page, server, "somebody", "not the password") == 401
    assert problem(page) == wrong_password
    assert page.get_by_label("Name").input_value() == "somebody"
    assert page.get_by_label("Password").input_value() == ""
    assert not cookies(page).keys() & COOKIES


def test_what_was_typed_into_the_form_is_shown_as_text(page: Page, server: Server) -> None:
    name = '"><img src=x onerror="document.title=1"><b>'
    assert fill(page, server, name, "not the password") == 401
    assert page.get_by_label("Name").input_value() == name
    assert page.locator("main img, main b").count() == 0


def test_guessing_is_slowed_also_for_who_knows_the_password(page: Page, server: Server) -> None:
    new_user(server, "guessed")
    assert [fill(page, server, "guessed", f"guess number {n}") for n in range(5)] == [401] * 5
    fill(page, server, "guessed", "guess number 6")
    assert fill(page, server, "Guessed", PASSWORD) == 429
    assert "try again in" in problem(page)
    assert not cookies(page).keys() & COOKIES
    page.goto(server.url)
    failed = failure(page, API, "signIn", "guessed", PASSWORD)
    assert failed["code"] == "RESOURCE_EXHAUSTED"
    assert failed["details"]["applicationError"]["data"]["retryAfterSeconds"] >= 1


@pytest.mark.usefixtures("ada")
def test_a_page_signs_in_and_out_itself(page: Page) -> None:
    failed = failure(page, API, "signIn", "ada", "not the password")
    assert failed["code"] == "UNAUTHENTICATED"
    assert failed["message"] == "The name or the password is wrong"
    signed_in = call(page, API, "signIn", "ada", PASSWORD)
    assert signed_in["type"] == "user"
    assert call(page, API, "currentIdentity") == signed_in
    call(page, API, "contacts.createContact", mail("own-form@example.com"))
    secret = cookies(page)["contactory_session"]["value"]
    call(page, API, "signOut")
    assert not cookies(page).keys() & COOKIES
    assert identity(page) == "visitor"
    page.context.add_cookies([{"name": "contactory_session", "value": secret, "url": page.url}])
    assert identity(page) == "visitor"


@pytest.mark.usefixtures("ada")
def test_without_its_csrf_token_a_session_does_nothing(page: Page, server: Server) -> None:
    sign_in(page, server, "ada")
    before = stored(server)
    page.context.clear_cookies(name="contactory_csrf")
    for value in (None, "guessed"):
        if value:
            page.context.add_cookies(
                [{"name": "contactory_csrf", "value": value, "url": server.url}]
            )
        for name, given in (
            ("contacts.createContact", [mail("csrf@example.com")]),
            ("signOut", []),
        ):
            failed = failure(page, API, name, *given)
            assert (failed["code"], failed["status"]) == ("PERMISSION_DENIED", 403)
    assert stored(server) == before
    assert server.store.value("SELECT count(*) FROM tokens WHERE kind = 'ctu'") > 0


def test_a_session_that_is_over_is_a_visitor_s_and_its_cookie_goes(
    page: Page, server: Server, ada: str
) -> None:
    sign_in(page, server, "ada")
    assert identity(page) == "user"
    past = int(time.time() * 1000) - 1
    server.store.change("UPDATE tokens SET expires_at = ? WHERE user_id = ?", past, RowId(ada))
    failed = failure(page, API, "contacts.createContact", mail("over@example.com"))
    assert failed["code"] == "PERMISSION_DENIED"
    assert not cookies(page).keys() & COOKIES


def test_a_deleted_user_s_session_is_over(page: Page, server: Server) -> None:
    user_id = new_user(server, "leaving", "MANAGE_CONTACTS")
    sign_in(page, server, "leaving")
    assert identity(page) == "user"
    told(server.store, "users", "delete", user_id)
    assert identity(page) == "visitor"


def test_permissions_are_those_of_the_moment(page: Page, server: Server) -> None:
    user_id = new_user(server, "promoted")
    sign_in(page, server, "promoted")
    info = mail("promoted@example.com")
    assert failure(page, API, "contacts.createContact", info)["code"] == "PERMISSION_DENIED"
    server.store.change(
        "UPDATE users SET permissions = 'CONTACTS.MODIFY' WHERE id = ?", RowId(user_id)
    )
    assert call(page, API, "contacts.createContact", info)["_id"]


def test_a_visitor_keeps_an_id_of_its_own(page: Page) -> None:
    first = call(page, API, "currentIdentity")
    cookie = cookies(page)["contactory_visitor"]
    assert first == {"type": "visitor", "id": cookie["value"]}
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert cookie["expires"] - time.time() > 360 * 24 * 3600
    assert call(page, API, "currentIdentity") == first


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    "next_path",
    [
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
        "javascript:1",
    ],
)
def test_signing_in_never_leads_to_another_server(
    page: Page, server: Server, next_path: str
) -> None:
    page.goto(f"{server.url}/sign-in")
    page.locator("input[name=next]").evaluate("(field, path) => field.value = path", next_path)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}/")


@pytest.mark.usefixtures("ada")
def test_signing_in_leads_on_to_the_page_that_asked_for_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sign-in?next=/index.html%3Fa%3D1%26b%3D%C3%A4")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}/index.html?a=1&b=%C3%A4")


def test_a_link_signs_in_once_and_sets_a_password(page: Page, server: Server) -> None:
    done = run_command(
        server.store, "users", "create", "linked", "--link", "--url", server.url, "--json"
    )
    link = json.loads(done.stdout)["link"]
    for _ in range(2):  # Looking at it, as mail scanners do, uses nothing up.
        page.goto(link)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("12 or more")
    page.get_by_label("New password").fill("a brand new password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{server.url}/")
    assert identity(page) == "user"
    call(page, API, "signOut")
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("ask for a new one")
    page.goto(server.url)
    assert identity(page) == "visitor"
    sign_in(page, server, "linked", "a brand new password")


def test_a_link_of_another_site_is_refused_and_stays_good(page: Page, server: Server) -> None:
    site = told(server.store, "sites", "create", "elsewhere")["siteId"]
    done = run_command(
        server.store, "users", "create", "stranger", "--site", site, "--link", "--json"
    )
    token = json.loads(done.stdout)["link"].partition("token=")[2]
    page.goto(f"{server.url}/sign-in/link?token={token}")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("another site")
    links = "SELECT count(*) FROM tokens WHERE kind = 'ctl' AND site_id = ?"
    assert server.store.value(links, RowId(site)) == 1


def vouching_key(server: Server, *options: str) -> dict[str, str]:
    key: dict[str, str] = told(server.store, "members", "create-key", *options)
    return key


def voucher(key: dict[str, str]) -> str:
    """What the site's own program gives to its member m-7."""
    now, once = int(time.time()), str(uuid.uuid4())
    claims = {"aud": key["siteId"], "sub": "m-7", "iat": now, "exp": now + 60, "jti": once}
    return jwt.encode(claims, key["privateKey"], "EdDSA", {"kid": key["id"]})


def test_a_member_signs_in_with_a_token_of_the_site_s_own_program(
    page: Page, server: Server
) -> None:
    token = voucher(vouching_key(server))
    assert failure(page, SHOP, "forMembers")["code"] == "PERMISSION_DENIED"
    assert call(page, API, "signInMember", token) == {"type": "member", "id": "m-7"}
    assert call(page, SHOP, "forMembers") == "hello"
    assert failure(page, SHOP, "forAdmins")["code"] == "PERMISSION_DENIED"
    refused = failure(page, API, "contacts.createContact", mail("member@example.com"))
    assert refused["code"] == "PERMISSION_DENIED"
    call(page, API, "signOut")
    assert failure(page, API, "signInMember", token)["code"] == "UNAUTHENTICATED"
    assert failure(page, API, "signInMember", "no token")["code"] == "UNAUTHENTICATED"
    assert failure(page, API, "signInMember", 5)["code"] == "INVALID_ARGUMENT"
    assert identity(page) == "visitor"


def test_a_member_of_another_site_is_refused_and_the_token_stays_good(
    page: Page, server: Server
) -> None:
    site = told(server.store, "sites", "create", "of other members")["siteId"]
    token = voucher(vouching_key(server, "--site", site))
    used = server.store.value("SELECT count(*) FROM used_vouchers")
    failed = failure(page, API, "signInMember", token)
    assert failed["code"] == "UNAUTHENTICATED"
    assert "another site" in failed["message"]
    assert server.store.value("SELECT count(*) FROM used_vouchers") == used
