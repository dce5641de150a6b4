"""What is recorded of e-mail addresses."""

from __future__ import annotations

from contactory.domain.contact_index import MISSING, ContactIndex, contact_index
from contactory.domain.contact_making import CONSENTING, NOTHING_RECORDED, EmailStatus
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.contact_rows import count_changes
from contactory.store.contacts import hold_ids, load_contact
from contactory.store.engine import Transaction
from contactory.store.rows import as_text


async def get_email_status(tx: Transaction, site: RowId, email_key: str) -> EmailStatus:
    """What is recorded of the address."""
    row = await tx.row("get_email_status", site_id=site, normalised=email_key)
    return EmailStatus(*row) if row else NOTHING_RECORDED


async def record_email_status(
    tx: Transaction, site: RowId, email_key: str, status: EmailStatus, now: Timestamp
) -> None:
    """Record what an address said, or what became of mail to it.

    The contacts whose primary e-mail it is are found and counted accordingly from then on.
    """
    rows = await tx.rows("list_contacts_of_email", site_id=site, normalised=email_key)
    owners = [as_text(row[0]) for row in rows]
    await hold_ids(tx, site, owners)
    before = [await _index(tx, site, owner) for owner in owners]
    await tx.run(
        "record_email_status",
        site_id=site,
        normalised=email_key,
        subscription_status=status.subscription,
        deliverability_status=status.deliverability,
        updated_at=now.ms,
    )
    effective = email_key if status.subscription in CONSENTING else MISSING
    await tx.run(
        "update_effective_email", site_id=site, normalised=email_key, effective_email=effective
    )
    for owner, index in zip(owners, before, strict=True):
        after = await _index(tx, site, owner)
        tx.at_end(count_changes(site, RowId(owner), index, after))


async def _index(tx: Transaction, site: RowId, owner: str) -> ContactIndex | None:
    stored = await load_contact(tx, site, owner)
    return None if stored is None else contact_index(stored.contact)
