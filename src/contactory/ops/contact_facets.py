"""How the facets of a contact list are shown and counted (CONTRACT B.9, E.6)."""

from __future__ import annotations

from contactory.domain.facets import AskedFacets, FacetsPage, all_facets, facets_page
from contactory.domain.filters import EVERYTHING
from contactory.ops.context import Context
from contactory.store.engine import Transaction
from contactory.store.facets import filtered_counts, kept_facet_counts
from contactory.store.labels import list_labels


async def shown_facets(context: Context, asked: AskedFacets) -> FacetsPage:
    """The page of facets that is asked for, all of it from one moment."""

    async def look(tx: Transaction) -> FacetsPage:
        labels = await list_labels(tx, context.site, asked.language)
        facets = all_facets(labels, asked.language)
        first = asked.paging.offset
        page = facets[first : first + asked.paging.limit]
        counts: list[int] | list[None]
        if not asked.is_counted:
            counts = [None] * len(page)
        elif asked.filter == EVERYTHING:
            counts = await kept_facet_counts(tx, context.site, page)
        else:
            found = await filtered_counts(tx, context.site, asked.filter)
            counts = [found.of(facet) for facet in page]
        return facets_page(page, counts, asked, len(facets))

    return await context.store.read(look)
