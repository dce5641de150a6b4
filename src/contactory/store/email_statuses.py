"""What is recorded of e-mail addresses."""

from __future__ import annotations

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus
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
    """Record what an address said, or what became of mail to it."""
    await tx.run(
        "record_email_status",
        site_id=site,
        normalised=email_key,
        subscription_status=status.subscription,
        deliverability_status=status.deliverability,
        updated_at=now.ms,
    )
