"""What is known of named queries."""

from __future__ import annotations

import re

from contactory.store.queries import load, without_locks


def test_queries_that_lock_are_known_to_lock() -> None:
    # A lock that is taken outside a transaction is gone at once.
    queries = load("postgres")
    locking = {name for name, query in queries.items() if query.locks}
    written = re.compile(r"\bFOR (NO KEY UPDATE|UPDATE|KEY SHARE)\b")
    assert locking == {name for name, query in queries.items() if written.search(query.sql)}
    assert {"hold_contacts", "hold_label", "hold_site"} <= locking
    assert not any(" FOR " in without_locks(queries[name]).sql for name in locking)
