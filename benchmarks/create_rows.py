"""The limit for embedded creates: the same rows in a bare SQLite loop, 32 contacts a commit."""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID

import apsw

from benchmarks.bodies import body
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Source
from contactory.domain.events import contact_created
from contactory.domain.identities import DEFAULT_SITE_ID, OWNER
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.store.queries import load, migrations

_PER_COMMIT = 32
_QUERIES = load("sqlite")


def raw_rate(path: Path, count: int) -> float:
    """Contacts a second: only the inserts, with values made beforehand."""
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
    for migration in migrations("sqlite"):
        for statement in migration.statements:
            connection.execute(statement)
    site = UUID(DEFAULT_SITE_ID).bytes
    connection.execute("INSERT INTO sites VALUES (?, 'raw', 0)", (site,))
    prepared = [_rows(site, number) for number in range(count)]
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


def _rows(site: bytes, number: int) -> list[tuple[str, tuple[object, ...]]]:
    """The rows that one create writes, as statements with values."""
    read = read_info(body(number))
    now = Timestamp.current()
    contact = new_contact(
        read, {}, contact_id=new_id(), source=Source(source_type="ADMIN"), now=now
    )
    contact_id = UUID(contact.id).bytes
    document = contact.to_json().decode()
    event = contact_created(contact.id, document, OWNER, now)
    sql = {name: query.sql for name, query in _QUERIES.items()}
    rows: list[tuple[str, tuple[object, ...]]] = [
        (
            sql["insert_contact"],
            (site, contact_id, 1, now.ms, read.email_keys[0], document),
        )
    ]
    rows += [
        (sql["insert_email"], (site, contact_id, at, key, True))
        for at, key in enumerate(read.email_keys)
    ]
    rows += [
        (sql["insert_phone"], (site, contact_id, at, key, False))
        for at, key in enumerate(read.phone_keys)
    ]
    rows.append(
        (
            sql["insert_event"],
            (
                site,
                UUID(event.id).bytes,
                event.entity_fqdn,
                event.slug,
                event.entity_id,
                1,
                now.ms,
                event.identity,
                event.body,
            ),
        )
    )
    return rows
