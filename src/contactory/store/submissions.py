"""Whose contact submitted data belongs to: by e-mail, by phone, by the visitor's session."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction
from contactory.store.rows import as_text


async def find_holder(
    tx: Transaction, site: RowId, *, email_keys: Sequence[str], phone_keys: Sequence[str]
) -> str | None:
    """The id of the oldest contact that has the first known e-mail, or else phone, of those given.

    All entries count, also those that several contacts have.
    """
    for query, keys in (("find_email_holder", email_keys), ("find_phone_holder", phone_keys)):
        for key in keys:
            if row := await tx.row(query, site_id=site, normalised=key):
                return as_text(row[0])
    return None


async def contact_of_visitor(tx: Transaction, site: RowId, visitor_id: str) -> str | None:
    """The id of the contact that the visitor's session is attached to."""
    row = await tx.row("get_visitor_contact", site_id=site, visitor_id=visitor_id)
    return as_text(row[0]) if row else None


async def attach_visitor(
    tx: Transaction, site: RowId, visitor_id: str, contact_id: str, now: Timestamp
) -> None:
    """Attach the visitor's session to the contact, whichever it was attached to before."""
    await tx.run(
        "insert_visitor",
        site_id=site,
        visitor_id=visitor_id,
        contact_id=RowId(contact_id),
        now=now.ms,
    )
