"""What all tests share: a store of their own, of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import stop_server
from tests.stores import DATABASES, KINDS, StoreUnderTest, new_store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """A new store; the test runs on one of each kind."""
    with new_store(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=KINDS)
def bare_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """A store that was never opened, without any tables."""
    with new_store(request.param, tmp_path, is_bare=True) as made:
        yield made


@pytest.fixture
def another_store(store: StoreUnderTest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """A second store of the same kind."""
    folder = tmp_path / "another"
    folder.mkdir()
    with new_store(store.kind, folder) as made:
        yield made


def pytest_unconfigure() -> None:
    """Leave no server and no database behind."""
    DATABASES.drop_all()
    stop_server()
