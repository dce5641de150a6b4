"""Stores of Contactory filled through the library, by its quickest way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

import contactory
from benchmarks.people import FIELDS, person
from contactory.domain.contact_reading import read_info
from contactory.ops.contact_creating import Draft, draft_of, write_new
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context
from contactory.store.engine import Transaction
from contactory.store.opening import is_postgres

_BATCH = 1_000
_CALLERS = 16


async def fill(url: str, infos: Iterable[dict[str, Any]]) -> float:
    """Create contacts in a store; gives the seconds that took, without making them up.

    All that a create does for each of them: in an embedded store many in one transaction, on
    PostgreSQL several at once.
    """
    elapsed, waiting = 0.0, iter(infos)
    async with contactory.connect(url) as crm:
        while batch := list(islice(waiting, _BATCH)):
            started = time.perf_counter()
            await (_create_each if is_postgres(url) else _create_all)(crm.context, batch)
            elapsed += time.perf_counter() - started
    return elapsed


async def fill_with_people(url: str, size: int) -> float:
    """Fill a store with so many people and their custom fields; gives contacts a second."""
    async with contactory.connect(url) as crm:
        for display_name, data_type in FIELDS.items():
            await crm.extended_fields.find_or_create_extended_field(display_name, data_type)
    return size / await fill(url, map(person, range(size)))


async def _create_all(context: Context, infos: Iterable[dict[str, Any]]) -> None:
    made: list[Draft] = [
        await draft_of(context, read_info(info), allow_duplicates=False) for info in infos
    ]

    async def work(tx: Transaction) -> None:
        for draft in made:
            await write_new(tx, context, draft)

    await context.store.write(work)


async def _create_each(context: Context, infos: Iterable[dict[str, Any]]) -> None:
    remaining = iter(infos)

    async def caller() -> None:
        for info in remaining:
            await Contacts(context).create_contact(info)

    await asyncio.gather(*(caller() for _ in range(_CALLERS)))
