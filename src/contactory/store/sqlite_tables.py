"""The tables of a store, as the migrations make them."""

from __future__ import annotations

from functools import cache
from typing import Final, cast

import apsw

from contactory.store.copying import Table
from contactory.store.queries import migrations

# In the order in which they were made, those that others refer to come first.
_TABLES: Final = """
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'contact\\_search%' ESCAPE '\\' ORDER BY rowid
"""
_COLUMNS: Final = "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid"
_NUMBERED: Final = "contacts"
_NUMBER: Final = "number"
_NUMBERED_KEY: Final = ("site_id", "id")


@cache
def copied_tables() -> tuple[Table, ...]:
    """All tables that hold what cannot be made again, those that others refer to first.

    The index of words is made again, and so is the number by which it knows a contact.
    """
    connection = apsw.Connection(":memory:")
    try:
        for migration in migrations("sqlite"):
            for statement in migration.statements:
                connection.execute(statement)
        names = [str(name) for (name,) in connection.execute(_TABLES)]
        return tuple([_table(connection, name) for name in names])
    finally:
        connection.close()


def _table(connection: apsw.Connection, name: str) -> Table:
    found = cast("list[tuple[str, str, int]]", connection.execute(_COLUMNS, (name,)).fetchall())
    is_numbered = name == _NUMBERED
    kept = [column for column in found if not (is_numbered and column[0] == _NUMBER)]
    key = sorted((place, column) for column, _, place in found if place)
    return Table(
        name=name,
        columns=tuple([column for column, _, _ in kept]),
        key=_NUMBERED_KEY if is_numbered else tuple([column for _, column in key]),
        text_columns=tuple([column for column, kind, _ in kept if kind.upper() == "TEXT"]),
    )
