"""The limit for creates on PostgreSQL: their inserts, each contact's in one statement."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg

from benchmarks.create_rows import SITE, Written
from benchmarks.databases import postmaster
from benchmarks.load import Timing
from benchmarks.processes import cpu_seconds
from contactory.store.postgres_migrating import migrate
from contactory.store.postgres_statements import Statements
from contactory.store.queries import load

_Prepared = tuple[str, Sequence[Any]]


async def raw_timing(
    url: str, written: Sequence[Written], connections: int, seconds: float = math.inf
) -> Timing:
    """The same rows as creates write, with nothing asked and nothing checked before.

    It ends after so many seconds, if not before. Its processor time is that of this process and
    of the server. The database must be empty. Statements and values are made beforehand.
    """
    opened = [await asyncpg.connect(url) for _ in range(connections)]
    try:
        await migrate(opened[0])
        await opened[0].execute("INSERT INTO sites VALUES ($1, 'raw', 0)", SITE)
        statements = await _prepared(opened[0], written)
        above = await postmaster(url)
        times: list[float] = []
        cpu = time.process_time() + cpu_seconds(above)
        started = time.perf_counter()
        await asyncio.gather(
            *(_insert(one, statements, times, started + seconds) for one in opened)
        )
        timing = Timing.of(time.perf_counter() - started, times)
        timing.cpu_s = time.process_time() + cpu_seconds(above) - cpu
        return timing
    finally:
        for one in opened:
            await one.close()


async def _insert(
    connection: asyncpg.Connection,
    statements: Iterator[_Prepared],
    times: list[float],
    ends: float,
) -> None:
    for sql, values in statements:
        started = time.perf_counter()
        if started >= ends:
            break
        await connection.execute(sql, *values)
        times.append(time.perf_counter() - started)


async def _prepared(
    connection: asyncpg.Connection, written: Sequence[Written]
) -> Iterator[_Prepared]:
    queries = load("postgres")
    joining = Statements(queries)
    for name in {name for one in written for name, _ in (*one.guarded, *one.others)}:
        prepared = await connection.prepare(queries[name].sql)
        joining.types[name] = tuple(kind.name for kind in prepared.get_parameters())
    joined = [
        joining.guarded_inserts(joining.grouped(one.guarded), joining.grouped(one.others))
        for one in written
    ]
    return iter([(one.sql, one.values) for one in joined])
