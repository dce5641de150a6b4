"""A server on each kind of store for all tests of the wire, and a client that sees every answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx2
import pytest

from tests.servers import Server, serve
from tests.stores import KINDS, new_store


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _served("sqlite", tmp_path_factory) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with _served("postgres", tmp_path_factory) as started:
        yield started


@pytest.fixture(scope="session", params=KINDS)
def server(request: pytest.FixtureRequest) -> Server:
    """One for each kind of store, which goes on while the other one is asked."""
    started: Server = request.getfixturevalue(f"{request.param}_server")
    return started


@contextmanager
def _served(kind: str, folders: pytest.TempPathFactory) -> Iterator[Server]:
    with new_store(kind, folders.mktemp("served")) as store, serve(store) as started:
        yield started


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.client(event_hooks={"response": [has_a_request_id]}) as opened:
        yield opened


def has_a_request_id(answer: httpx2.Response) -> None:
    """Whatever is answered carries one id (CONTRACT 1.3)."""
    UUID(answer.headers["x-wix-request-id"])
