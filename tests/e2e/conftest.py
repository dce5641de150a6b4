"""A running server for tests of the whole product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.servers import Server, serve


class StartServer(Protocol):
    """Starts a server with options of `contactory serve`: `web=["a", "b"]`, `processes=2`."""

    def __call__(self, *, store: Path | None = None, **options: Any) -> Server: ...


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers, on one store unless another is named; all are stopped at the end."""
    with ExitStack() as stack:

        def start(*, store: Path | None = None, **options: Any) -> Server:
            flags = [flag for name, value in options.items() for flag in _flags(name, value)]
            return stack.enter_context(serve(store or tmp_path / "contacts.db", *flags))

        yield start


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server on a store of its own, with a key that may do everything."""
    return start_server()


def _flags(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    values = value if isinstance(value, list | tuple) else [value]
    return [part for one in values for part in (flag, str(one))]
