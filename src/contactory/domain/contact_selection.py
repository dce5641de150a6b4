"""Which contacts are meant, and in which order: what queries, bulk calls and facets have alike."""

from __future__ import annotations

import msgspec

from contactory.domain.exact_search import ExactSearch
from contactory.domain.filters import EVERYTHING, Filter
from contactory.domain.search_reading import Expression


class Selection(msgspec.Struct, frozen=True):
    """The contacts that pass the filter and both kinds of search."""

    filter: Filter = EVERYTHING
    exact: ExactSearch | None = None
    words: Expression | None = None
