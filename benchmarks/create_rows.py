"""What creates write, recorded; and the limit for embedded ones: the same in a bare SQLite loop."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from benchmarks.bodies import body
from benchmarks.load import Timing
from contactory.domain.contact_events import contact_created
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Source
from contactory.domain.identities import DEFAULT_SITE_ID, OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id_at
from contactory.store.contacts import ContactWrite, Entry, insert_contact
from contactory.store.engine import Row, Statement
from contactory.store.queries import Dialect, load, migrations

SITE = RowId(DEFAULT_SITE_ID)


class Written(msgspec.Struct):
    """The statements of one create: those that must all take place, and the others."""

    guarded: Sequence[Statement]
    others: Sequence[Statement]


class Recorder:
    """Takes the place of a transaction: notes what a create writes, and knows words it wrote."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self.asks_while_writing = False
        self.written: list[Written] = []
        self._words: set[str] = set()

    def at_end(self, statements: Iterable[Statement]) -> None:
        """Creates write nothing later."""
        raise ValueError(statements)

    def unspelled(self, site: RowId, words: Iterable[str]) -> list[str]:
        """Those of the words that were not written before."""
        return [word for word in words if word not in self._words]

    def note_spelled(self, site: RowId, words: Iterable[str]) -> None:
        """They are noted when it is asked whether they were written."""

    async def run_guarded(
        self,
        guarded: Sequence[Statement],
        others: Sequence[Statement],
        *,
        ends: bool = False,
        unless: Sequence[Statement] = (),
    ) -> bool:
        """Note the statements."""
        self.written.append(Written(guarded, others))
        return True

    async def rows_of(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Answer which words were written before."""
        return [await self.rows(name, **parameters) for name, parameters in statements]

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """Answer whether a word was written before. Creates ask for nothing else."""
        if query != "knows_spelling":
            raise ValueError(query)
        word = parameters["word"]
        is_known = word in self._words
        self._words.add(word)
        return [(1,)] if is_known else []

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """Creates ask for nothing more."""
        raise ValueError(query)

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """Creates ask for nothing more."""
        raise ValueError(sql)

    async def look_ahead(self, statements: Iterable[Statement]) -> None:
        """Nothing is looked up."""

    async def run(self, query: str, **parameters: Any) -> int:
        """Creates write in no other way."""
        raise ValueError(query)

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """Creates write in no other way."""
        raise ValueError(statements)


def raw_timing(
    path: Path, written: Sequence[Written], per_commit: int, seconds: float = math.inf
) -> Timing:
    """Only the inserts, with values made beforehand, for at most so long.

    A contact takes as long as its commit, which is on the disk before the next begins.
    """
    connection = _empty_store(path)
    prepared = _prepared(written)
    times: list[float] = []
    cpu = time.process_time()
    started = ended = time.perf_counter()
    for start in range(0, len(prepared), per_commit):
        connection.execute("BEGIN IMMEDIATE")
        for rows in prepared[start : start + per_commit]:
            for sql, values in rows:
                connection.execute(sql, values)
        connection.execute("COMMIT")
        now = time.perf_counter()
        times += [now - ended] * min(per_commit, len(prepared) - start)
        ended = now
        if ended - started >= seconds:
            break
    cpu = time.process_time() - cpu
    connection.close()
    timing = Timing.of(ended - started, times)
    timing.cpu_s = cpu
    return timing


def _empty_store(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
    for migration in migrations("sqlite"):
        for statement in migration.statements:
            connection.execute(statement)
    connection.execute("INSERT INTO sites VALUES (?, 'raw', 0)", (SITE,))
    return connection


def _prepared(written: Sequence[Written]) -> list[list[tuple[str, Any]]]:
    queries = load("sqlite")
    return [
        [
            (queries[name].sql, queries[name].values(row))
            for name, row in (*one.guarded, *one.others)
        ]
        for one in written
    ]


def recorded(dialect: Dialect, count: int) -> list[Written]:
    """By contact, the statements with which a create writes it."""
    return asyncio.run(_recorded(Recorder(dialect), count))


async def _recorded(recorder: Recorder, count: int) -> list[Written]:
    for number in range(count):
        await insert_contact(recorder, SITE, _write(number))
    return recorder.written


def _write(number: int) -> ContactWrite:
    read, now = read_info(body(number)), Timestamp.current()
    contact = new_contact(
        read, {}, contact_id=new_id_at(now.ms), source=Source(source_type="ADMIN"), now=now
    )
    return ContactWrite(
        contact=contact,
        emails=[Entry(key, True) for key in read.email_keys],
        phones=[Entry(key, False) for key in read.phone_keys],
        events=[contact_created(contact, OWNER, now)],
    )
