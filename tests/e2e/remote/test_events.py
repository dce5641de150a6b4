"""Events of a server are listed and followed as those of a store in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

import contactory
from contactory import errors
from contactory.domain.event_types import EVENT_TYPES
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm
from tests.e2e.conftest import StartServer
from tests.e2e.remote.flaky import DROP, answer, flaky
from tests.servers import Server, new_key

pytestmark = pytest.mark.anyio

JOHN = {"name": {"first": "John"}}
DELETED = "wix.contacts.v4.contact_deleted"


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[RemoteCrm]:
    async with contactory.connect(server.url, key=server.key) as crm:
        yield crm


@pytest.fixture
async def embedded(server: Server) -> AsyncIterator[Crm]:
    async with contactory.connect(server.store.url) as crm:
        yield crm


async def test_pages_are_those_of_the_store(remote: RemoteCrm, embedded: Crm) -> None:
    for _ in range(3):
        await remote.contacts.create_contact(JOHN)
    await remote.labels.find_or_create_label("Vip")
    for asked in ({}, {"limit": 2}, {"after": "e1"}, {"after": "latest"}, {"after": None}):
        assert await remote.events.list_events(**asked) == await embedded.events.list_events(
            **asked
        )
    chosen: dict[str, Any] = {"event_types": EVENT_TYPES[:1], "limit": 1}
    page = await remote.events.list_events(**chosen)
    assert page == await embedded.events.list_events(**chosen)
    assert page.has_more
    (event,) = page.events
    assert event.entity == await remote.contacts.get_contact(event.entity_id)


@pytest.mark.parametrize(
    "asked",
    [{"after": "x"}, {"limit": 0}, {"event_types": ["x"]}, {"after": "e7"}, {"limit": "many"}],
    ids=str,
)
async def test_what_is_refused_is_refused_alike(
    remote: RemoteCrm, embedded: Crm, asked: dict[str, Any]
) -> None:
    told = []
    for crm in (remote, embedded):
        with pytest.raises(errors.ContactoryError) as refused:
            await crm.events.list_events(**asked)
        told.append((type(refused.value), str(refused.value)))
    assert told[0] == told[1]


async def test_a_stream_brings_the_same_events(remote: RemoteCrm, embedded: Crm) -> None:
    first = await remote.contacts.create_contact({"name": {"first": "Z\u2028\u0085ë"}})
    async with aclosing(remote.events.follow("earliest")) as events:
        seen = [await anext(events)]
        await embedded.contacts.delete_contact(first.id)
        seen.append(await anext(events))
    assert seen == (await embedded.events.list_events()).events
    async with aclosing(remote.events.follow("earliest", event_types=[DELETED])) as events:
        assert await anext(events) == seen[1]


async def test_following_begins_with_what_happens_next(remote: RemoteCrm, embedded: Crm) -> None:
    await remote.contacts.create_contact(JOHN)
    async with aclosing(remote.events.follow()) as events:
        waiting = asyncio.ensure_future(anext(events))
        while not waiting.done():  # Nobody can tell when the stream has begun.
            made = await embedded.contacts.create_contact(JOHN)
            await asyncio.sleep(0.1)
        assert (await waiting).sequence == 1
    assert made.id


async def test_a_wrong_question_is_refused_at_once_and_a_wrong_cursor_when_asked(
    remote: RemoteCrm,
) -> None:
    with pytest.raises(errors.InvalidArgument):
        remote.events.follow("x")
    with pytest.raises(errors.FailedPrecondition, match="ahead of this feed"):
        await anext(remote.events.follow("e7"))


async def test_who_may_not_is_told(start_server: StartServer) -> None:
    server = start_server()
    key = new_key(server.store, "MANAGE_CONTACTS")
    async with contactory.connect(server.url, key=key) as crm:
        with pytest.raises(errors.PermissionDenied):
            await anext(crm.events.follow())
    async with contactory.connect(server.url, key="ctk_wrong") as crm:
        with pytest.raises(errors.Unauthenticated):
            await anext(crm.events.follow())


async def test_a_server_that_never_answered_is_told_of() -> None:
    async with contactory.connect("http://127.0.0.1:9", key="key") as crm:
        with pytest.raises(errors.Unavailable, match="cannot reach"):
            await anext(crm.events.follow())
    async with flaky(DROP) as server, contactory.connect(server.url, key="key") as crm:
        with pytest.raises(errors.Unavailable, match="did not answer"):
            await anext(crm.events.follow())


@pytest.mark.parametrize("body", ["[]", "<html>"])
async def test_an_answer_that_is_no_stream_is_told_of(body: str) -> None:
    async with (
        flaky(answer(200, body)) as server,
        contactory.connect(server.url, key="key") as crm,
    ):
        with pytest.raises(errors.RemoteError, match="no stream"):
            await anext(crm.events.follow())
