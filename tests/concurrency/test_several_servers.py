"""Racing through HTTP against a server of two processes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import httpx2
import pytest

from tests.concurrency.load import PATH
from tests.concurrency.people import Info, caller, person
from tests.concurrency.stored import half_written, read_stored
from tests.servers import Server, serve
from tests.stores import KINDS, new_store

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with (
        new_store(request.param, tmp_path_factory.mktemp("two")) as store,
        serve(store, "--processes", "2") as started,
    ):
        yield started


async def post_all(server: Server, infos: list[Info], **headers: str) -> list[httpx2.Response]:
    """The answers to creates that are sent at once, each on a connection of its own."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    headers = {"authorization": server.key} | headers
    async with httpx2.AsyncClient(
        base_url=server.url, headers=headers, limits=limits, timeout=60
    ) as client:
        return await asyncio.gather(*(client.post(PATH, json={"info": info}) for info in infos))


@pytest.mark.parametrize("kind", ["email", "phone"])
async def test_of_64_requests_for_one_contact_63_are_refused_and_name_it(
    server: Server, kind: str
) -> None:
    infos = [
        person(at, "racing@example.com") if kind == "email" else caller(at, "6465676359")
        for at in range(64)
    ]
    answers = await post_all(server, infos)
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 63}
    (made,) = [answer.json()["contact"] for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code == 409:
            data = answer.json()["details"]["applicationError"]["data"]
            assert data["duplicateContactId"] == made["id"]
    assert half_written(read_stored(server.store)) == []


async def test_one_idempotency_key_sent_64_times_at_once_makes_one_contact(server: Server) -> None:
    infos = [person(0, "once@example.com")] * 64
    answers = await post_all(server, infos, **{"idempotency-key": "order-1"})
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(read_stored(server.store).holders("once@example.com")) == 1


async def test_hundreds_of_distinct_requests_at_once_are_all_there(server: Server) -> None:
    answers = await post_all(server, [person(at, f"many-{at}@example.com") for at in range(300)])
    assert {answer.status_code for answer in answers} == {200}
    made = {answer.json()["contact"]["id"] for answer in answers}
    assert len(made) == 300
    stored = read_stored(server.store)
    assert made <= stored.contacts.keys()
    assert half_written(stored) == []
