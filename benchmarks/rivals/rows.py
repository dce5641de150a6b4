"""Contacts as rows: of people, and of their e-mails and phones.

The afternoon's server and Directus have such tables, which are filled straight here.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks.bodies import body

_COLUMNS: Final = {
    "contacts": ("id", "first_name", "last_name", "company"),
    "emails": ("contact_id", "email", "tag"),
    "phones": ("contact_id", "phone", "country_code"),
}
_LAST_ID: Final = "SELECT coalesce(max(id), 0) FROM contacts"

Rows = dict[str, list[tuple[Any, ...]]]


def into_sqlite(path: Path, numbers: Iterable[int]) -> None:
    """In one transaction; nobody else may create meanwhile."""
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        rows = _rows(numbers, connection.execute(_LAST_ID).fetchone()[0])
        for table, columns in _COLUMNS.items():
            marks = ", ".join("?" * len(columns))
            into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            connection.executemany(into, rows[table])


def into_postgres(url: str, numbers: Iterable[int]) -> None:
    """The same, in a database on PostgreSQL."""
    asyncio.run(_into_postgres(url, numbers))


async def _into_postgres(url: str, numbers: Iterable[int]) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            rows = _rows(numbers, await connection.fetchval(_LAST_ID))
            for table, columns in _COLUMNS.items():
                await connection.copy_records_to_table(table, columns=columns, records=rows[table])
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('contacts', 'id'), ({_LAST_ID}))"
            )
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def flat_body(number: int) -> dict[str, Any]:
    """The contact of this number with plain fields, and with lists of e-mails and phones."""
    info = body(number)
    return {
        "first_name": info["name"]["first"],
        "last_name": info["name"]["last"],
        "company": info["company"],
        "emails": info["emails"]["items"],
        "phones": [
            {"phone": one["phone"], "country_code": one["countryCode"]}
            for one in info["phones"]["items"]
        ],
    }


def _rows(numbers: Iterable[int], last_id: int) -> Rows:
    rows: Rows = {table: [] for table in _COLUMNS}
    for contact_id, number in enumerate(numbers, last_id + 1):
        sent = flat_body(number)
        rows["contacts"].append(
            (contact_id, sent["first_name"], sent["last_name"], sent["company"])
        )
        rows["emails"] += [(contact_id, one["email"], one["tag"]) for one in sent["emails"]]
        rows["phones"] += [
            (contact_id, one["phone"], one["country_code"]) for one in sent["phones"]
        ]
    return rows
