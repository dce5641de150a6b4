"""CORS, limits on bodies and calls, health, metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.contract.conftest import has_a_request_id
from tests.contract.wire import CONTACTS, NOBODY, application_error, create, john, violations
from tests.servers import Server, new_key, serve, told

PAGE = "https://shop.example.com"
SDK_HEADERS = (
    "authorization,content-type,wix-account-id,wix-site-id,x-wix-bi-gateway,x-wix-consistent"
)
EXPOSED = {
    *("x-wix-request-id", "x-wix-consistent", "contactory-ignored", "retry-after"),
    *("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"),
}
CALLS_A_MINUTE = 5
MOST_BYTES = 20_000


def preflight(client: httpx2.Client, path: str, origin: str, verb: str = "POST") -> httpx2.Response:
    return client.options(
        path,
        headers={
            "origin": origin,
            "access-control-request-method": verb,
            "access-control-request-headers": f"{SDK_HEADERS},idempotency-key",
        },
    )


@pytest.mark.parametrize("path", [CONTACTS, "/_api" + CONTACTS, "/oauth2/token", "/oauth/access"])
def test_a_preflight_allows_all_that_the_sdk_sends(client: httpx2.Client, path: str) -> None:
    answer = preflight(client, path, PAGE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] in {"*", PAGE}
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower().replace(" ", "").split(",")
    assert {*SDK_HEADERS.split(","), "idempotency-key"} <= set(allowed)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("verb", ["GET", "POST", "PATCH", "DELETE"])
def test_a_preflight_allows_every_verb_of_the_contract(client: httpx2.Client, verb: str) -> None:
    assert preflight(client, f"{CONTACTS}/{NOBODY}", PAGE, verb).status_code == 200


def test_answers_and_errors_expose_their_headers_to_pages(client: httpx2.Client) -> None:
    for info, status in ((john(), 200), ({"company": "X"}, 400)):
        answer = create(client, info, headers={"origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].lower().replace(" ", "")
        assert set(exposed.split(",")) >= EXPOSED


def test_a_preflight_for_a_header_that_we_do_not_take_is_refused(client: httpx2.Client) -> None:
    headers = {
        "origin": PAGE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-other",
    }
    assert client.options(CONTACTS, headers=headers).status_code == 400


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a short way to every limit, for pages of one other origin."""
    options = ("--rate-limit", CALLS_A_MINUTE, "--max-body", MOST_BYTES, "--cors-origin", PAGE)
    store = tmp_path_factory.mktemp("limited") / "contacts.db"
    with serve(store, *map(str, options)) as started:
        yield started


@pytest.fixture
def newcomer(limited: Server) -> Iterator[httpx2.Client]:
    """A caller who has made no call yet."""
    hooks = {"response": [has_a_request_id]}
    with limited.client(new_key(limited.store), event_hooks=hooks) as opened:
        yield opened


def test_only_pages_of_the_origins_named_may_read_answers(newcomer: httpx2.Client) -> None:
    assert preflight(newcomer, CONTACTS, PAGE).headers["access-control-allow-origin"] == PAGE
    assert preflight(newcomer, CONTACTS, "https://evil.example").status_code == 400
    answer = create(newcomer, john(), headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    answer = create(newcomer, john(), headers={"origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "origin" in answer.headers["vary"].lower()


def test_calls_beyond_the_limit_are_429_and_say_when_to_come_back(
    limited: Server, newcomer: httpx2.Client
) -> None:
    statuses = [create(newcomer, john()).status_code for _ in range(CALLS_A_MINUTE)]
    assert statuses == [200] * CALLS_A_MINUTE
    answer = create(newcomer, john())
    assert answer.status_code == 429
    assert answer.json()["message"] == "Too many requests"
    error = application_error(answer)
    assert error["code"] == "RESOURCE_EXHAUSTED"
    wait_s = int(answer.headers["retry-after"])
    assert 1 <= wait_s <= 60
    assert error["data"]["retryAfterSeconds"] == wait_s
    assert answer.headers["ratelimit-limit"] == str(CALLS_A_MINUTE)
    assert answer.headers["ratelimit-remaining"] == "0"
    assert 1 <= int(answer.headers["ratelimit-reset"]) <= 60
    with limited.client(new_key(limited.store)) as other:
        assert create(other, john()).status_code == 200, "another caller has calls of their own"


def test_guesses_of_credentials_are_limited_too(limited: Server) -> None:
    client_id = told(limited.store, "clients", "create", "page")["clientId"]
    body = {"clientId": client_id, "grantType": "anonymous"}
    statuses = [
        httpx2.post(f"{limited.url}/oauth2/token", json=body).status_code
        for _ in range(CALLS_A_MINUTE + 1)
    ]
    assert statuses == [200] * CALLS_A_MINUTE + [429]


def test_health_is_never_limited(limited: Server) -> None:
    for _ in range(CALLS_A_MINUTE + 2):
        assert httpx2.get(f"{limited.url}/healthz").status_code == 200


def too_large(size: int) -> bytes:
    """A body of this size that would otherwise be taken."""
    body = json.dumps({"info": john(), "padding": ""})
    return body.replace('"padding": ""', f'"padding": "{"x" * (size - len(body))}"').encode()


def test_a_body_as_large_as_the_limit_is_read(newcomer: httpx2.Client) -> None:
    body = too_large(MOST_BYTES)
    assert len(body) == MOST_BYTES
    assert newcomer.post(CONTACTS, content=body).status_code == 200


@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_larger_body_is_413_and_nothing_is_stored(newcomer: httpx2.Client, chunked: bool) -> None:
    body = too_large(MOST_BYTES + 1)
    content = (body[at : at + 1000] for at in range(0, len(body), 1000)) if chunked else body
    answer = newcomer.post(CONTACTS, content=content)
    assert answer.status_code == 413
    error = application_error(answer)
    assert error["code"] == "REQUEST_TOO_LARGE"
    assert str(MOST_BYTES) in error["description"]
    email = json.loads(body)["info"]["emails"]["items"][0]["email"]
    assert create(newcomer, john(email)).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_answers_without_credentials(server: Server, path: str) -> None:
    answer = httpx2.get(server.url + path)
    assert answer.status_code == 200
    has_a_request_id(answer)
    assert answer.json()["status"] in {"ok", "ready"}


def test_metrics_count_requests_by_operation_and_status(client: httpx2.Client) -> None:
    def count(line: str) -> float:
        found = [row for row in client.get("/metrics").text.splitlines() if row.startswith(line)]
        return float(found[0].rsplit(" ", 1)[1]) if found else 0

    refused = 'contactory_requests_total{operation="contacts.create_contact",status="400"}'
    before = count(refused)
    assert violations(create(client, {"company": 7}))
    assert count(refused) == before + 1
    assert client.get("/metrics").headers["content-type"].startswith("text/plain")


def test_metrics_do_not_grow_with_paths(client: httpx2.Client) -> None:
    for at in range(20):
        client.get(f"/made-up-{at}")
        client.get(f"{CONTACTS}/made-up-{at}")
    assert "made-up" not in client.get("/metrics").text


def test_metrics_can_be_switched_off(tmp_path: Path) -> None:
    with serve(tmp_path / "contacts.db", "--no-metrics") as quiet:
        assert httpx2.get(f"{quiet.url}/metrics").status_code == 404
        assert httpx2.get(f"{quiet.url}/healthz").status_code == 200
