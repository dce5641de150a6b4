"""Who is told of events, and what became of each one told (CONTRACT H.3)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from contactory.kit.clock import Timestamp, quick_encode_instant

DEFAULT_LISTED: Final = 100
MOST_LISTED: Final = 1000
"""How many deliveries one answer lists at most."""


class SubscriptionKind(StrEnum):
    """A URL that is called, or a function of the site's own code."""

    WEBHOOK = "webhook"
    HANDLER = "handler"


class DeliveryState(StrEnum):
    """What became of an event: waiting for its next attempt, or its last word."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"
    DROPPED = "DROPPED"


class Subscription(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Somebody who is told of events: the `url` of a webhook, or the `name` of a handler.

    No event types means all of them. `failing_since` is when it began to fail at everything,
    `paused_date` and `pause_reason` are there while it is told nothing; what happens meanwhile
    waits for it.
    """

    id: str
    kind: SubscriptionKind
    url: str | None = None
    name: str | None = None
    app_id: str | None = None
    event_types: Sequence[str]
    created_date: Timestamp
    failing_since: Timestamp | None = None
    paused_date: Timestamp | None = None
    pause_reason: str | None = None

    @property
    def target(self) -> str:
        """What stores know it by: the URL or the name."""
        return self.url or self.name or ""

    def wants(self, event_type: str) -> bool:
        """Whether it is to be told of such events."""
        return not self.event_types or event_type in self.event_types

    def to_json(self) -> str:
        """As answers show it."""
        return msgspec.json.encode(self, enc_hook=quick_encode_instant).decode()


class Delivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What became of one event at one subscription.

    `status` is the HTTP status of the last answer, where there was one; `reason` says why the last
    attempt failed, "" where it did not; `duration_ms` is how long it took.
    """

    event_id: str
    event_type: str
    entity_id: str
    state: DeliveryState
    attempts: int
    next_attempt_date: Timestamp | None = None
    last_attempt_date: Timestamp | None = None
    status: int | None = None
    reason: str = ""
    duration_ms: int = 0


class DeliveryPage(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Deliveries, the newest events first; `next_cursor` is None after the last ones."""

    deliveries: Sequence[Delivery]
    next_cursor: str | None = None


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The public half of a key that an app's webhooks are signed with, from a moment on.

    `public_key` is PEM text; the official SDK takes it as it is.
    """

    id: str
    public_key: str
    created_date: Timestamp
    signs_from: Timestamp
