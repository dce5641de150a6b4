"""How contacts are searched by words (CONTRACT B.14)."""

from __future__ import annotations

from contactory.domain.contact_query import SentQuery
from contactory.domain.contact_search import SearchedContacts, searched
from contactory.domain.contact_selection import Selection
from contactory.domain.search_reading import Expression, Search
from contactory.domain.spellings import doubtful_words, forgiving
from contactory.ops.contact_queries import found_page
from contactory.ops.context import Context
from contactory.store.beginnings import split_beginnings
from contactory.store.spellings import find_meant


async def search(context: Context, sent: SentQuery, words: Search | None) -> SearchedContacts:
    """The page of contacts that have the words and pass the filter.

    Pages by cursor are not counted: the words may be in most of the list. Raises the errors of
    CONTRACT D.5 and InvalidArgument.
    """
    expression = None if words is None else await _expression(context, words)
    by_cursor = sent.has_cursor
    page = await found_page(context, sent, Selection(words=expression), counted=not by_cursor)
    return searched(page, by_cursor=by_cursor)


async def _expression(context: Context, words: Search) -> Expression:
    expression = words.expression
    if words.is_fuzzy:
        doubtful = doubtful_words(expression)
        meant = await context.store.read(lambda tx: find_meant(tx, context.site, doubtful))
        expression = forgiving(expression, meant)
    return await context.store.read(lambda tx: split_beginnings(tx, context.site, expression))
