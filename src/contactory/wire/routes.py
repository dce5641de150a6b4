"""The one table of HTTP calls, noun by noun."""

from __future__ import annotations

from typing import Final

from contactory.wire.contacts import CONTACT_ROUTES

PREFIXES: Final = ("", "/_api")
"""Every route is served under both: the SDK adds the second for a host of one's own (WIRE 1)."""

ROUTES: Final = (*CONTACT_ROUTES,)
