"""Rows that many contacts share: kept totals, and spellings of words.

Whoever writes several contacts collects their changes here, and writes them once, as the last that
a transaction locks. On PostgreSQL all writers take what they lock in one order, so that they never
wait for each other in a circle:

1. what the transaction is about: a bulk job, a merge that is undone, a label or field that goes;
2. labels and fields that contacts need, and the site where some must be made;
3. the contacts, by id;
4. their e-mails by key, then their phones: of one contact after the other, or of all together
   where keys of several are new;
5. what belongs to one contact, and the visitors who are known by it: a merge has them before 4,
   for the keys that it writes are its contacts' own already;
6. spellings, then totals, by their keys;
7. the idempotency key of a create, which is its alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from contactory.store.engine import Statement

_IN_ORDER: Final = ("insert_spelling", "add_to_count", "add_to_value_count")
_RANKS: Final = {name: rank for rank, name in enumerate(_IN_ORDER)}
_COUNTED: Final = "change"

_Key = tuple[int, tuple[tuple[str, Any], ...]]


class SharedRows:
    """Changes of shared rows that wait for the end of a transaction's work."""

    def __init__(self) -> None:
        self._changes: dict[_Key, int] = {}

    def add(self, statements: Iterable[Statement]) -> None:
        """Add changes to those that wait: those of one row become one."""
        for name, parameters in statements:
            where = tuple([item for item in parameters.items() if item[0] != _COUNTED])
            key = _RANKS[name], where
            self._changes[key] = self._changes.get(key, 0) + parameters.get(_COUNTED, 0)

    def take(self) -> list[Statement]:
        """The statements that write what waits, in the order of all writers; nothing waits then."""
        if not self._changes:
            return []
        changes, self._changes = self._changes, {}
        statements: list[Statement] = []
        emptied: list[Statement] = []
        for (rank, where), change in sorted(changes.items()):
            name, parameters = _IN_ORDER[rank], dict(where)
            if name == "insert_spelling":
                statements.append((name, parameters))
            elif change:
                statements.append((name, parameters | {_COUNTED: change}))
            if name == "add_to_value_count" and change < 0:
                emptied.append(("delete_empty_value_count", parameters))
        return [*statements, *emptied]

    def forget(self) -> None:
        """Let nothing wait."""
        self._changes.clear()
