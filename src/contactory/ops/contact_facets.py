"""How the facets of a contact list are shown and counted (CONTRACT B.9, E.6)."""

from __future__ import annotations

from contactory.domain.facets import AskedFacets, FacetsPage, all_facets, counted, facets_page
from contactory.ops.context import Context
from contactory.store.contact_counts import all_group_counts
from contactory.store.engine import Transaction
from contactory.store.labels import list_labels


async def shown_facets(context: Context, asked: AskedFacets) -> FacetsPage:
    """The page of facets that is asked for, all of it from one moment."""

    async def look(tx: Transaction) -> FacetsPage:
        labels = await list_labels(tx, context.site, asked.language)
        facets = all_facets(labels, asked.language)
        first = asked.paging.offset
        page = facets[first : first + asked.paging.limit]
        counts: list[int] | list[None] = [None] * len(page)
        if asked.is_counted:
            groups = await all_group_counts(tx, context.site)
            counts = [counted(facet, groups, asked.filter) for facet in page]
        return facets_page(page, counts, asked, len(facets))

    return await context.store.read(look)
