"""`POST /contacts/v4/contact-submit`, as visitors, members and programs call it (CONTRACT B.13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    created,
    fresh_email,
    john,
    violations,
)
from tests.servers import Server, new_key, told

SUBMIT = "/contacts/v4/contact-submit"
Token = Callable[..., str]


@pytest.fixture(scope="module")
def token(server: Server) -> Token:
    """Makes the token of a new visitor, or of a member."""
    client_id = str(told(server.store, "clients", "create", "page")["clientId"])

    def make(member: str | None = None) -> str:
        with httpx2.Client(base_url=server.url) as client:
            body: Json = {"clientId": client_id, "grantType": "anonymous"}
            page = client.post("/oauth2/token", json=body).json()["access_token"]
            if member is None:
                return str(page)
            body = {"grant_type": "authorized_client", "member_id": member}
            headers = {"authorization": f"{page},{server.key}"}
            answer = client.post("/oauth2/token", json=body, headers=headers)
            return str(answer.json()["access_token"])

    return make


def submit(client: httpx2.Client, token: str | None, body: Any) -> httpx2.Response:
    return client.post(SUBMIT, json=body, headers={"authorization": token} if token else None)


def submitted(client: httpx2.Client, token: str | None, info: Json, **more: Any) -> Json:
    answer = submit(client, token, {"info": info, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"contactId", "identityType", "newContact"}
    return dict(answer.json())


def shown(client: httpx2.Client, answer: Json) -> Json:
    return dict(client.get(f"{CONTACTS}/{answer['contactId']}").json()["contact"])


def test_a_visitor_submits_and_goes_on(client: httpx2.Client, token: Token) -> None:
    visitor = token()
    first = submitted(client, visitor, john(company="Engines"))
    assert (first["identityType"], first["newContact"]) == ("CONTACT", True)
    contact = shown(client, first)
    assert contact["source"] == {"sourceType": "WIX_FORMS"}
    second = submitted(client, visitor, {"jobTitle": "Writer"})
    assert second == {**first, "newContact": False}
    after = shown(client, first)
    assert (after["revision"], after["info"]["jobTitle"]) == (2, "Writer")
    assert after["lastActivity"]["activityType"] == "GENERAL"
    assert application_error(submit(client, token(), {"info": {"jobTitle": "X"}}))["code"] == (
        "INSUFFICIENT_CONTACT_DATA"
    )


def test_a_known_email_appends(client: httpx2.Client, token: Token) -> None:
    email = fresh_email()
    contact = created(client, john(email, company="Engines"))
    answer = submitted(client, token(), john(email.upper(), company="Looms", jobTitle="Writer"))
    expected = {"contactId": contact["id"], "identityType": "CONTACT", "newContact": False}
    assert answer == expected
    info = shown(client, answer)["info"]
    assert (info["company"], info["jobTitle"]) == ("Engines", "Writer")
    assert info["emails"] == contact["info"]["emails"]


def test_a_member_has_a_contact_that_nobody_else_writes(
    client: httpx2.Client, token: Token
) -> None:
    name, email = uuid4().hex, fresh_email()
    first = submitted(client, token(name), john(email))
    assert (first["identityType"], first["newContact"]) == ("MEMBER", True)
    before = shown(client, first)
    fields = before["info"]["extendedFields"]["items"]
    assert fields["members.membershipStatus"] == "APPROVED"
    stranger = submitted(client, token(), john(email, company="Looms"))
    assert stranger["identityType"] == "NOT_AUTHENTICATED_MEMBER"
    assert stranger["newContact"] is False
    assert shown(client, first) == before
    again = submitted(client, token(name), {"company": "Looms"})
    assert again == {**first, "newContact": False}
    assert shown(client, first)["info"]["company"] == "Looms"


def test_a_key_names_the_contact_and_the_activity(client: httpx2.Client) -> None:
    contact = created(client, john())
    activity = {"activityType": "ECOM_PURCHASE"}
    answer = submit(
        client,
        None,
        {
            "info": {"jobTitle": "Writer"},
            "contactId": contact["id"],
            "activity": activity,
            "passThroughData": "x",
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["contactory-ignored"] == "passThroughData"
    after = shown(client, answer.json())
    assert after["info"]["jobTitle"] == "Writer"
    assert after["lastActivity"]["activityType"] == "ECOM_PURCHASE"
    missing = submit(client, None, {"info": john(), "contactId": NOBODY})
    assert missing.status_code == 404
    assert application_error(missing)["code"] == "CONTACT_NOT_FOUND"


@pytest.mark.parametrize(
    "extra",
    [
        {"contactId": NOBODY},
        {"passThroughData": "x"},
        {"activity": {}},
        {"options": {"overrideMemberId": "m"}},
    ],
)
def test_others_may_not(server: Server, client: httpx2.Client, token: Token, extra: Json) -> None:
    key = new_key(server.store, "CONTACTS.SUBMIT")
    for credential in (token(), token("m"), key):
        answer = submit(client, credential, {"info": john(), **extra})
        assert answer.status_code == 403
        error = application_error(answer)
        assert error["code"] == "INSUFFICIENT_PERMISSION"
        assert error["data"] == {"permission": "CONTACTS.SUBMIT_WITH_OVERRIDES"}


@pytest.mark.parametrize("body", [{}, None, {"info": {}}, {"name": {"first": "John"}}])
def test_a_body_without_enough_is_400(client: httpx2.Client, token: Token, body: Any) -> None:
    answer = submit(client, token(), body if body is not None else {"info": None})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INSUFFICIENT_CONTACT_DATA"


def test_no_body_at_all_is_400_too(client: httpx2.Client, token: Token) -> None:
    answer = client.post(SUBMIT, headers={"authorization": token()})
    assert answer.status_code == 400
    assert application_error(answer)["code"] == "INSUFFICIENT_CONTACT_DATA"


def test_problems_have_paths_from_the_body_on(client: httpx2.Client) -> None:
    body = {"info": john("x", birthdate="soon"), "contactId": "x", "passThroughData": "x" * 301}
    found = {violation["field"] for violation in violations(submit(client, None, body))}
    assert found == {
        "info.emails.items[0].email",
        "info.birthdate",
        "contactId",
        "passThroughData",
    }


def test_what_is_no_part_of_a_submit_is_told(client: httpx2.Client, token: Token) -> None:
    answer = submit(client, token(), {"info": john(), "colour": "red"})
    assert answer.status_code == 200
    assert answer.headers["contactory-ignored"] == "colour"
