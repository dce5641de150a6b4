"""Beginnings of words, split by their next letter: a full-text index then sorts far less.

FTS5 puts the contacts of all words with a beginning in order before the first one is read. A word
that many have, as one that begins thousands of e-mail addresses too, costs half where it stands by
itself. Beginnings that the index keeps are read in order anyway.
"""

from __future__ import annotations

from typing import Final

from contactory.domain.search_reading import Alternatives, Expression, Term
from contactory.kit.ids import RowId
from contactory.store.contact_rows import site_tag
from contactory.store.engine import Transaction

_KEPT: Final = 3
"""Letters of the longest beginnings that the index of words keeps (the first migration)."""

_MOST_LETTERS: Final = 40
_FIRST: Final = "\x01"
_LAST: Final = "\U0010ffff"
"""Before and after all letters of words."""


async def split_beginnings(tx: Transaction, site: RowId, expression: Expression) -> Expression:
    """An expression that finds the same contacts; on PostgreSQL, the expression itself."""
    if tx.dialect == "postgres":
        return expression
    groups = [await _split_group(tx, site, group) for group in expression.groups]
    return Expression(tuple(groups), expression.mode)


async def _split_group(tx: Transaction, site: RowId, group: Alternatives) -> Alternatives:
    ways: list[tuple[Term, ...]] = []
    for way in group:
        if len(way) == 1 and way[0].is_prefix and len(way[0].word) > _KEPT:
            ways += await _split(tx, site, way[0])
        else:
            ways.append(way)
    return tuple(ways)


async def _split(tx: Transaction, site: RowId, term: Term) -> list[tuple[Term]]:
    """The word by itself, and a beginning for each letter that follows it; of many, as it was."""
    letters = await _next_letters(tx, f"{site_tag(site)}{term.word}")
    if len(letters) > _MOST_LETTERS:
        return [(term,)]
    word = Term(term.word, is_prefix=False, columns=term.columns)
    longer = [Term(f"{term.word}{letter}", True, term.columns) for letter in letters]
    return [(word,), *((one,) for one in longer)]


async def _next_letters(tx: Transaction, beginning: str) -> list[str]:
    letters: list[str] = []
    after = f"{beginning}{_FIRST}"
    while len(letters) <= _MOST_LETTERS:
        found = await tx.row("find_search_word", first=after, end=f"{beginning}{_LAST}")
        if found is None:
            break
        letters.append(found[0][len(beginning)])
        after = f"{beginning}{letters[-1]}{_LAST}"
    return letters
