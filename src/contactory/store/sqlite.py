"""The embedded store: SQLite through apsw, with group commit.

Writes that wait together share one transaction, each in its own savepoint, and are answered after
its commit. Statements run on the event loop's thread, where they cost microseconds; what waits for
the disk or for another process (begin, commit) runs on the one writer thread, so that the loop goes
on meanwhile and the two never contend for the interpreter over single statements.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import apsw

from contactory.domain.errors import StoreDamaged, Unavailable
from contactory.kit.ids import RowId
from contactory.store.engine import UNFINISHED, Result, Row, Statement, Transaction
from contactory.store.queries import Dialect, Query, fingerprint, load, migrations, positional
from contactory.store.shared_rows import SharedRows
from contactory.store.spelled_words import SpelledWords
from contactory.store.sqlite_files import new_file
from contactory.store.sqlite_news import SqliteNews

_MOST_PER_COMMIT: Final = 128
_BUSY_MS: Final = 20_000
_LOCK_PAUSE_S: Final = 0.001
_PAGE_CACHE_KIB: Final = 8_192
_READER_CACHE_KIB: Final = 24_576
"""Lists gain by a larger cache of pages than a writer has, which a larger one makes slower."""
_LOG_PAGES: Final = 4_000
"""The log goes into the file after so many pages (16 MB): what changed often goes there once."""
_IS_UNFINISHED: Final = "SELECT 1 FROM sqlite_schema WHERE name = 'unfinished_copy'"

_Answer = TypeVar("_Answer")
_Work = Callable[[Transaction], Awaitable[Any]]
_Waiting = tuple[_Work, asyncio.Future[Any]]
_Outcome = tuple[Any, Exception | None]


class SqliteTransaction:
    """Runs named queries on one connection; never waits, so its coroutines end at first send."""

    dialect: Dialect = "sqlite"

    asks_while_writing = False

    def __init__(
        self, connection: apsw.Connection, queries: dict[str, Query], spelled: SpelledWords
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._queries = queries
        self._shared = SharedRows()
        self._spelled = spelled
        self.newly_spelled: list[tuple[RowId, str]] = []
        """Words that are spelled out once the group is committed."""

    def _execute(self, name: str, parameters: Mapping[str, Any]) -> apsw.Cursor:
        query = self._queries[name]
        return self._cursor.execute(query.sql, query.values(parameters))

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """All rows of the answer."""
        return self._execute(query, parameters).fetchall()

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """The first row of the answer, or None."""
        found = self._execute(query, parameters).fetchall()
        return found[0] if found else None

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of a statement that was put together from fragments."""
        query = _numbered(sql)
        return self._cursor.execute(query.sql, query.values(parameters)).fetchall()

    async def rows_of(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """The answers of named queries that only read."""
        return [self._execute(name, parameters).fetchall() for name, parameters in statements]

    async def run(self, query: str, **parameters: Any) -> int:
        """How many rows the statement changed."""
        self._execute(query, parameters)
        return self._connection.changes()

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """How many rows the statements changed in all, run in their order."""
        queries, execute = self._queries, self._cursor.execute
        before = self._connection.total_changes()
        for name, parameters in statements:
            query = queries[name]
            execute(query.sql, query.values(parameters))
        return self._connection.total_changes() - before

    def unspelled(self, site: RowId, words: Iterable[str]) -> list[str]:
        """Those of the words that are not known to be spelled out in the store."""
        return self._spelled.unknown(site, words)

    def note_spelled(self, site: RowId, words: Iterable[str]) -> None:
        """Say that these words are spelled out, once this transaction is committed."""
        self.newly_spelled += [(site, word) for word in words]

    def take_spelled(self) -> list[tuple[RowId, str]]:
        """What was noted in the group that ends; nothing is noted then."""
        noted, self.newly_spelled = self.newly_spelled, []
        return noted

    async def look_ahead(self, statements: Iterable[Statement]) -> None:
        """Nothing: queries are answered in this process."""

    def at_end(self, statements: Iterable[Statement]) -> None:
        """Change rows that many contacts share, once the work is done."""
        self._shared.add(statements)

    def end(self) -> None:
        """Write what waits for the end of a work."""
        for name, parameters in self._shared.take():
            self._execute(name, parameters)

    def forget(self) -> None:
        """Let nothing wait: the work ended, or failed."""
        self._shared.forget()

    async def run_guarded(
        self,
        guarded: Sequence[Statement],
        others: Sequence[Statement],
        *,
        ends: bool = False,
        unless: Sequence[Statement] = (),
    ) -> bool:
        """Run inserts that must all take place, then others; False where one did not."""
        # The first by itself: where it takes no place, the others would refer to nothing.
        (name, parameters), rest = guarded[0], guarded[1:]
        if not await self.run(name, **parameters):
            return False
        if rest and await self.run_all(rest) < len(rest):
            return False
        await self.run_all(others)
        return True


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> Query:
    return positional(sql, "sqlite")


class SqliteStore:
    """A store in one file, for any number of processes on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queries = load("sqlite")
        self._writer = _connect(path)
        self._reader = _connect(path, cache_kib=_READER_CACHE_KIB)
        self._spelled = SpelledWords()
        self._write_transaction = SqliteTransaction(self._writer, self._queries, self._spelled)
        self._read_transaction = SqliteTransaction(self._reader, self._queries, self._spelled)
        self._waiting: list[_Waiting] = []
        self._news = SqliteNews(self._reader)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="contactory-writer")
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> SqliteStore:
        """Open the file, making it and bringing its schema up to date where needed.

        Raises StoreDamaged when the file is something else, from a newer version, or made while
        a release was in development, and Unavailable when it cannot be opened.
        """
        return await asyncio.to_thread(cls._open, path)

    @classmethod
    def _open(cls, path: Path) -> SqliteStore:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(path)
            _migrate(connection)
            connection.close()
            return cls(path)
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise StoreDamaged(f"{path} is not a contactory store: {error}") from error
        except (apsw.Error, OSError) as error:
            raise Unavailable(f"cannot open {path}: {error}") from error

    async def write(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run the work in the next group's transaction; answered after the commit."""
        if self._closed:
            raise Unavailable("the store is closed")
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_groups())
        return await answer

    async def read(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Run the work at once on the reading connection."""
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            self._reader.execute("BEGIN")
            try:
                return _finished(work(self._read_transaction))
            finally:
                self._reader.execute("COMMIT")
        except apsw.Error as error:
            told = _translated(error)
            raise told from told.__cause__

    def watched(self) -> AbstractContextManager[asyncio.Event]:
        """An alarm that is set after each commit."""
        return self._news.watched()

    async def backup(self, target: Path) -> int:
        """Copy the store page by page; writers go on meanwhile."""
        return await asyncio.to_thread(self._backup, target)

    async def check(self) -> list[str]:
        """SQLite's own integrity and foreign-key checks, then those of the named queries."""
        return await asyncio.to_thread(self._check)

    async def close(self) -> None:
        """Commit what waits, then close both connections."""
        if self._closed:
            return
        self._closed = True
        while self._committing is not None:
            await self._committing
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()

    async def _commit_groups(self) -> None:
        """Take what waits, run it, commit it, answer it; until nothing waits."""
        group: list[_Waiting] = []
        try:
            while self._waiting:
                await self._gather()
                group = [one for one in self._waiting[:_MOST_PER_COMMIT] if not one[1].done()]
                del self._waiting[:_MOST_PER_COMMIT]
                await self._commit_group(group)
        except BaseException:
            self._abandon(group + self._waiting, Unavailable("the store was stopped"))
            self._waiting.clear()
            raise
        finally:
            self._committing = None

    async def _gather(self) -> None:
        """Let writers that are on their way join, as long as each turn of the loop brings one."""
        seen = 0
        while seen < len(self._waiting) < _MOST_PER_COMMIT:
            seen = len(self._waiting)
            await asyncio.sleep(0)

    async def _commit_group(self, group: list[_Waiting]) -> None:
        try:
            await self._begin()
            outcomes = await self._attempt_all([work for work, _ in group])
            await self._on_thread("COMMIT")
        except Exception as error:
            self._abandon(group, _translated(error) if isinstance(error, apsw.Error) else error)
            return
        finally:
            spelled = self._write_transaction.take_spelled()
        self._spelled.learn(spelled)
        self._news.tell()
        for (_, answer), (result, failure) in zip(group, outcomes, strict=True):
            if answer.done():
                continue
            if failure is None:
                answer.set_result(result)
            else:
                answer.set_exception(failure)

    async def _begin(self) -> None:
        """Take the write lock; only when another process holds it, wait on the writer thread."""
        self._writer.set_busy_timeout(0)
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            self._writer.set_busy_handler(_patience())
            await self._on_thread("BEGIN IMMEDIATE")

    async def _on_thread(self, statement: str) -> None:
        """Run a statement that waits for the disk, or for others, on the writer thread.

        The thread needs the interpreter to begin, and a busy loop would keep it for milliseconds:
        so the loop stands aside for the microseconds until the statement is under way.
        """
        begun = threading.Lock()
        begun.acquire()

        def run() -> None:
            begun.release()
            self._writer.execute(statement)

        running = asyncio.get_running_loop().run_in_executor(self._thread, run)
        begun.acquire()
        await running

    async def _attempt_all(self, group: list[_Work]) -> list[_Outcome]:
        """Run each work. Most succeed or fail before they write, so savepoints come second.

        Only when a work fails after it wrote is the whole group undone and run again, each work in
        a savepoint of its own.
        """
        outcomes: list[_Outcome] = []
        for work in group:
            before = self._writer.total_changes()
            outcomes.append(self._attempt(work))
            if outcomes[-1][1] is not None and self._writer.total_changes() != before:
                self._writer.execute("ROLLBACK")
                self._write_transaction.newly_spelled.clear()
                await self._begin()
                return [self._attempt_in_savepoint(one) for one in group]
        return outcomes

    def _attempt(self, work: _Work) -> _Outcome:
        """The result of one work, or why it failed."""
        spelled = len(self._write_transaction.newly_spelled)
        try:
            result = _finished(work(self._write_transaction))
            self._write_transaction.end()
            return result, None
        except Exception as error:
            del self._write_transaction.newly_spelled[spelled:]
            return None, _translated(error) if isinstance(error, apsw.Error) else error
        finally:
            self._write_transaction.forget()

    def _attempt_in_savepoint(self, work: _Work) -> _Outcome:
        """As `_attempt`; a failed work leaves nothing in the group."""
        self._writer.execute("SAVEPOINT work")
        outcome = self._attempt(work)
        if outcome[1] is not None:
            self._writer.execute("ROLLBACK TO work")
        self._writer.execute("RELEASE work")
        return outcome

    def _abandon(self, group: list[_Waiting], failure: Exception) -> None:
        if self._writer.in_transaction:
            # On the way out, the thread may just be ending the transaction itself.
            with suppress(apsw.SQLError):
                self._writer.execute("ROLLBACK")
        for _, answer in group:
            if not answer.done():
                answer.set_exception(failure)

    def _backup(self, target: Path) -> int:
        # One step over one snapshot: in smaller ones, every commit meanwhile would start it anew.
        with new_file(target) as unfinished:
            source, copy = _connect(self._path), apsw.Connection(str(unfinished))
            try:
                with copy.backup("main", source, "main") as copying:
                    copying.step(-1)
                copy.pragma("journal_mode", "delete")
            finally:
                copy.close()
                source.close()
        return target.stat().st_size

    def _check(self) -> list[str]:
        connection = _connect(self._path)
        try:
            found = [text for (text,) in connection.execute("PRAGMA integrity_check")]
            problems = [] if found == ["ok"] else [f"file: {text}" for text in found]
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                problems.append(f"{table}: row {row} has no {parent}")
            for name, query in self._queries.items():
                if name.startswith("check_"):
                    problems += [str(text) for (text,) in connection.execute(query.sql)]
            return problems
        except apsw.Error as error:
            return [f"file: {error}"]
        finally:
            connection.close()


def _connect(path: Path, *, cache_kib: int = _PAGE_CACHE_KIB) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MS)
    # Without it, SQLite plans many statements anew for each value that is bound to them.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    _log_ahead(connection)
    connection.execute(
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        f"PRAGMA cache_size=-{cache_kib}; PRAGMA temp_store=MEMORY; "
        f"PRAGMA wal_autocheckpoint={_LOG_PAGES}"
    ).fetchall()
    return connection


def _patience() -> Callable[[int], bool]:
    """Waits for a lock, again and again, until it has waited for too long.

    SQLite's own pauses grow up to 100 ms: in them, whoever let the lock go takes it many times.
    """
    give_up = time.monotonic() + _BUSY_MS / 1000

    def wait(_tries: int) -> bool:
        time.sleep(_LOCK_PAUSE_S)
        return time.monotonic() < give_up

    return wait


def _log_ahead(connection: apsw.Connection) -> None:
    """Have the file written through a log (WAL), which it remembers.

    Where several turn a new file to it together, SQLite refuses all but one without any waiting.
    """
    wait = _patience()
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except apsw.BusyError:
            if not wait(0):
                raise


def schema_number(connection: apsw.Connection) -> int:
    """How many migrations made the tables; 0 where there are none.

    Raises StoreDamaged for tables of a newer version, of none, or of an unfinished copy.
    """
    known = migrations("sqlite")
    done = int(connection.pragma("user_version"))
    if done > known[-1].number:
        raise StoreDamaged(
            f"this store is from a newer version (schema {done}): upgrade contactory"
        )
    if done == 0 and connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone():
        raise StoreDamaged("this database belongs to another program: choose another file")
    if done and connection.pragma("application_id") != fingerprint(known[:done]):
        raise StoreDamaged(
            "this store's tables are not those of any release (a version in development made"
            " them): open it with that version, or choose another file"
        )
    if is_unfinished(connection):
        raise StoreDamaged(UNFINISHED)
    return done


def is_unfinished(connection: apsw.Connection) -> bool:
    """Whether a copy into this store was begun and not finished."""
    return bool(connection.execute(_IS_UNFINISHED).fetchall())


def _migrate(connection: apsw.Connection) -> None:
    known = migrations("sqlite")
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = schema_number(connection)
        for migration in known:
            if migration.number > done:
                for statement in migration.statements:
                    connection.execute(statement)
                connection.pragma("user_version", migration.number)
        if done < known[-1].number:
            connection.pragma("application_id", fingerprint(known))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _finished(work: Awaitable[_Answer]) -> _Answer:
    """The result of a coroutine that waits for nothing."""
    coroutine = cast("Coroutine[Any, Any, _Answer]", work)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("_Answer", end.value)
    coroutine.close()
    raise RuntimeError("work in a transaction may wait for its queries only")


def _translated(error: BaseException) -> Exception:
    if isinstance(error, apsw.NotADBError | apsw.CorruptError):
        told: Exception = StoreDamaged("the store is damaged: run `contactory check`")
    elif isinstance(error, apsw.ConstraintError):
        told = RuntimeError(f"constraint broken: {error}")
    elif isinstance(error, apsw.SQLError):
        told = RuntimeError("a statement is broken")
    else:
        told = Unavailable("the store cannot answer now: try again")
    # The index of words quotes what was searched for, which is nobody's to log.
    told.__cause__ = None if str(error).startswith("fts5") else error
    return told
