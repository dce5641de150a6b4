"""Databases of a Citus cluster, with the tables of a store spread over its workers."""

from __future__ import annotations

import os
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import asyncpg

from contactory.ops.maintenance import distribute
from tests.databases import Databases

GIVEN = "CONTACTORY_TEST_CITUS_URL"
"""The variable that names a database of a Citus coordinator with workers; it is only read."""

WANTED = "CONTACTORY_TEST_ON_CITUS"
"""The variable that, when it is 1, has all tests of PostgreSQL run on that cluster."""

_NODES = """
    SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' ORDER BY groupid <> 0
"""
_COORDINATOR = "SELECT citus_set_coordinator_host($1, $2)"
_WORKER = "SELECT citus_add_node($1, $2)"
_SHARDS = 4

_Node: TypeAlias = tuple[str, int]


def is_wanted() -> bool:
    """Whether tests of PostgreSQL run on a cluster."""
    return os.environ.get(WANTED) == "1"


class CitusDatabases(Databases):
    """Lends stores that are spread over workers, and databases that can be."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes: list[_Node] = []

    def _server_url(self) -> str:
        return os.environ[GIVEN]

    async def _make_store(self) -> str:
        url = await self._make()
        await self._open(url)
        await distribute(url, _SHARDS)
        await self._remember(url)
        return url

    async def _make(self, template: str = "") -> str:
        url = await super()._make(template)
        for node in self._nodes:
            await _run(_at(node, url), "CREATE EXTENSION citus")
        coordinator, *workers = self._nodes
        await _run(url, _COORDINATOR, *coordinator)
        for worker in workers:
            await _run(url, _WORKER, *worker)
        return url

    async def _at_server(self, statement: str) -> None:
        if not self._nodes:
            self._nodes = await _nodes(self._server)
        for node in self._nodes:
            await _run(_at(node, self._server), statement)


async def _nodes(url: str) -> list[_Node]:
    """The coordinator, which must know itself, and the workers."""
    connection = await asyncpg.connect(url)
    try:
        return [(name, port) for name, port in await connection.fetch(_NODES)]
    finally:
        await connection.close()


async def _run(url: str, statement: str, *values: str | int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


def _at(node: _Node, url: str) -> str:
    """The database of the same name on that node."""
    parts: SplitResult = urlsplit(url)
    role = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{role}@{node[0]}:{node[1]}").geturl()
