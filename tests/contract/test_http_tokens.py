"""The token endpoints that the SDK's strategies call (CONTRACT G.4), J24, and what tokens allow."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import jwt
import pytest

from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from tests.contract.conftest import has_a_request_id
from tests.contract.needed import NEEDED
from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    create,
    created,
    john,
    violations,
)
from tests.servers import Server, new_key, told

TOKEN, ACCESS, INFO = "/oauth2/token", "/oauth/access", "/oauth2/token-info"
LIFETIME_S = 14_400
NOT_DENIED = {200, 400, 404}


@pytest.fixture(scope="module")
def client_id(server: Server) -> str:
    return str(told(server.store, "clients", "create", "page")["clientId"])


@pytest.fixture(scope="module")
def app(server: Server) -> Json:
    return dict(told(server.store, "apps", "create", "robot"))


@pytest.fixture
def anybody(server: Server) -> Iterator[httpx2.Client]:
    """A client without credentials, as those who ask for tokens are."""
    hooks = {"response": [has_a_request_id]}
    with httpx2.Client(base_url=server.url, event_hooks=hooks) as opened:
        yield opened


def ask(client: httpx2.Client, path: str, body: Json, **headers: str) -> httpx2.Response:
    return client.post(path, json=body, headers=headers)


def granted(answer: httpx2.Response, *, refreshing: bool = True) -> Json:
    """A token answer in the names of RFC 6749 5.1."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    tokens = dict(answer.json())
    assert tokens["token_type"] == "Bearer"
    assert tokens.keys() == {"access_token", "expires_in", "token_type"} | (
        {"refresh_token"} if refreshing else set()
    )
    assert 0 < tokens["expires_in"] <= LIFETIME_S
    return tokens


def refused(answer: httpx2.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert application_error(answer)["code"] == "UNAUTHENTICATED"


def visitor(client: httpx2.Client, client_id: str) -> Json:
    body = {"clientId": client_id, "grantType": "anonymous"}
    return granted(ask(client, TOKEN, body))


def app_body(app: Json, **more: Any) -> Json:
    return {
        "client_id": app["appId"],
        "client_secret": app["appSecret"],
        "grant_type": "client_credentials",
        **more,
    }


def info(client: httpx2.Client, token: str) -> Json:
    answer = ask(client, INFO, {"token": token})
    assert answer.status_code == 200
    return dict(answer.json())


SPELLINGS = [
    {"json": {"clientId": "ID", "grantType": "anonymous"}},
    {"json": {"client_id": "ID", "grant_type": "anonymous"}},
    {"data": {"clientId": "ID", "grantType": "anonymous"}},
    {"data": {"client_id": "ID", "grant_type": "anonymous"}},
]


@pytest.mark.parametrize("prefix", ["", "/_api"])
@pytest.mark.parametrize("sent", SPELLINGS, ids=str)
def test_json_and_forms_in_either_case_are_understood(
    anybody: httpx2.Client, client_id: str, sent: dict[str, Json], prefix: str
) -> None:
    ((kind, body),) = sent.items()
    named = {name: client_id if value == "ID" else value for name, value in body.items()}
    answer = anybody.post(prefix + TOKEN, **{kind: named})
    assert granted(answer)["expires_in"] == LIFETIME_S


def test_j24_a_visitor_may_not_create(anybody: httpx2.Client, client_id: str) -> None:
    token = visitor(anybody, client_id)["access_token"]
    answer = create(anybody, john(), headers={"authorization": token})
    assert answer.status_code == 403
    assert application_error(answer)["code"] == "PERMISSION_DENIED"


def test_each_visitor_is_another_one(anybody: httpx2.Client, client_id: str) -> None:
    found = [info(anybody, visitor(anybody, client_id)["access_token"]) for _ in range(2)]
    assert found[0]["subjectId"] != found[1]["subjectId"]
    assert {one["subjectType"] for one in found} == {"VISITOR"}


def test_token_info_of_a_visitor_says_whose_token_it_is(
    server: Server, anybody: httpx2.Client, client_id: str
) -> None:
    found = info(anybody, visitor(anybody, client_id)["access_token"])
    assert found.keys() == {
        *("active", "subjectType", "subjectId", "exp", "iat", "clientId", "siteId"),
    }
    assert (found["active"], found["clientId"], found["siteId"]) == (
        True,
        client_id,
        server.site_id,
    )
    assert int(found["exp"]) - int(found["iat"]) == LIFETIME_S
    assert isinstance(found["exp"], str)


@pytest.mark.parametrize("token", ["nonsense", "cta_" + "A" * 64, "é", "a" * 9000])
def test_token_info_of_no_token_is_that_it_is_inactive(anybody: httpx2.Client, token: str) -> None:
    assert info(anybody, token) == {"active": False}


def test_a_refresh_token_gives_access_to_the_same_visitor_again(
    anybody: httpx2.Client, client_id: str
) -> None:
    first = visitor(anybody, client_id)
    body = {
        "clientId": client_id,
        "refreshToken": first["refresh_token"],
        "grantType": "refresh_token",
    }
    second = granted(ask(anybody, TOKEN, body))
    assert second["access_token"] != first["access_token"]
    subjects = {info(anybody, one["access_token"])["subjectId"] for one in (first, second)}
    assert len(subjects) == 1


def test_refresh_tokens_work_only_for_their_client_and_are_no_access_tokens(
    server: Server, anybody: httpx2.Client, client_id: str
) -> None:
    token = visitor(anybody, client_id)["refresh_token"]
    other = told(server.store, "clients", "create", "other")["clientId"]
    body = {"refreshToken": token, "grantType": "refresh_token"}
    refused(ask(anybody, TOKEN, body | {"clientId": other}))
    refused(ask(anybody, TOKEN, body | {"clientId": client_id, "refreshToken": "nonsense"}))
    refused(create(anybody, john(), headers={"authorization": token}))


@pytest.mark.parametrize("unknown", [NOBODY, "my page", "x" * 1000])
def test_an_unknown_client_gets_no_token(anybody: httpx2.Client, unknown: str) -> None:
    refused(ask(anybody, TOKEN, {"clientId": unknown, "grantType": "anonymous"}))


def test_app_credentials_give_a_token_that_may_create_and_names_the_app_as_source(
    anybody: httpx2.Client, app: Json
) -> None:
    body = app_body(app, instance_id=app["instanceId"])
    token = granted(ask(anybody, TOKEN, body), refreshing=False)["access_token"]
    contact = create(anybody, john(), headers={"authorization": token}).json()["contact"]
    assert contact["source"] == {"sourceType": "WIX_APP", "appId": app["appId"]}
    found = info(anybody, token)
    assert (found["subjectType"], found["clientId"]) == ("APP", app["appId"])
    assert (found["subjectId"], found["instanceId"]) == (app["appId"], app["instanceId"])


def test_app_credentials_work_without_an_instance(anybody: httpx2.Client, app: Json) -> None:
    granted(ask(anybody, TOKEN, app_body(app)), refreshing=False)


def test_wrong_app_credentials_give_nothing(
    server: Server, anybody: httpx2.Client, app: Json
) -> None:
    other = told(server.store, "apps", "create", "other")
    refused(ask(anybody, TOKEN, app_body(app, client_secret=other["appSecret"])))
    refused(ask(anybody, TOKEN, app_body(app, client_secret="nonsense")))
    refused(ask(anybody, TOKEN, app_body(app, client_id=NOBODY)))
    refused(ask(anybody, TOKEN, app_body(app, instance_id=other["instanceId"])))
    refused(ask(anybody, TOKEN, app_body(app, client_secret=server.key)))


def test_an_app_exchanges_its_code_once_and_refreshes_afterwards(
    server: Server, anybody: httpx2.Client, app: Json
) -> None:
    code = told(server.store, "apps", "code", app["appId"])["code"]
    body = app_body(app, grant_type="authorization_code", code=code)
    first = granted(ask(anybody, ACCESS, body))
    refused(ask(anybody, ACCESS, body))
    again = app_body(app, grant_type="refresh_token", refresh_token=first["refresh_token"])
    second = granted(ask(anybody, ACCESS, again))
    third = granted(ask(anybody, ACCESS, again | {"refresh_token": second["refresh_token"]}))
    headers = {"authorization": third["access_token"]}
    assert create(anybody, john(), headers=headers).status_code == 200
    refused(ask(anybody, ACCESS, again | {"client_secret": "nonsense"}))


def test_a_code_of_one_app_is_nothing_to_another(
    server: Server, anybody: httpx2.Client, app: Json
) -> None:
    other = told(server.store, "apps", "create", "thief")
    code = told(server.store, "apps", "code", app["appId"])["code"]
    refused(ask(anybody, ACCESS, app_body(other, grant_type="authorization_code", code=code)))


def test_a_token_bound_to_an_app_leads_to_elevation(
    server: Server, anybody: httpx2.Client, client_id: str, app: Json
) -> None:
    token = visitor(anybody, client_id)["access_token"]
    body = {
        "grant_type": "strip_bound_session",
        "client_secret": app["appSecret"],
        "access_token": token,
    }
    bound = granted(ask(anybody, TOKEN, body), refreshing=False)["access_token"]
    found, before = info(anybody, bound), info(anybody, token)
    assert found["clientId"] == app["appId"]
    assert (found["subjectType"], found["subjectId"]) == ("VISITOR", before["subjectId"])
    elevated = app_body(app, instance_id=found["instanceId"])
    granted(ask(anybody, TOKEN, elevated), refreshing=False)
    assert create(anybody, john(), headers={"authorization": bound}).status_code == 403
    refused(ask(anybody, TOKEN, body | {"client_secret": "nonsense"}))
    refused(ask(anybody, TOKEN, body | {"access_token": server.key}))


def member_body(member: str = "jane") -> Json:
    return {"grant_type": "authorized_client", "scope": "offline_access", "member_id": member}


def test_a_key_vouches_for_a_member_who_then_may_not_create(
    server: Server, anybody: httpx2.Client, client_id: str
) -> None:
    page = visitor(anybody, client_id)["access_token"]
    answer = ask(anybody, TOKEN, member_body(), authorization=f"{page},{server.key}")
    token = granted(answer)["access_token"]
    found = info(anybody, token)
    assert (found["subjectType"], found["subjectId"]) == ("MEMBER", "jane")
    assert create(anybody, john(), headers={"authorization": token}).status_code == 403


def test_nobody_else_vouches_for_members(
    server: Server, anybody: httpx2.Client, client_id: str
) -> None:
    page = visitor(anybody, client_id)["access_token"]
    reader = new_key(server.store, "CONTACTS.VIEW")
    denied = ask(anybody, TOKEN, member_body(), authorization=f"{page},{reader}")
    assert denied.status_code == 403
    for credentials in (f"{page},nonsense", f"nonsense,{server.key}", f"{page},{page}"):
        answer = ask(anybody, TOKEN, member_body(), authorization=credentials)
        assert answer.status_code in {401, 403}, credentials
    for credentials in ("", page, f"{page},", f",{server.key}"):
        assert violations(ask(anybody, TOKEN, member_body(), authorization=credentials))


def test_a_member_voucher_is_exchanged_once_with_its_verifier(
    server: Server, anybody: httpx2.Client, client_id: str
) -> None:
    key = told(server.store, "members", "create-key")
    verifier = uuid4().hex * 2
    hashed = hashlib.sha256(verifier.encode()).digest()
    now = int(time.time())
    claims = {
        "aud": key["siteId"],
        "sub": "jane",
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
        "client_id": client_id,
        "redirect_uri": "https://example.com/back",
        "code_challenge": base64.urlsafe_b64encode(hashed).decode().rstrip("="),
    }
    code = jwt.encode(claims, key["privateKey"], "EdDSA", {"kid": key["id"]})
    body = {
        "clientId": client_id,
        "grantType": "authorization_code",
        "redirectUri": "https://example.com/back",
        "code": code,
        "codeVerifier": verifier,
    }
    refused(ask(anybody, TOKEN, body | {"codeVerifier": "other"}))
    refused(ask(anybody, TOKEN, body | {"redirectUri": "https://example.com/"}))
    refused(ask(anybody, TOKEN, body | {"code": code[:-4] + "AAAA"}))
    tokens = granted(ask(anybody, TOKEN, body))
    assert info(anybody, tokens["access_token"])["subjectId"] == "jane"
    refused(ask(anybody, TOKEN, body))


REQUIRED = [
    (TOKEN, "anonymous", {"client_id"}),
    (TOKEN, "refresh_token", {"client_id", "refresh_token"}),
    (TOKEN, "authorization_code", {"client_id", "redirect_uri", "code", "code_verifier"}),
    (TOKEN, "authorized_client", {"member_id", "visitor_token", "api_key"}),
    (TOKEN, "client_credentials", {"client_id", "client_secret"}),
    (TOKEN, "strip_bound_session", {"client_secret", "access_token"}),
    (ACCESS, "refresh_token", {"client_id", "client_secret", "refresh_token"}),
    (ACCESS, "authorization_code", {"client_id", "client_secret", "code"}),
]


@pytest.mark.parametrize(("path", "grant", "names"), REQUIRED)
def test_missing_parameters_are_named_all_together(
    anybody: httpx2.Client, path: str, grant: str, names: set[str]
) -> None:
    found = violations(ask(anybody, path, {"grant_type": grant}))
    assert {violation["field"] for violation in found} == names
    assert {violation["violatedRule"] for violation in found} == {"REQUIRED_FIELD"}


@pytest.mark.parametrize(("path", "grant", "names"), REQUIRED)
def test_parameters_of_a_wrong_kind_are_named(
    anybody: httpx2.Client, path: str, grant: str, names: set[str]
) -> None:
    in_body = names - {"visitor_token", "api_key"}
    body = {name: {"a": 1} for name in in_body}
    found = violations(ask(anybody, path, {"grant_type": grant, **body}, authorization="a,b"))
    assert {violation["field"] for violation in found} == in_body


@pytest.mark.parametrize("grant", [None, "", "password", 7, {}])
@pytest.mark.parametrize("path", [TOKEN, ACCESS])
def test_an_unknown_grant_is_named_with_those_there_are(
    anybody: httpx2.Client, path: str, grant: Any
) -> None:
    (violation,) = violations(ask(anybody, path, {"grantType": grant}))
    assert violation["field"] == "grantType"
    assert violation["violatedRule"] == "INVALID_ENUM_VALUE"
    assert "refresh_token" in violation["data"]["supported"]


def test_token_info_without_a_token_names_it(anybody: httpx2.Client) -> None:
    (violation,) = violations(ask(anybody, INFO, {}))
    assert violation["field"] == "token"


@pytest.mark.parametrize("body", [b"client_id=%ff", b"[]", b"{", b"\xff"])
def test_token_bodies_that_cannot_be_read_are_400(anybody: httpx2.Client, body: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for headers in (form, {"content-type": "application/json"}):
        assert anybody.post(TOKEN, content=body, headers=headers).status_code == 400


def test_an_app_without_permission_is_denied(server: Server, anybody: httpx2.Client) -> None:
    app = told(server.store, "apps", "create", "reader", "--permission", "CONTACTS.VIEW")
    token = granted(ask(anybody, TOKEN, app_body(app)), refreshing=False)["access_token"]
    assert create(anybody, john(), headers={"authorization": token}).status_code == 403
    answer = anybody.get(f"{CONTACTS}/{NOBODY}", headers={"authorization": token})
    assert answer.status_code == 404


@pytest.fixture(scope="module")
def credentials(server: Server, client_id: str, app: Json) -> Json:
    """By kind of caller, a credential and what it may do (CONTRACT G.1)."""
    with httpx2.Client(base_url=server.url) as client:
        page = visitor(client, client_id)["access_token"]
        member = ask(client, TOKEN, member_body(), authorization=f"{page},{server.key}")
        token = ask(client, TOKEN, app_body(app)).json()["access_token"]
    everything = set(NEEDED.values())
    return {
        "visitor": (page, {"CONTACTS.SUBMIT"}),
        "member": (member.json()["access_token"], {"CONTACTS.SUBMIT"}),
        "key that reads": (new_key(server.store, "CONTACTS.VIEW"), {"CONTACTS.VIEW"}),
        "key with all permissions": (server.key, everything),
        "app": (token, everything),
    }


CALLERS = ["visitor", "member", "key that reads", "key with all permissions", "app"]


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_every_route_is_open_exactly_to_those_with_its_permission(
    anybody: httpx2.Client, credentials: Json, route: Route, who: str
) -> None:
    credential, permissions = credentials[who]
    path = re.sub(r"\{\w+\}", NOBODY, route.path)
    answer = anybody.request(route.verb, path, headers={"authorization": credential})
    if NEEDED[route.operation] in permissions:
        assert answer.status_code in NOT_DENIED
    else:
        assert answer.status_code == 403
        assert application_error(answer)["data"] == {"permission": NEEDED[route.operation]}


def test_a_token_of_another_site_does_not_act_here(
    server: Server, anybody: httpx2.Client, client: httpx2.Client
) -> None:
    site = told(server.store, "sites", "create", "elsewhere")["siteId"]
    app = told(server.store, "apps", "create", "far", "--site", site)
    token = granted(ask(anybody, TOKEN, app_body(app)), refreshing=False)["access_token"]
    here = created(client, john())
    headers = {"authorization": token}
    assert anybody.get(f"{CONTACTS}/{here['id']}", headers=headers).status_code == 404
    headers["wix-site-id"] = server.site_id
    assert anybody.get(f"{CONTACTS}/{here['id']}", headers=headers).status_code == 403
