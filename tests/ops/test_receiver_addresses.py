"""Which addresses are called: those that were looked at, and none inside one's own network."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from contactory.worker.posting import Poster
from tests.raw_receivers import OK, RawReceiver, receiving, sending

pytestmark = pytest.mark.anyio

PUBLIC, OTHER = "8.8.8.8", "2606:4700:4700::1111"


class Names:
    """Says what names resolve to, one answer after the other, the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self.silent: dict[str, threading.Event] = {}

    def getaddrinfo(self, host: str, port: int | None, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(host)
        if host in self.silent:
            self.silent[host].wait(30)
        if host not in self.answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.answers[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port or 0))
            for one in addresses
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """The only resolver that there is."""
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    return names


@pytest.fixture
async def receiver() -> AsyncIterator[RawReceiver]:
    """A receiver that accepts all."""
    async with receiving(sending(OK)) as receiver:
        yield receiver


@pytest.fixture
def connected(receiver: RawReceiver, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were connected to; it is always the receiver that answers."""
    connected: list[str] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()
    connect = loop.create_connection

    async def create_connection(protocol: Any, host: str, port: int, **more: Any) -> Any:
        connected.append(host)
        return await connect(protocol, "127.0.0.1", receiver.port, **more)

    monkeypatch.setattr(loop, "create_connection", create_connection)
    return connected


@asynccontextmanager
async def posting(*, allows_private: bool = False, timeout_s: float = 2) -> AsyncIterator[Poster]:
    poster = Poster(timeout_s=timeout_s, allows_private=allows_private)
    try:
        async with asyncio.timeout(30):
            yield poster
    finally:
        await poster.close()


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("127.0.0.1", "its address 127.0.0.1 is loopback"),
        ("2130706433", "its address 127.0.0.1 is loopback"),
        ("0x7f000001", "its address 127.0.0.1 is loopback"),
        ("0177.0.0.1", "its address 127.0.0.1 is loopback"),
        ("127.1", "its address 127.0.0.1 is loopback"),
        ("0", "its address 0.0.0.0 is unspecified"),
        ("localhost", "is loopback"),
        ("[::1]", "its address ::1 is loopback"),
        ("[::ffff:127.0.0.1]", "is loopback"),
        ("169.254.169.254", "its address 169.254.169.254 is link-local"),
        ("10.0.0.1", "its address 10.0.0.1 is private"),
    ],
)
async def test_the_real_resolver_s_answer_is_what_is_looked_at(
    receiver: RawReceiver, host: str, reason: str
) -> None:
    async with posting() as poster:
        outcome = await poster.post(f"http://{host}:{receiver.port}/", "token")
    assert (outcome.status, outcome.is_delivered) == (None, False)
    assert outcome.reason.endswith(reason)
    assert receiver.connections == 0


async def test_private_addresses_are_called_where_that_is_allowed(receiver: RawReceiver) -> None:
    async with posting(allows_private=True) as poster:
        for host in ("127.0.0.1", "localhost", "2130706433"):
            outcome = await poster.post(f"http://{host}:{receiver.port}/", "token")
            assert outcome.is_delivered


async def test_a_name_is_refused_by_what_it_stands_for(
    receiver: RawReceiver, names: Names, connected: list[str]
) -> None:
    names.answers = {
        "inside.test": [["10.0.0.7"]],
        "mapped.test": [["::ffff:169.254.169.254", "64:ff9b::a00:1"]],
        "scoped.test": [["fe80::1%lo"]],
    }
    async with posting() as poster:
        reasons = [(await poster.post(f"http://{one}/", "token")).reason for one in names.answers]
        missing = await poster.post("http://missing.test/", "token")
    assert reasons == [
        "its address 10.0.0.7 is private",
        "its address ::ffff:169.254.169.254 is link-local",
        "its address fe80::1%lo is link-local",
    ]
    assert missing.reason == "its name cannot be resolved"
    assert (connected, receiver.connections) == ([], 0)


async def test_only_the_allowed_addresses_of_a_name_are_called(
    names: Names, connected: list[str]
) -> None:
    names.answers = {"mixed.test": [["10.0.0.1", "::1", PUBLIC, "127.0.0.1"]]}
    async with posting() as poster:
        assert (await poster.post("http://mixed.test/", "token")).is_delivered
    assert connected == [PUBLIC]


async def test_a_name_that_changes_its_address_gains_nothing(
    receiver: RawReceiver, names: Names, connected: list[str]
) -> None:
    names.answers = {"rebound.test": [[PUBLIC], ["127.0.0.1"]]}
    async with posting() as poster:
        for _ in range(2):  # The second goes over the connection that was looked at.
            assert (await poster.post("http://rebound.test/", "token")).is_delivered
        assert (names.asked, connected) == (["rebound.test"], [PUBLIC])
        assert "host: rebound.test\r\n" in receiver.requests[0]
        for writer in list(receiver.open):
            writer.transport.abort()
        await asyncio.sleep(0.1)
        outcome = await poster.post("http://rebound.test/", "token")
        assert outcome.reason == "its address 127.0.0.1 is loopback"
    assert (len(names.asked), connected, receiver.connections) == (2, [PUBLIC], 1)


async def test_families_take_turns(
    names: Names, receiver: RawReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    async def refuse(_protocol: Any, host: str, _port: int, **_: Any) -> Any:
        tried.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", refuse)
    sixes = [f"2606:4700::{at}" for at in range(1, 9)]
    names.answers = {"many.test": [[*sixes, PUBLIC, "8.8.4.4", "1.1.1.1"]]}
    async with posting() as poster:
        outcome = await poster.post("http://many.test/", "token")
    assert outcome.reason == "refused the connection"
    assert tried == [sixes[0], PUBLIC, sixes[1], "8.8.4.4"]


@pytest.fixture
def black_hole(receiver: RawReceiver) -> Iterator[str]:
    """An address at whose port connections are neither made nor refused: its queue is full."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.2", receiver.port))
        full.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.2", receiver.port))
        yield "127.0.0.2"


async def test_an_address_that_is_silent_leaves_time_for_the_next(
    names: Names, receiver: RawReceiver, black_hole: str
) -> None:
    names.answers = {"two.test": [[black_hole, "127.0.0.1"]], "one.test": [[black_hole]]}
    async with posting(allows_private=True, timeout_s=1) as poster:
        assert (await poster.post(f"http://two.test:{receiver.port}/", "token")).is_delivered
        outcome = await poster.post(f"http://one.test:{receiver.port}/", "token")
    assert outcome.reason == "did not answer within 1 s"


async def test_names_that_nobody_answers_for_take_nothing_from_others(
    names: Names, receiver: RawReceiver
) -> None:
    silent = [f"silent{at}.test" for at in range(10)]
    names.answers = {"good.test": [["127.0.0.1"]]}
    names.silent = {name: threading.Event() for name in silent}
    async with posting(allows_private=True, timeout_s=1) as poster:
        calls = [poster.post(f"http://{name}/", "token") for name in silent for _ in range(5)]
        waiting = asyncio.gather(*calls)
        await asyncio.sleep(0.1)
        outcome = await poster.post(f"http://good.test:{receiver.port}/", "token")
        assert outcome.is_delivered
        async with asyncio.timeout(1):
            await asyncio.to_thread(len, silent)
        assert {one.reason for one in await waiting} == {"did not answer within 1 s"}
        assert sorted(names.asked) == sorted([*silent, "good.test"])
        for event in names.silent.values():
            event.set()
