"""One server for all tests of the wire, and a client of it that looks at every answer."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx2
import pytest

from tests.servers import Server, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("served") / "contacts.db") as started:
        yield started


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.client(event_hooks={"response": [has_a_request_id]}) as opened:
        yield opened


def has_a_request_id(answer: httpx2.Response) -> None:
    """Whatever is answered carries one id (CONTRACT 1.3)."""
    UUID(answer.headers["x-wix-request-id"])
