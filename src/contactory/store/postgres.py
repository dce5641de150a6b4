"""The store on PostgreSQL, for any number of processes on any number of machines."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

import asyncpg

from contactory.domain.errors import Unavailable
from contactory.store.copying import copy_rows
from contactory.store.engine import Result, Transaction
from contactory.store.postgres_connecting import PATIENCE_S, connected
from contactory.store.postgres_copying import postgres_source
from contactory.store.postgres_distributing import distribute, is_distributed
from contactory.store.postgres_errors import (
    NO_ANSWER,
    is_in_the_way,
    is_lost,
    is_not_as_read,
    translated,
)
from contactory.store.postgres_migrating import is_made, migrate
from contactory.store.postgres_news import PostgresNews
from contactory.store.postgres_statements import Statements
from contactory.store.postgres_transaction import PostgresTransaction
from contactory.store.queries import load, without_locks
from contactory.store.spelled_words import SpelledWords
from contactory.store.sqlite_copying import sqlite_target
from contactory.store.sqlite_files import new_file
from contactory.store.sqlite_tables import copied_tables

_MOST_CONNECTIONS: Final = 16
_SETTINGS: Final = {
    "application_name": "contactory",
    "statement_timeout": "20000",
    "lock_timeout": "20000",
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
}
_MOST_STATEMENTS: Final = 500
_FIRST_PAUSE_S: Final = 0.005
_LONGEST_PAUSE_S: Final = 0.5
_PERSISTS_S: Final = 5.0
_MOST_SURPRISES: Final = 5

_Work = Callable[[Transaction], Awaitable[Result]]


_NOTHING: Final = object()


class _OutcomeUnknown(Exception):
    """The connection broke while the transaction was being committed; what it would answer."""

    def __init__(self, result: Any, events: list[Mapping[str, Any]], backend: int) -> None:
        self.result = result
        self.events = events
        self.backend = backend


class PostgresStore:
    """A pool of connections to one database."""

    def __init__(self, url: str, pool: asyncpg.Pool, spelled: SpelledWords, *, joins: bool) -> None:
        """`joins` is whether one statement may write to several tables."""
        self._url = url
        self._pool = pool
        self._news = PostgresNews(url, pool)
        self._spelled = spelled
        self._joins = joins
        self._queries = load("postgres")
        self._statements = Statements(self._queries)
        self._reading_queries = {name: without_locks(one) for name, one in self._queries.items()}
        self._reading_statements = Statements(self._reading_queries)
        self._closed = False
        self._in_work = 0
        self._releasing: set[asyncio.Future[None]] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    @classmethod
    async def open(cls, url: str) -> PostgresStore:
        """Connect, and bring the schema up to date where needed.

        Raises Unavailable when the database cannot be reached, and StoreDamaged when its tables are
        another program's or a newer version's.
        """
        async with connected(url) as connection:
            await migrate(connection)
            joins = not await is_distributed(connection)
        spelled = SpelledWords()

        async def begin_anew(_: asyncpg.Connection) -> None:
            # Behind a new connection there may be a database that was restored meanwhile.
            spelled.forget()

        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=_MOST_CONNECTIONS,
            reset=_as_it_is,
            statement_cache_size=_MOST_STATEMENTS,
            server_settings=_SETTINGS,
            timeout=PATIENCE_S,
            init=begin_anew,
        )
        return cls(url, await pool, spelled, joins=joins)

    @classmethod
    async def exists(cls, url: str) -> bool:
        """Whether the database has the tables of a store. Raises Unavailable."""
        async with connected(url) as connection:
            return await is_made(connection)

    async def write(self, work: _Work[Result]) -> Result:
        """Run the work in one transaction and commit; again where that is known to be safe."""
        with self._accepted():
            return await self._write(work)

    async def _write(self, work: _Work[Result]) -> Result:
        attempts = _Attempts()
        while True:
            try:
                return await self._write_once(work, joins=self._joins and attempts.joins)
            except _OutcomeUnknown as unknown:
                if await self._was_committed(unknown):
                    return await self._result_of(work, unknown)
            except Exception as error:
                if not (attempts.are_worth_it(error) or await self._is_spread_since(error)):
                    told = translated(error)
                    raise told from told.__cause__
            await attempts.pause()

    async def read(self, work: _Work[Result]) -> Result:
        """Run the work on one snapshot; its first query may see an older one than the others."""
        with self._accepted():
            return await self._read(work)

    async def _read(self, work: _Work[Result]) -> Result:
        attempts = _Attempts()
        while True:
            try:
                return await self._read_once(work)
            except Exception as error:
                if not (attempts.are_worth_it(error) or await self._is_spread_since(error)):
                    told = translated(error)
                    raise told from told.__cause__
            await attempts.pause()

    def watched(self) -> AbstractContextManager[asyncio.Event]:
        """An alarm that is set when events were committed, here or by another process."""
        return self._news.watched()

    async def backup(self, target: Path) -> int:
        """Copy all rows, as they are at one moment, into a SQLite store."""
        with new_file(target) as unfinished:
            async with (
                connected(self._url) as connection,
                postgres_source(self._url, connection) as source,
                sqlite_target(unfinished) as copy,
            ):
                await copy_rows(copied_tables(), source, copy)
        return (await asyncio.to_thread(target.stat)).st_size

    async def check(self) -> list[str]:
        """The checks of the named queries; keys and references PostgreSQL holds itself."""
        problems: list[str] = []
        async with connected(self._url) as connection:
            for name, query in self._queries.items():
                if name.startswith("check_"):
                    problems += [str(row[0]) for row in await connection.fetch(query.sql)]
        return problems

    async def distribute(self, shards: int) -> list[str]:
        """Spread the tables over the machines of a Citus cluster, by site; which were not before.

        Raises FailedPrecondition where the database has no Citus.
        """
        async with connected(self._url) as connection:
            tables = await distribute(connection, shards)
        self._joins = False
        return tables

    async def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
        if self._closed:
            return
        self._closed = True
        await self._is_idle.wait()
        await self._news.close()
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await asyncio.wait_for(self._pool.close(), PATIENCE_S)

    async def _write_once(self, work: _Work[Result], *, joins: bool) -> Result:
        async with self._connection() as connection:
            tx = self._transaction(connection, joins=joins)
            backend = connection.get_server_pid()
            try:
                result = await work(tx)
                await tx.end()
            except BaseException as error:
                if tx.commits_itself and is_lost(error):
                    raise _OutcomeUnknown(_NOTHING, tx.events, backend) from error
                await tx.roll_back()
                raise
            try:
                await tx.commit()
            except Exception as error:
                raise _OutcomeUnknown(result, tx.events, backend) from error
            self._spelled.learn(tx.newly_spelled)
            if tx.events:
                self._news.tell_all()
            return result

    async def _result_of(self, work: _Work[Result], done: _OutcomeUnknown) -> Result:
        """What the work answers that is known to be committed."""
        if done.result is not _NOTHING:
            return cast("Result", done.result)
        async with self._connection() as connection:
            tx = self._transaction(connection, was_committed=True)
            try:
                return await work(tx)
            finally:
                await tx.roll_back()

    async def _is_spread_since(self, error: Exception) -> bool:
        """Whether it failed since somebody has spread the tables: it joins none from then on."""
        if not (self._joins and isinstance(error, asyncpg.FeatureNotSupportedError)):
            return False
        async with connected(self._url) as connection:
            self._joins = not await is_distributed(connection)
        return not self._joins

    def _transaction(self, connection: asyncpg.Connection, **how: bool) -> PostgresTransaction:
        return PostgresTransaction(
            connection, self._queries, self._statements, self._spelled, is_write=True, **how
        )

    async def _read_once(self, work: _Work[Result]) -> Result:
        async with self._connection() as connection:
            tx = PostgresTransaction(
                connection,
                self._reading_queries,
                self._reading_statements,
                self._spelled,
                is_write=False,
                joins=self._joins,
            )
            try:
                return await work(tx)
            finally:
                await tx.roll_back()

    @contextmanager
    def _accepted(self) -> Iterator[None]:
        """Counts what was accepted, so that closing lets it finish. Raises Unavailable."""
        if self._closed:
            raise Unavailable("the store is closed")
        self._in_work += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._in_work -= 1
            if not self._in_work:
                self._is_idle.set()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await (
            self._pool.acquire() if self._pool.get_idle_size() else self._connecting()
        )
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def _connecting(self) -> asyncpg.Connection:
        """A connection that may have to be made: that goes on when nobody waits for it any more."""
        acquiring = asyncio.ensure_future(self._pool.acquire())
        try:
            return await asyncio.shield(acquiring)
        except asyncio.CancelledError:
            acquiring.add_done_callback(self._return)
            raise

    def _return(self, acquired: asyncio.Future[asyncpg.Connection]) -> None:
        if not acquired.cancelled() and acquired.exception() is None:
            releasing = asyncio.ensure_future(self._pool.release(acquired.result()))
            self._releasing.add(releasing)
            releasing.add_done_callback(self._releasing.discard)

    async def _was_committed(self, unknown: _OutcomeUnknown) -> bool:
        """Whether a transaction's events are there, once nobody works at it any more.

        Raises Unavailable where that cannot be found out.
        """
        attempts = _Attempts()
        while unknown.events and not attempts.are_over:
            with suppress(*NO_ANSWER):
                if (found := await self._outcome(unknown)) is not None:
                    return found
            await attempts.pause()
        raise Unavailable("the store broke off: look whether it was written before trying again")

    async def _outcome(self, unknown: _OutcomeUnknown) -> bool | None:
        event = unknown.events[-1]
        async with self._connection() as connection:
            if await connection.fetchval(_IS_AT_WORK, unknown.backend):
                return None
            return bool(await connection.fetchval(_EVENT, event["site_id"], event["id"]))


_IS_AT_WORK: Final = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state <> 'idle'"
_EVENT: Final = "SELECT 1 FROM outbox WHERE site_id = $1 AND id = $2"


class _Attempts:
    """How often to try: with pauses that grow, and by chance, so that those who met part.

    `joins` is whether statements may be joined: not after an error that hides which one failed.
    """

    def __init__(self) -> None:
        self._ends = time.monotonic() + _PERSISTS_S
        self._longest = _FIRST_PAUSE_S
        self._surprises = 0
        self.joins = True

    @property
    def are_over(self) -> bool:
        """Whether it was tried long enough."""
        return time.monotonic() >= self._ends

    def are_worth_it(self, error: Exception) -> bool:
        """Whether to try again after this error."""
        if is_not_as_read(error):
            self.joins = False
            self._surprises += 1
            return self._surprises <= _MOST_SURPRISES
        return not self.are_over and (is_in_the_way(error) or is_lost(error))

    async def pause(self) -> None:
        """Wait until the next attempt."""
        await asyncio.sleep(random.uniform(self._longest / 2, self._longest))  # noqa: S311
        self._longest = min(_LONGEST_PAUSE_S, 2 * self._longest)


async def _as_it_is(_connection: asyncpg.Connection) -> None:
    """A connection goes back to the pool as it is: each transaction is ended by who began it."""
