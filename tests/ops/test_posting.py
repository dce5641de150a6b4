"""Posts to receivers: what counts as received, and that none can hold the sender up."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contactory import __version__
from contactory.worker.posting import Outcome, Poster
from tests.e2e.sdk.certificates import make_certificates
from tests.raw_receivers import (
    OK,
    Answering,
    RawReceiver,
    flooding,
    hang,
    receiving,
    sending,
)

pytestmark = pytest.mark.anyio

PATIENCE_S = 10.0
SHORT_S = 0.4
SILENT = "did not answer within 0.4 s"
NO_HTTP = "answered something that is no HTTP"
MOST_BUFFERED = 20_000_000


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The loops of the library and of the server."""
    return "asyncio", {"use_uvloop": request.param}


@asynccontextmanager
async def posting(timeout_s: float = PATIENCE_S) -> AsyncIterator[Poster]:
    poster = Poster(timeout_s=timeout_s, allows_private=True)
    try:
        async with asyncio.timeout(30):
            yield poster
    finally:
        await poster.close()


async def outcome_of(answering: Answering, timeout_s: float = PATIENCE_S) -> Outcome:
    """What one call to such a receiver comes to."""
    async with receiving(answering) as receiver, posting(timeout_s) as poster:
        return await poster.post(receiver.url, "token")


def answer(status: int, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status} Told", *headers, "content-length: 0", "", "")
    return "\r\n".join(lines).encode()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_received(status: int) -> None:
    outcome = await outcome_of(sending(answer(status)))
    assert (outcome.status, outcome.reason, outcome.is_delivered) == (status, "", True)
    assert outcome.duration_ms >= 0


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503, 999])
async def test_any_other_status_is_a_failure_that_names_it(status: int) -> None:
    outcome = await outcome_of(sending(answer(status)))
    assert (outcome.status, outcome.reason) == (status, f"answered {status}")
    assert not outcome.is_delivered


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with receiving(sending(OK)) as other, posting() as poster:
        async with receiving(sending(answer(status, f"location: {other.url}"))) as receiver:
            outcome = await poster.post(receiver.url, "token")
        assert outcome.reason == f"answered {status}: redirects are not followed"
        assert (len(receiver.requests), other.connections) == (1, 0)


async def test_the_text_goes_as_it_is_with_few_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with receiving(sending(answer(200, "set-cookie: a=b"))) as receiver, posting() as poster:
        await poster.post(f"http://127.0.0.1:{receiver.port}?a=1", "tökën")
        await poster.post(receiver.url, "token")
    head, _, body = receiver.requests[0].partition("\r\n\r\n")
    assert body == "tökën"
    assert sorted(head.splitlines()) == sorted(
        [
            "POST /?a=1 HTTP/1.1",
            "content-type: text/plain; charset=utf-8",
            f"user-agent: contactory/{__version__}",
            "accept: */*",
            f"host: 127.0.0.1:{receiver.port}",
            "content-length: 7",
        ]
    )
    assert receiver.requests[1].startswith("POST /hook HTTP/1.1")
    assert "cookie" not in receiver.requests[1].lower()


@pytest.mark.parametrize(
    "answering",
    [
        hang,
        sending(*(bytes([one]) for one in OK), pause_s=0.1),
        sending(*[b"HTTP/1.1 102 Wait\r\n\r\n"] * 99, pause_s=0.05),
        sending(*[b"HTTP/1.1 200 OK\r\n"], *[b"a: b\r\n"] * 99, pause_s=0.05),
    ],
    ids=["nothing", "byte by byte", "wait", "header by header"],
)
async def test_the_time_holds_for_the_whole_answer(answering: Answering) -> None:
    outcome = await outcome_of(answering, SHORT_S)
    assert (outcome.status, outcome.reason) == (None, SILENT)


@pytest.mark.parametrize(
    ("answering", "reason"),
    [
        (sending(b"\x00\x16 nonsense\r\n\r\n", is_closing=True), NO_HTTP),
        (sending(answer(101)), NO_HTTP),
        (sending(b"HTTP/1.1 abc OK\r\n\r\n", is_closing=True), NO_HTTP),
        (sending(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", is_closing=True), NO_HTTP),
        (sending(is_closing=True), "broke off"),
        (sending(OK[:20], is_closing=True), "broke off"),
    ],
)
async def test_what_is_no_answer_is_a_failure(answering: Answering, reason: str) -> None:
    outcome = await outcome_of(answering)
    assert (outcome.status, outcome.reason) == (None, reason)


async def test_a_reset_is_a_failure() -> None:
    async def reset(_receiver: RawReceiver, writer: asyncio.StreamWriter) -> None:
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    assert (await outcome_of(reset)).reason == "broke off"


@pytest.mark.parametrize(
    ("head", "chunk", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 10_000, NO_HTTP),
        (b"HTTP/1.1 200 OK\r\na: ", b"b" * 60_000, NO_HTTP),
        (b"", b"x" * 60_000, NO_HTTP),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 60_000, ""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n", b"x" * 60_000, ""),
        (
            b"HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n",
            b"1\r\nx\r\n" * 10_000,
            "answered 500",
        ),
    ],
    ids=["headers", "header", "no lines", "body", "long body", "chunks"],
)
async def test_endless_answers_are_not_read(head: bytes, chunk: bytes, reason: str) -> None:
    sent: list[int] = []
    async with receiving(flooding(head, chunk, sent)) as receiver, posting() as poster:
        outcome = await poster.post(receiver.url, "token")
        assert outcome.reason == reason
        async with asyncio.timeout(10):
            while receiver.open:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert sum(sent) < MOST_BUFFERED


async def test_what_follows_the_status_changes_nothing() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    for rest in (
        sending(head, *[b"1\r\nx\r\n"] * 99, pause_s=0.05),
        sending(head, b"nonsense\r\n"),
    ):
        assert (await outcome_of(rest)).is_delivered
    assert (await outcome_of(sending(head, is_closing=True))).is_delivered


async def test_nobody_there_and_no_such_name() -> None:
    async with posting() as poster:
        outcome = await poster.post(f"http://127.0.0.1:{free_port()}/", "token")
        assert outcome.reason == "refused the connection"
        for name in ("a..b", f"{'a' * 64}.com"):
            outcome = await poster.post(f"http://{name}/", "token")
            assert outcome.reason == "its name cannot be resolved"


@pytest.mark.parametrize("url", ["", "hook", "ftp://127.0.0.1/", "http://ü.test/", "http://a:b/"])
async def test_no_url_raises(url: str) -> None:
    async with posting() as poster:
        outcome = await poster.post(url, "token")
        assert (outcome.status, outcome.is_delivered) == (None, False)


async def test_connections_are_used_again() -> None:
    async with receiving(sending(OK)) as receiver, posting() as poster:

        async def calls() -> None:
            for _ in range(20):
                assert (await poster.post(receiver.url, "token")).is_delivered

        await asyncio.gather(*(calls() for _ in range(8)))
        assert (len(receiver.requests), receiver.connections) == (160, 8)


async def test_a_failure_that_was_an_answer_keeps_the_connection() -> None:
    async with receiving(sending(answer(500))) as receiver, posting() as poster:
        for _ in range(3):
            await poster.post(receiver.url, "token")
        assert (len(receiver.requests), receiver.connections) == (3, 1)


async def test_a_kept_connection_that_breaks_is_replaced_once() -> None:
    async def once(receiver: RawReceiver, writer: asyncio.StreamWriter) -> None:
        is_broken = len(receiver.requests) in {2, 4, 5}
        writer.close() if is_broken else writer.write(OK)

    async with receiving(once) as receiver, posting() as poster:
        reasons = [(await poster.post(receiver.url, str(at))).reason for at in range(4)]
    bodies = [request[-1] for request in receiver.requests]
    assert reasons == ["", "", "broke off", ""]
    assert bodies == ["0", "1", "1", "2", "2", "3"]


async def test_a_new_connection_that_breaks_is_not_replaced() -> None:
    async with receiving(sending(is_closing=True)) as receiver, posting() as poster:
        assert (await poster.post(receiver.url, "token")).reason == "broke off"
        assert (len(receiver.requests), receiver.connections) == (1, 1)


async def test_silence_on_a_kept_connection_is_not_asked_again() -> None:
    async def first(receiver: RawReceiver, writer: asyncio.StreamWriter) -> None:
        await (sending(OK) if len(receiver.requests) == 1 else hang)(receiver, writer)

    async with receiving(first) as receiver, posting(1) as poster:
        reasons = [(await poster.post(receiver.url, "token")).reason for _ in range(2)]
    assert reasons == ["", "did not answer within 1 s"]
    assert len(receiver.requests) == 2


async def test_many_that_hang_take_nothing_from_others() -> None:
    """More calls than there are connections: those that wait for one are not blamed for it."""
    async with receiving(hang) as dead, receiving(sending(OK)) as alive, posting(1) as poster:
        for _ in range(2):
            hanging = [poster.post(dead.url, "token") for _ in range(70)]
            *failed, outcome = await asyncio.gather(*hanging, poster.post(alive.url, "token"))
            assert outcome.is_delivered
            assert {one.reason for one in failed} == {"did not answer within 1 s"}
        assert dead.connections == 140


async def test_cancelled_calls_give_their_connections_back() -> None:
    async with receiving(hang) as dead, receiving(sending(OK)) as alive, posting() as poster:
        for _ in range(2):
            calls = [asyncio.create_task(poster.post(dead.url, "token")) for _ in range(64)]
            await asyncio.sleep(0.2)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
        assert (await poster.post(alive.url, "token")).is_delivered


async def test_closing_leaves_no_connection() -> None:
    async with receiving(sending(OK)) as receiver:
        async with posting() as poster:
            await poster.post(receiver.url, "token")
            assert len(receiver.open) == 1
        async with asyncio.timeout(10):
            while receiver.open:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_certificates_are_checked_for_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_certificates(tmp_path)
    names: list[str | None] = []
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.certificate, files.key)
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    async with receiving(sending(OK), tls=tls) as receiver:
        named, numbered = (
            f"https://{host}:{receiver.port}/" for host in ("localhost", "127.0.0.1")
        )
        async with posting() as poster:
            outcome = await poster.post(named, "token")
            assert outcome.reason == "its TLS certificate is not accepted"
        monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
        async with posting() as poster:
            assert (await poster.post(named, "token")).is_delivered
            outcome = await poster.post(numbered, "token")
            assert outcome.reason == "its TLS certificate is not accepted"
        assert set(names) == {"localhost", None}
        assert len(receiver.requests) == 1


async def test_what_hangs_within_tls_is_told_as_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_certificates(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.certificate, files.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    for answering, reason, timeout_s in (
        (hang, SILENT, SHORT_S),
        (sending(is_closing=True), "broke off", PATIENCE_S),
    ):
        async with receiving(answering, tls=tls) as receiver, posting(timeout_s) as poster:
            outcome = await poster.post(f"https://localhost:{receiver.port}/", "token")
            assert outcome.reason == reason


async def test_what_speaks_no_tls_is_a_failure_and_is_left() -> None:
    left = asyncio.Event()

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400))
        writer.close()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        left.set()
        writer.close()

    silent = "did not answer within 1 s"
    async with posting(1) as poster:
        for serve, reason in ((speak, "cannot agree with it on TLS"), (listen, silent)):
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            assert (await poster.post(url, "token")).reason == reason
            server.close()
        async with asyncio.timeout(10):
            await left.wait()
