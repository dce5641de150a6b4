"""The one table of HTTP calls, noun by noun."""

from __future__ import annotations

from typing import Final

from contactory.wire.bulk_jobs import BULK_ROUTES
from contactory.wire.contacts import CONTACT_ROUTES
from contactory.wire.event_feed import EVENT_ROUTES
from contactory.wire.extended_fields import EXTENDED_FIELD_ROUTES
from contactory.wire.facets import FACET_ROUTES
from contactory.wire.labels import LABEL_ROUTES
from contactory.wire.merges import MERGE_ROUTES
from contactory.wire.searches import SEARCH_ROUTES
from contactory.wire.submitted_contact import SUBMITTED_CONTACT_ROUTES
from contactory.wire.upserts import UPSERT_ROUTES
from contactory.wire.webhooks import SUBSCRIPTION_ROUTES, WEBHOOK_ROUTES

PREFIXES: Final = ("", "/_api")
"""Every route is served under both: the SDK adds the second for a host of one's own (WIRE 1)."""

ROUTES: Final = (
    *CONTACT_ROUTES,
    *SEARCH_ROUTES,
    *FACET_ROUTES,
    *UPSERT_ROUTES,
    *BULK_ROUTES,
    *MERGE_ROUTES,
    *LABEL_ROUTES,
    *EXTENDED_FIELD_ROUTES,
    *SUBMITTED_CONTACT_ROUTES,
    *WEBHOOK_ROUTES,
    *SUBSCRIPTION_ROUTES,
    *EVENT_ROUTES,
)
