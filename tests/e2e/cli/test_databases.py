"""`contactory db`, as terminals meet it."""

from __future__ import annotations

import json

import pytest

from tests.citus import is_wanted
from tests.servers import run_command
from tests.stores import StoreUnderTest

FAILED_PRECONDITION = 1


def test_a_database_without_citus_is_not_distributed_and_says_why(
    bare_store: StoreUnderTest,
) -> None:
    if bare_store.kind == "postgres" and is_wanted():
        pytest.skip("NOT TESTED: all databases of a cluster have Citus")
    done = run_command(bare_store, "db", "distribute", "--json")
    told = json.loads(done.stderr)["error"]
    assert done.returncode != 0
    if bare_store.kind == "postgres":
        assert (told["code"], "CREATE EXTENSION citus" in told["message"]) == (
            "FAILED_PRECONDITION",
            True,
        )
    else:
        assert told["code"] == "NOT_FOUND"
        assert "postgresql://" in told["message"]
