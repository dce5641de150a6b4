"""How contacts are written over those that are there, or made (CONTRACT B.14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from contactory.domain.contact_reading import ReadInfo, read_info
from contactory.domain.contact_upserting import (
    BulkUpsertResults,
    ItemError,
    ItemMetadata,
    UpsertAction,
    UpsertedContact,
    UpsertResult,
    bulk_results,
)
from contactory.domain.errors import ContactoryError, DuplicateContact, Unavailable
from contactory.domain.problems import Problems
from contactory.ops.contact_appending import upsert_in
from contactory.ops.contact_creating import Draft, draft_of, write_new
from contactory.ops.context import Context
from contactory.store.contacts import Changed, load_contact
from contactory.store.engine import Transaction
from contactory.store.submissions import find_holder

MOST_UPSERTS: Final = 100


async def upsert(context: Context, read: ReadInfo) -> UpsertedContact:
    """Write over the contact that has the e-mail (or the phone, without e-mails), or make one."""
    while True:
        draft = await draft_of(context, read, allow_duplicates=False)
        try:
            return await context.store.write(partial(_upsert, context, read, draft))
        except Changed:
            continue


async def bulk_upsert(context: Context, sent: Any, *, returns_contacts: bool) -> BulkUpsertResults:
    """Upsert each item by itself; one that fails does not keep the others from being written.

    Items with an e-mail or phone in common are written in their order. Raises InvalidArgument where
    there are not 1 to 100 items, and Unavailable.
    """
    items, turns = _read_items(sent), _Turns()
    results = await asyncio.gather(
        *[
            _result(context, turns, at, item, returns_contact=returns_contacts)
            for at, item in enumerate(items)
        ]
    )
    return bulk_results(tuple(results))


async def _upsert(
    context: Context, read: ReadInfo, draft: Draft, tx: Transaction
) -> UpsertedContact:
    phones = () if read.email_keys else read.phone_keys
    found = await find_holder(tx, context.site, email_keys=read.email_keys, phone_keys=phones)
    stored = None if found is None else await load_contact(tx, context.site, found)
    if stored is not None:
        contact = await upsert_in(tx, context, stored, read)
        return UpsertedContact(contact=contact, action=UpsertAction.UPDATED)
    try:
        contact = await write_new(tx, context, draft)
    except DuplicateContact as error:  # Somebody else was faster.
        raise Changed from error
    return UpsertedContact(contact=contact, action=UpsertAction.CREATED)


class _Turns:
    """Lets whoever has a key of somebody before wait until that one is done."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def turn(self, keys: Sequence[str]) -> AsyncIterator[None]:
        """The time between those before and those after, in the order of the calls."""
        done = asyncio.Event()
        before = {self._last[key] for key in keys if key in self._last}
        self._last.update(dict.fromkeys(keys, done))
        try:
            for one in before:
                await one.wait()
            yield
        finally:
            done.set()


async def _result(
    context: Context, turns: _Turns, at: int, item: Any, *, returns_contact: bool
) -> UpsertResult:
    try:
        read = read_info(item, path=f"info[{at}]")
        if read.dropped:
            context.report_ignored(read.dropped)
        async with turns.turn((*read.email_keys, *read.phone_keys)):
            done = await upsert(context, read)
    except Unavailable:
        raise
    except ContactoryError as error:
        failure = ItemError(code=error.code, message=error.message)
        return UpsertResult(
            metadata=ItemMetadata(
                original_index=at, success=False, action=UpsertAction.UNKNOWN, error=failure
            )
        )
    metadata = ItemMetadata(original_index=at, success=True, action=done.action, id=done.contact.id)
    return UpsertResult(metadata=metadata, contact=done.contact if returns_contact else None)


def _read_items(sent: Any) -> Sequence[Any]:
    problems = Problems()
    items: Sequence[Any] = ()
    if sent is None or sent == []:
        problems.add("info", "MIN_SIZE", "has size 0, expected 1 or more", threshold=1)
    elif not isinstance(sent, list | tuple):
        problems.wrong_kind("info", "a list of infos")
    elif len(sent) > MOST_UPSERTS:
        problems.too_large("info", len(sent), MOST_UPSERTS, "MAX_SIZE")
    else:
        items = sent
    problems.check()
    return items
