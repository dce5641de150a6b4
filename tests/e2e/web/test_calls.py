"""What pages can call, and how failures arrive in them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.web.browsing import (
    attempt,
    call,
    failure,
    identity,
    mail,
    new_user,
    sign_in,
    stored,
)
from tests.servers import Server

API = "/web/contactory.js"
SHOP = "/web/shop.js"


@pytest.fixture(scope="module", autouse=True)
def people(server: Server) -> None:
    new_user(server, "manager", "MANAGE_CONTACTS")
    new_user(server, "reader", "READ_CONTACTS")
    new_user(server, "nobody")


def test_page_code_without_manage_contacts_stores_nothing(page: Page, server: Server) -> None:
    for name in ("", "reader", "nobody"):
        if name:
            sign_in(page, server, name)
        before = stored(server)
        failed = failure(page, API, "contacts.createContact", mail(f"{name}@refused.example"))
        assert (failed["code"], failed["status"]) == ("PERMISSION_DENIED", 403)
        assert failed["details"]["applicationError"]["data"] == {"permission": "CONTACTS.MODIFY"}
        assert stored(server) == before


def test_a_web_method_that_does_not_elevate_has_the_caller_s_permissions(
    page: Page, server: Server
) -> None:
    before = stored(server)
    failed = failure(page, SHOP, "createAsCaller", mail("caller@example.com"))
    assert failed["code"] == "PERMISSION_DENIED"
    assert stored(server) == before
    sign_in(page, server, "manager")
    made = call(page, SHOP, "createAsCaller", mail("caller@example.com"))
    assert made["source"]["sourceType"] == "WIX_CODE"


def test_a_signed_in_user_reads_what_the_page_created(page: Page, server: Server) -> None:
    sign_in(page, server, "manager")
    made = call(page, API, "contacts.createContact", mail("read@example.com"))
    assert call(page, API, "contacts.getContact", made["_id"]) == made
    part = call(page, API, "contacts.getContact", made["_id"], {"fields": ["info.emails"]})
    assert part["info"] == {"emails": made["info"]["emails"]}
    missing = failure(page, API, "contacts.getContact", "00000000-0000-0000-0000-000000000000")
    assert (missing["code"], missing["status"]) == ("CONTACT_NOT_FOUND", 404)


@pytest.mark.parametrize("info", [{}, {"company": "Acme"}, {"name": {"first": " "}}])
def test_without_name_email_and_phone_nothing_is_made(
    page: Page, server: Server, info: object
) -> None:
    before = stored(server)
    failed = failure(page, SHOP, "createThroughBackEnd", info)
    assert (failed["code"], failed["status"]) == ("INSUFFICIENT_CONTACT_DATA", 400)
    assert stored(server) == before


def test_a_used_email_is_refused_in_any_letter_case_primary_or_not(
    page: Page, server: Server
) -> None:
    first = call(page, SHOP, "createThroughBackEnd", mail("main@used.example", "b@used.example"))
    before = stored(server)
    for info in (
        mail("MAIN@Used.Example"),
        mail("B@USED.EXAMPLE"),
        mail("fresh@used.example", "B@used.example"),
    ):
        failed = failure(page, SHOP, "createThroughBackEnd", info)
        assert (failed["code"], failed["status"]) == ("DUPLICATE_CONTACT_EXISTS", 409)
        data = failed["details"]["applicationError"]["data"]
        assert data["duplicateContactId"] == first["_id"]
        assert data["duplicateEmail"].lower() in ("main@used.example", "b@used.example")
    assert stored(server) == before
    again = call(
        page, SHOP, "createThroughBackEnd", mail("MAIN@used.example"), {"allowDuplicates": True}
    )
    assert again["_id"] != first["_id"]


def test_every_problem_arrives_with_its_path(page: Page, server: Server) -> None:
    before = stored(server)
    info = mail("no address", name={"first": "a" * 1001})
    failed = failure(page, SHOP, "createThroughBackEnd", info)
    assert (failed["code"], failed["status"]) == ("INVALID_ARGUMENT", 400)
    violations = failed["details"]["validationError"]["fieldViolations"]
    assert {found["field"]: found["violatedRule"] for found in violations} == {
        "info.emails.items[0].email": "FORMAT",
        "info.name.first": "MAX_LENGTH",
    }
    assert "info.emails.items[0].email" in failed["message"]
    assert stored(server) == before


def test_what_is_no_part_of_a_contact_is_reported_in_the_console(page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    call(page, SHOP, "createThroughBackEnd", mail("extra@example.com", nickName="x"))
    assert said == ["shop/createThroughBackEnd: not stored, no such field: info.nickName"]


def test_a_plain_function_and_nested_results_work(page: Page) -> None:
    made = call(page, SHOP, "createPlainly", mail("plain@example.com"))
    assert made["made"][0]["_id"]
    assert made["made"][0]["info"]["emails"]["items"][0]["email"] == "plain@example.com"


def test_arguments_arrive_as_python_has_them(page: Page) -> None:
    assert call(page, SHOP, "delete", 1) == [1, "left out", []]
    assert call(page, SHOP, "delete", {"a": [None, True]}, None, 2.5, "x") == [
        *({"a": [None, True]}, None, [2.5, "x"])
    ]
    undefined = page.evaluate(
        f"import('{SHOP}').then((found) => found.delete(1, undefined, undefined))"
    )
    assert undefined == [1, "left out", []]
    date = page.evaluate(f"import('{SHOP}').then((found) => found.delete(new Date(0)))")
    assert date[0] == "1970-01-01T00:00:00.000Z"


def test_a_wrong_number_of_arguments_is_named(page: Page) -> None:
    few = failure(page, SHOP, "delete")
    assert few["code"] == "INVALID_ARGUMENT"
    (violation,) = few["details"]["validationError"]["fieldViolations"]
    assert (violation["field"], violation["violatedRule"]) == ("arguments[0]", "REQUIRED_FIELD")
    surplus = page.evaluate(
        "import('/web/-/call.js').then(({ call }) => call('shop', 'price', [1, 2]))"
        ".catch(({ message }) => message)"
    )
    assert surplus == "arguments has size 2, expected 1 or less"


@pytest.mark.parametrize("name", ["fail", "unshowable"])
def test_a_fault_of_the_back_end_shows_nothing_but_its_request_id(
    page: Page, server: Server, name: str
) -> None:
    failed = failure(page, SHOP, name)
    assert (failed["code"], failed["status"], failed["details"]) == ("INTERNAL_ERROR", 500, {})
    assert "secret" not in failed["message"]
    assert failed["requestId"] in failed["message"]
    assert failed["requestId"] in server.written()
    assert ("a secret of the back end" if name == "fail" else "object") in server.written()


def test_a_server_that_cannot_be_reached_is_told_apart(page: Page) -> None:
    page.evaluate(f"import('{SHOP}')")
    page.context.set_offline(offline=True)
    failed = attempt(page, SHOP, "forMembers")["failed"]
    assert failed["isError"]
    assert failed["code"] == "UNAVAILABLE"


def test_who_may_call_is_what_the_permission_says(page: Page, server: Server) -> None:
    assert identity(page) == "visitor"
    for name, permission in (("forMembers", "SiteMember"), ("forAdmins", "Admin")):
        failed = failure(page, SHOP, name)
        assert failed["code"] == "PERMISSION_DENIED"
        data = failed["details"]["applicationError"]["data"]
        assert data == {"permission": permission}
    sign_in(page, server, "nobody")
    assert identity(page) == "user"
    assert call(page, SHOP, "forMembers") == call(page, SHOP, "forAdmins") == "hello"


def test_a_docstring_cannot_become_code(page: Page) -> None:
    text = page.evaluate(f"fetch('{SHOP}').then((answer) => answer.text())")
    assert 'throw new Error("injected")' in text
    assert page.evaluate(f"import('{SHOP}').then((found) => typeof found.delete)") == "function"


def test_an_event_is_stored_with_what_a_page_creates(page: Page, server: Server) -> None:
    made = call(page, SHOP, "createThroughBackEnd", mail("event@example.com"))
    found = server.store.rows("SELECT slug FROM outbox WHERE entity_id = ?", made["_id"])
    assert found == [("created",)]
