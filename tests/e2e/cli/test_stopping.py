"""A server that is told to stop finishes what it accepted."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.e2e.conftest import StartServer
from tests.servers import Server, told

SLOW = """
import asyncio
from contactory import Permissions, web_method

@web_method(Permissions.ANYONE)
async def slow(name: str) -> str:
    await asyncio.sleep(1.5)
    return name
"""
CONTACTS = "/contacts/v4/contacts"


@pytest.mark.parametrize("processes", [1, 2])
def test_a_call_under_way_is_answered_and_no_new_one_is_taken(
    tmp_path: Path, start_server: StartServer, processes: int
) -> None:
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend/patience.py").write_text(SLOW)
    server = start_server(web="backend", processes=processes)

    def call() -> httpx2.Response:
        url = f"{server.url}/web/patience/slow"
        return httpx2.post(url, json={"arguments": ["Ada"]}, timeout=30)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(call)
        await_in_flight(server)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)

        assert answer.result().json() == {"result": "Ada"}
    assert server.process.returncode == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{server.url}/healthz")


def await_in_flight(server: Server) -> None:
    while "contactory_requests_in_flight 2.0" not in httpx2.get(f"{server.url}/metrics").text:
        pass


def test_under_load_every_answered_create_is_kept(server: Server) -> None:
    made: list[str] = []
    started = threading.Event()

    def create_until_it_stops(caller: int) -> None:
        with server.client() as client:
            for at in range(100_000):
                info = {
                    "name": {"first": "A"},
                    "emails": {"items": [{"email": f"{caller}.{at}@example.com"}]},
                }
                try:
                    answer = client.post(CONTACTS, json={"info": info})
                except httpx2.TransportError:
                    return
                assert answer.status_code == 200
                made.append(answer.json()["contact"]["id"])
                if len(made) > 200:
                    started.set()

    with ThreadPoolExecutor(8) as pool:
        callers = [pool.submit(create_until_it_stops, caller) for caller in range(8)]
        assert started.wait(30)
        assert server.stop() == 0
        for caller in callers:
            caller.result()

    assert "Traceback" not in server.written()
    assert told(server.store, "check")["isWhole"]
    assert kept(server, made) == set(made)


def kept(server: Server, ids: list[str]) -> set[str]:
    return {found for (found,) in server.store.rows("SELECT id FROM contacts")} & set(ids)
