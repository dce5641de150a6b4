"""The remote client when the network or the server fails it."""

from __future__ import annotations

import json
import socket
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

import contactory
from contactory import errors
from contactory.remote.crm import RemoteCrm
from tests.e2e.remote.flaky import DROP, answer, flaky

pytestmark = pytest.mark.anyio

ID = "0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60"
CONTACT = json.dumps({"contact": {"id": ID, "revision": 1, "info": {"name": {"first": "A"}}}})
INFO: dict[str, Any] = {"name": {"first": "A"}}
BUSY = answer(
    503,
    json.dumps(
        {
            "message": "busy",
            "details": {
                "applicationError": {
                    "code": "UNAVAILABLE",
                    "description": "busy",
                    "data": {"retryAfterSeconds": 0},
                }
            },
        }
    ),
    "retry-after: 0",
)
RIGHT = answer(200, CONTACT)


def connected(url: str) -> AbstractAsyncContextManager[RemoteCrm]:
    return contactory.connect(url, key="k")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    async with contactory.connect(f"http://127.0.0.1:{port}", key="secret-key") as crm:
        with pytest.raises(errors.Unavailable, match=f"cannot reach http://127.0.0.1:{port}") as e:
            await crm.contacts.create_contact(INFO)

    assert "secret-key" not in str(e.value)


async def test_a_host_that_is_not_there_is_unavailable() -> None:
    async with connected("http://no.such.host.invalid") as crm:
        with pytest.raises(
            errors.Unavailable, match=r"cannot reach http://no\.such\.host\.invalid"
        ):
            await crm.contacts.get_contact(ID)


@pytest.mark.parametrize("failure", [DROP, BUSY], ids=["dropped", "busy"])
async def test_reading_is_tried_again(failure: bytes) -> None:
    async with (
        flaky(failure, failure, RIGHT) as server,
        connected(server.url) as crm,
    ):
        assert (await crm.contacts.get_contact(ID)).info.name.first == "A"

    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", [DROP, BUSY], ids=["dropped", "busy"])
async def test_a_create_with_an_idempotency_key_is_tried_again_as_it_was(failure: bytes) -> None:
    async with flaky(failure, RIGHT) as server, connected(server.url) as crm:
        await crm.contacts.create_contact(INFO, idempotency_key="once")

    first, second = server.requests
    assert first == second
    assert b"idempotency-key: once" in first.lower()


async def test_a_create_without_one_is_never_repeated() -> None:
    async with flaky(DROP, RIGHT) as server, connected(server.url) as crm:
        with pytest.raises(errors.Unavailable, match="may or may not have been done"):
            await crm.contacts.create_contact(INFO)
    assert len(server.requests) == 1

    async with flaky(BUSY, RIGHT) as server, connected(server.url) as crm:
        with pytest.raises(errors.Unavailable, match="busy"):
            await crm.contacts.create_contact(INFO)
    assert len(server.requests) == 1


@pytest.mark.parametrize("failure", [DROP, BUSY], ids=["dropped", "busy"])
async def test_trying_again_ends(failure: bytes) -> None:
    async with flaky(failure) as server, connected(server.url) as crm:
        with pytest.raises(errors.Unavailable):
            await crm.contacts.get_contact(ID)

    assert len(server.requests) == 3


@pytest.mark.parametrize("header", ["retry-after: 3600", "retry-after: soon", "x: y"])
async def test_a_long_wait_is_left_to_the_caller(header: str) -> None:
    async with (
        flaky(answer(503, "{}", header), RIGHT) as server,
        connected(server.url) as crm,
    ):
        with pytest.raises(errors.RemoteError, match="503"):
            await crm.contacts.get_contact(ID)

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        answer(200, "<html>"),
        answer(200, "[]"),
        answer(200, "{}"),
        answer(200, '{"contact": 5}'),
        answer(200, '{"contact": {"id": "x", "revision": "many"}}'),
        answer(200, '{"contact": {"id": "x", "revision": 1, "createdDate": "soon"}}'),
        answer(500, '{"message": "", "details": {}}'),
        answer(404, "<html>"),
        answer(302, "", "location: http://127.0.0.1:9/"),
        answer(400, '{"details": {"applicationError": {"code": "NEW_ONE"}}}'),
        answer(400, '{"details": {"validationError": 5}}'),
        answer(200, "x", "content-encoding: gzip"),
    ],
)
async def test_an_answer_that_is_none_of_ours_is_a_remote_error(wrong: bytes) -> None:
    async with flaky(wrong) as server, connected(server.url) as crm:
        with pytest.raises(errors.RemoteError):
            await crm.contacts.get_contact(ID)


async def test_one_connection_serves_many_calls_below_a_path() -> None:
    async with (
        flaky(RIGHT) as server,
        connected(f"{server.url}/behind/a/proxy/") as crm,
    ):
        for _ in range(3):
            await crm.contacts.get_contact(ID, {"fields": ["a", "b"]})

    assert {request.split(b"\r\n")[0] for request in server.requests} == {
        f"GET /behind/a/proxy/contacts/v4/contacts/{ID}?fields=a&fields=b HTTP/1.1".encode()
    }
