"""Search expressions in the syntax of each store's index of words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from contactory.domain.search_reading import (
    COLUMNS,
    Alternative,
    Alternatives,
    Expression,
    SearchMode,
    Term,
    match_expression,
)
from contactory.domain.search_words import SearchWords
from contactory.store.queries import Dialect

WEIGHTS: Final = dict(zip(COLUMNS, "ABCD", strict=True))
"""PostgreSQL keeps a weight with each word: ours tell the column that the word stands in."""

_SELECTIVE: Final = 2
"""So many whole words leave few contacts, mostly."""

_SIGNS: Final = {SearchMode.AND: " & ", SearchMode.OR: " | "}


def words_vector(words: SearchWords, tag: str) -> str:
    """The words of a contact as PostgreSQL's `tsvector`, each behind its site's tag."""
    return " ".join(
        f"{_quoted(tag + word)}:{position}{WEIGHTS[column]}"
        for position, column in enumerate(COLUMNS, start=1)
        for word in getattr(words, column)
    )


def words_query(expression: Expression, tag: str) -> str:
    """The expression as PostgreSQL's `tsquery`, for words that begin with the site's tag."""
    groups = [_any_of(group, tag) for group in expression.groups]
    return _SIGNS[expression.mode].join(groups)


def whole_words(expression: Expression) -> Expression | None:
    """What the expression asks for beside beginnings of words, which fewer contacts may have.

    None where it asks for no beginning, or for fewer than two whole words: many may have one.
    """
    terms = [term for group in expression.groups for way in group for term in way]
    if expression.mode is not SearchMode.AND or not any(term.is_prefix for term in terms):
        return None
    groups = [tuple(map(_without_beginnings, group)) for group in expression.groups]
    needed = tuple(group for group in groups if all(group))
    fewest = sum(min(map(len, group)) for group in needed)
    return Expression(needed) if fewest >= _SELECTIVE else None


def _without_beginnings(way: Alternative) -> Alternative:
    return tuple(term for term in way if not term.is_prefix)


def _any_of(group: Alternatives, tag: str) -> str:
    ways = [" & ".join(_term(term, tag) for term in way) for way in group]
    return f"({' | '.join(f'({way})' for way in ways)})"


def _term(term: Term, tag: str) -> str:
    weights = "" if term.columns == COLUMNS else "".join(WEIGHTS[name] for name in term.columns)
    signs = ("*" if term.is_prefix else "") + weights
    return f"{_quoted(tag + term.word)}{f':{signs}' if signs else ''}"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


MATCHED: Final[dict[Dialect, Callable[[Expression, str], str]]] = {
    "sqlite": match_expression,
    "postgres": words_query,
}
"""What turns an expression and a site's tag into what an index of words is asked."""
