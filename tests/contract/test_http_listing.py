"""`GET /contacts/v4/contacts`: what query strings say of pages (CONTRACT B.5, 1.4)."""

from __future__ import annotations

import httpx2
import pytest

from tests.contract.wire import CONTACTS, created, john


@pytest.mark.parametrize("names", ["cursorPaging.{}", "cursorPaging[{}]"])
def test_a_list_is_walked_by_cursor(client: httpx2.Client, names: str) -> None:
    for _ in range(3):
        created(client, john())
    params: dict[str, str] = {names.format("limit"): "2"}
    first = client.get(CONTACTS, params=params).json()
    cursor = first["pagingMetadata"]["cursors"]["next"]
    second = client.get(CONTACTS, params=params | {names.format("cursor"): cursor}).json()
    assert (len(first["contacts"]), len(second["contacts"])) >= (2, 1)
    whole = client.get(CONTACTS, params={"paging.limit": "4"}).json()["contacts"]
    seen = [*first["contacts"], *second["contacts"]]
    assert seen == whole[: len(seen)]
