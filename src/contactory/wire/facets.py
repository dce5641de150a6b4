"""The calls about facets (CONTRACT B.9)."""

from __future__ import annotations

from typing import Final

from contactory.wire.contacts import QUERY_ERRORS
from contactory.wire.route import Route

_FACETS: Final = "/contacts/v4/contacts/facets"
_FILTER_ERRORS: Final = tuple(code for code in QUERY_ERRORS if code != "UNSUPPORTED_SORT_FIELD")

FACET_ROUTES: Final = (
    Route(
        verb="GET",
        path=_FACETS,
        summary="List facets.",
        about=(
            "The groups of contacts, by label and by status, with the number of contacts in each. "
            "`queryFilter` is the filter of a query that finds them. Empty groups are listed too."
        ),
        operation="contacts.list_facets",
        options=("paging", "language"),
        errors=("ILLEGAL_LIMIT",),
    ),
    Route(
        verb="POST",
        path=f"{_FACETS}/query",
        summary="Query facets.",
        about=(
            "As the list, but only contacts that `filter` matches are counted. It can have the "
            "statuses of e-mails. `queryFilter` is another name of `filter`."
        ),
        operation="contacts.query_facets",
        options=("filter", "queryFilter", "paging", "language", "omitCount"),
        errors=_FILTER_ERRORS,
    ),
)
