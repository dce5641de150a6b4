"""The limit for embedded creates: the same rows in a bare SQLite loop, 32 contacts a commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from benchmarks.bodies import body
from contactory.domain.contact_events import contact_created
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Source
from contactory.domain.identities import DEFAULT_SITE_ID, OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId, new_id_at
from contactory.store.contacts import ContactWrite, Entry, insert_contact
from contactory.store.engine import Row, Statement
from contactory.store.queries import load, migrations

_PER_COMMIT = 32
_QUERIES = load("sqlite")
_SITE = RowId(DEFAULT_SITE_ID)

Prepared = tuple[str, tuple[Any, ...]]
"""A statement with its values."""


class Recorder:
    """Takes the place of a transaction: notes what a create writes, and knows words it wrote."""

    def __init__(self) -> None:
        self.prepared: list[list[Prepared]] = []
        self._words: set[str] = set()

    async def run_all(self, statements: Sequence[Statement]) -> int:
        """Note the statements."""
        self.prepared[-1] += [
            (_QUERIES[name].sql, _QUERIES[name].values(values)) for name, values in statements
        ]
        return len(statements)

    async def row(self, query: str, **parameters: Any) -> Row | None:
        """Answer whether a word was written before."""
        if query != "knows_spelling":
            raise ValueError(query)
        word = parameters["word"]
        is_known = word in self._words
        self._words.add(word)
        return (1,) if is_known else None

    async def rows(self, query: str, **parameters: Any) -> list[Row]:
        """Creates ask for nothing else."""
        raise ValueError(query)

    async def select(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """Creates ask for nothing else."""
        raise ValueError(sql)

    async def run(self, query: str, **parameters: Any) -> int:
        """Note the statement."""
        return await self.run_all([(query, parameters)])


def raw_rate(path: Path, count: int) -> float:
    """Contacts a second: only the inserts, with values made beforehand."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
    for migration in migrations("sqlite"):
        for statement in migration.statements:
            connection.execute(statement)
    connection.execute("INSERT INTO sites VALUES (?, 'raw', 0)", (_SITE,))
    prepared = asyncio.run(_recorded(count))
    started = time.perf_counter()
    for start in range(0, count, _PER_COMMIT):
        connection.execute("BEGIN IMMEDIATE")
        for rows in prepared[start : start + _PER_COMMIT]:
            for sql, values in rows:
                connection.execute(sql, values)
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - started
    connection.close()
    return count / elapsed


async def _recorded(count: int) -> list[list[Prepared]]:
    """By contact, the statements with which a create writes it."""
    recorder = Recorder()
    for number in range(count):
        recorder.prepared.append([])
        await insert_contact(recorder, _SITE, _write(number))
    return recorder.prepared


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
