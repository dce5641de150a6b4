"""`contactory db`, as terminals meet it."""

from __future__ import annotations

import json

from tests.servers import run_command
from tests.stores import StoreUnderTest

FAILED_PRECONDITION = 1


def test_a_database_without_citus_is_not_distributed_and_says_why(store: StoreUnderTest) -> None:
    done = run_command(store, "db", "distribute", "--json")
    told = json.loads(done.stderr)["error"]
    assert done.returncode != 0
    if store.kind == "postgres":
        assert (told["code"], "CREATE EXTENSION citus" in told["message"]) == (
            "FAILED_PRECONDITION",
            True,
        )
    else:
        assert told["code"] == "NOT_FOUND"
        assert "postgresql://" in told["message"]
