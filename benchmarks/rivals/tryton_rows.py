"""Many parties at once, straight into the tables of Tryton's module `party`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import asyncpg

from benchmarks.rivals.rows import flat_body

_CATEGORIES: Final = "SELECT name, id, create_uid FROM party_category"
_MADE: Final = ("id", "create_date", "create_uid")
_COLUMNS: Final = {
    "party_party": (*_MADE, "active", "name", "code", "code_alnum", "code_digit"),
    "party_contact_mechanism": (
        *_MADE,
        "active",
        "party",
        "type",
        "name",
        "value",
        "value_compact",
    ),
    "party_party-party_category": (*_MADE, "party", "category"),
}

Row = tuple[Any, ...]


def into_tryton(url: str, numbers: Iterable[int]) -> None:
    """In one transaction, into the categories that are there; nobody else may create meanwhile."""
    asyncio.run(_into_tryton(url, numbers))


async def _into_tryton(url: str, numbers: Iterable[int]) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            categories = {row["name"]: row for row in await connection.fetch(_CATEGORIES)}
            first = await connection.fetchval("SELECT coalesce(max(id), 0) + 1 FROM party_party")
            rows = _rows(numbers, first, categories)
            for table, columns in _COLUMNS.items():
                await _copy(connection, table, columns, rows[table])
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _copy(connection: Any, table: str, columns: tuple[str, ...], rows: list[Row]) -> None:
    """Rows without an id, which is given here; those that the server makes later follow."""
    last = await connection.fetchval(f'SELECT coalesce(max(id), 0) FROM "{table}"')
    records = [(number, *row) for number, row in enumerate(rows, last + 1)]
    await connection.copy_records_to_table(table, columns=columns, records=records)
    await connection.execute(f"""SELECT setval('"{table}_id_seq"', {last + len(rows)})""")


def _rows(numbers: Iterable[int], first: int, categories: dict[str, Any]) -> dict[str, list[Row]]:
    """Codes have a letter of ours, for the server counts its own from one."""
    rows: dict[str, list[Row]] = {table: [] for table in _COLUMNS}
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for party, number in enumerate(numbers, first):
        contact = flat_body(number)
        category = categories[contact["company"]]
        made = (now, category["create_uid"])
        name = f"{contact['last_name']}, {contact['first_name']}"
        rows["party_party"].append((*made, True, name, f"F{party}", "F", party))
        rows["party_contact_mechanism"] += [(*made, True, party, *one) for one in _ways(contact)]
        rows["party_party-party_category"].append((*made, party, category["id"]))
    return rows


def _ways(contact: dict[str, Any]) -> list[Row]:
    """The e-mails and phones of a contact, phones of North America in Tryton's form."""
    ways: list[Row] = [
        ("email", one["tag"], one["email"], one["email"]) for one in contact["emails"]
    ]
    for one in contact["phones"]:
        phone = one["phone"]
        shown = f"+1 {phone[:3]}-{phone[3:6]}-{phone[6:]}"
        ways.append(("phone", None, shown, f"+1{phone}"))
    return ways
