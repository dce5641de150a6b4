"""The one table of HTTP calls, noun by noun."""

from __future__ import annotations

from typing import Final

from contactory.wire.contacts import CONTACT_ROUTES
from contactory.wire.extended_fields import EXTENDED_FIELD_ROUTES
from contactory.wire.labels import LABEL_ROUTES

PREFIXES: Final = ("", "/_api")
"""Every route is served under both: the SDK adds the second for a host of one's own (WIRE 1)."""

ROUTES: Final = (*CONTACT_ROUTES, *LABEL_ROUTES, *EXTENDED_FIELD_ROUTES)
