"""What is recorded of e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterator

from contactory.domain.contact_index import MISSING
from contactory.domain.contact_making import CONSENTING, NOT_SET, NOTHING_RECORDED, EmailStatus
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction


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
    old = await get_email_status(tx, site, email_key)
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
    row = await tx.row("count_contacts_of_email", site_id=site, normalised=email_key)
    for name, change in _changes(old, status):
        total = change * int(row[0] if row else 0)
        if total:
            await tx.run("add_to_count", site_id=site, name=name, slot=0, change=total)


def _changes(old: EmailStatus, new: EmailStatus) -> Iterator[tuple[str, int]]:
    """By the name of a count, how many more each contact is there."""
    for kind in ("subscription", "deliverability"):
        before, after = getattr(old, kind), getattr(new, kind)
        if before != after:
            yield from (
                (f"{kind}:{word}", change)
                for word, change in ((before, -1), (after, 1))
                if word != NOT_SET
            )
