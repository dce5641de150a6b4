"""Subscriptions: who is told of events, how far they are, and who tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.domain.subscriptions import Subscription, SubscriptionKind
from contactory.kit.clock import Timestamp
from contactory.kit.ids import RowId
from contactory.store.engine import Row, Transaction
from contactory.store.rows import as_instant_or_none, as_text, as_text_or_none

LEASE_MS: Final = 5_000
"""How long a worker that is heard of no more keeps others from its subscription."""


class Lease(msgspec.Struct, frozen=True):
    """A subscription that one worker serves, alone."""

    site: RowId
    subscription_id: str
    worker: RowId

    @property
    def key(self) -> dict[str, Any]:
        """Its parameters of a query."""
        return {**_key(self.site, self.subscription_id), "worker": self.worker}


async def insert_subscription(
    tx: Transaction, site: RowId, subscription: Subscription, position: int
) -> bool:
    """Keep it, to be told of what comes after the position; False where it is there already."""
    app = subscription.app_id
    inserted = await tx.run(
        "insert_subscription",
        **_key(site, subscription.id),
        kind=subscription.kind.value,
        target=subscription.target,
        app_id=None if app is None else RowId(app),
        event_types=" ".join(subscription.event_types),
        position=position,
        now=subscription.created_date.ms,
    )
    return bool(inserted)


async def find_subscription(
    tx: Transaction, site: RowId, subscription_id: RowId
) -> Subscription | None:
    """The subscription, None if there is none."""
    row = await tx.row("get_subscription", site_id=site, id=subscription_id)
    return None if row is None else _subscription(row)


async def list_subscriptions(
    tx: Transaction, site: RowId, kind: SubscriptionKind
) -> list[Subscription]:
    """All of a kind, the oldest first."""
    rows = await tx.rows("list_subscriptions", site_id=site, kind=kind.value)
    return [_subscription(row) for row in rows]


async def change_subscription(
    tx: Transaction, site: RowId, subscription_id: RowId, target: str, event_types: Sequence[str]
) -> bool:
    """Tell another target, of other types, from the next attempt on."""
    key = {"site_id": site, "id": subscription_id}
    return bool(
        await tx.run("change_subscription", **key, target=target, event_types=" ".join(event_types))
    )


async def delete_subscription(
    tx: Transaction, site: RowId, subscription_id: RowId, kind: SubscriptionKind
) -> bool:
    """Delete it with its deliveries; False where there is none of that kind."""
    key = {"site_id": site, "id": subscription_id}
    return bool(await tx.run("delete_subscription", **key, kind=kind.value))


async def pause(
    tx: Transaction, site: RowId, subscription_id: RowId, reason: str, now: Timestamp
) -> bool:
    """Tell it nothing for now; False where that is so already."""
    key = {"site_id": site, "id": subscription_id}
    return bool(await tx.run("pause_subscription", **key, reason=reason, now=now.ms))


async def resume(tx: Transaction, site: RowId, subscription_id: RowId) -> None:
    """Tell it again."""
    await tx.run("resume_subscription", site_id=site, id=subscription_id)


async def subscriptions_with_work(
    tx: Transaction, kind: SubscriptionKind, now: Timestamp
) -> list[tuple[RowId, Subscription]]:
    """All that wait for something and are served by nobody, each with its site."""
    rows = await tx.rows("subscriptions_with_work", kind=kind.value, now=now.ms)
    return [(RowId(as_text(row[0])), _subscription(row[1:])) for row in rows]


async def take_lease(tx: Transaction, lease: Lease, now: Timestamp) -> bool:
    """Take or keep it for 5 s; False where another worker has it, or it is paused."""
    until = now.ms + LEASE_MS
    return bool(await tx.run("lease_subscription", **lease.key, until=until, now=now.ms))


async def end_lease(tx: Transaction, lease: Lease) -> None:
    """Let another worker have it at once."""
    await tx.run("end_lease", **lease.key)


async def position_of(tx: Transaction, site: RowId, subscription_id: str) -> int:
    """How far it is."""
    row = await tx.row("get_subscription", **_key(site, subscription_id))
    return row[5] if row else 0


async def advance(
    tx: Transaction,
    lease: Lease,
    *,
    read_position: int,
    position: int,
    failing_since: Timestamp | None,
    now: Timestamp,
) -> bool:
    """Go on to the position, unless it was set back since; False where the lease was lost."""
    advanced = await tx.run(
        "advance_subscription",
        **lease.key,
        read_position=read_position,
        position=position,
        failing_since=None if failing_since is None else failing_since.ms,
        until=now.ms + LEASE_MS,
    )
    return bool(advanced)


async def set_back(tx: Transaction, site: RowId, subscription_id: RowId, position: int) -> None:
    """Tell it again of what comes after the position, where it is further."""
    await tx.run("set_back_subscription", site_id=site, id=subscription_id, position=position)


async def handlers_known(tx: Transaction) -> dict[str, Timestamp]:
    """All handlers of all sites by name, and since when they are known."""
    return {name: Timestamp.from_ms(since) for name, since in await tx.rows("handlers_known")}


async def sites_without_handler(tx: Transaction, name: str) -> list[tuple[RowId, Timestamp]]:
    """The sites that do not know the handler yet, and when they were made."""
    rows = await tx.rows("sites_without_handler", target=name)
    return [(RowId(as_text(site)), Timestamp.from_ms(created)) for site, created in rows]


async def handlers_of_other_types(
    tx: Transaction, name: str, event_types: Sequence[str]
) -> list[tuple[RowId, RowId]]:
    """Site and id of all of the name that are told of other types of events than these."""
    types = " ".join(event_types)
    rows = await tx.rows("handlers_of_other_types", target=name, event_types=types)
    return [(RowId(as_text(site)), RowId(as_text(found))) for site, found in rows]


async def least_needed_position(tx: Transaction, site: RowId, since: Timestamp) -> int | None:
    """Up to where nobody needs events any more; handlers count that were run since then."""
    row = await tx.row("least_needed_position", site_id=site, since=since.ms)
    return row[0] if row else None


def _key(site: RowId, subscription_id: str) -> dict[str, Any]:
    return {"site_id": site, "id": RowId(subscription_id)}


def _subscription(row: Row) -> Subscription:
    found, kind, target, app, types, _, created, failing, paused, reason = row
    is_webhook = kind == SubscriptionKind.WEBHOOK
    return Subscription(
        id=as_text(found),
        kind=SubscriptionKind(kind),
        url=target if is_webhook else None,
        name=None if is_webhook else target,
        app_id=as_text_or_none(app),
        event_types=tuple(types.split()),
        created_date=Timestamp.from_ms(created),
        failing_since=as_instant_or_none(failing),
        paused_date=as_instant_or_none(paused),
        pause_reason=reason,
    )
