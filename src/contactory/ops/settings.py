"""What an operator can choose about the behaviour of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import msgspec

from contactory.domain.contacts import Source
from contactory.domain.extended_fields import MOST_FIELDS
from contactory.domain.identities import IdentityType
from contactory.domain.labels import DEFAULT_LABELS_QUOTA
from contactory.domain.subscriptions import SubscriptionKind

SOURCES: Final = MappingProxyType(
    {
        IdentityType.API_KEY: Source(source_type="ADMIN"),
        IdentityType.USER: Source(source_type="ADMIN"),
        IdentityType.APP: Source(source_type="WIX_APP"),
        IdentityType.MEMBER: Source(source_type="WIX_FORMS"),
        IdentityType.VISITOR: Source(source_type="WIX_FORMS"),
    }
)
"""What a contact's source says of its creator (CONTRACT A.2); an app's id is added."""


RETRY_DELAYS_S: Final = (60, 600, 3600, 7200, 7200, 7200, 14400, 14400, 14400, 28800, 28800, 43200)
"""How long after each failure a webhook is called again (CONTRACT H.3)."""

HANDLER_DELAYS_S: Final = (1, 10, 60, 600, 3600, 7200, 14400, 28800)


class EventSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How events are told and how long they are kept.

    A webhook must answer within `timeout_s`, a handler end within `handler_timeout_s`. After each
    failure a webhook is called again as the next of `webhook_delays_s` says, a handler as
    `handler_delays_s` does; after the last one the event is dead. Whoever received nothing for
    `pause_after` is paused. Receivers at private addresses are called only where `allows_private`.
    A new key signs `key_overlap` after it is made known, and an old one stays known so long after
    that. Events are kept for `retention`, and as long as somebody waits for them.
    """

    timeout_s: float = 1.25
    handler_timeout_s: float = 60
    webhook_delays_s: Sequence[float] = RETRY_DELAYS_S
    handler_delays_s: Sequence[float] = HANDLER_DELAYS_S
    pause_after: timedelta = timedelta(days=3)
    allows_private: bool = False
    retention: timedelta = timedelta(days=30)
    key_overlap: timedelta = timedelta(days=1)

    def delays(self, kind: SubscriptionKind) -> Sequence[float]:
        """The delays in seconds after each failure of such a subscription."""
        is_webhook = kind is SubscriptionKind.WEBHOOK
        return self.webhook_delays_s if is_webhook else self.handler_delays_s


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Choices that hold for a whole store.

    `strict_keys` refuses unknown custom label and field keys instead of making them (CONTRACT E.5).
    `sources` says where contacts made by each kind of caller came from; kinds that it leaves out
    have those of `SOURCES`.
    """

    strict_keys: bool = False
    labels_quota: int = DEFAULT_LABELS_QUOTA
    fields_quota: int = MOST_FIELDS
    sources: Mapping[IdentityType, Source] = SOURCES
    events: EventSettings = EventSettings()
