"""Forgives one typo: words that are one letter apart, found by leaving letters out.

Two words that are one typo apart share a spelling: the word itself, or one with a letter left
out. So an index of spellings finds all candidates for a word by looking its spellings up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from contactory.domain.search_reading import Alternative, Alternatives, Expression, Term
from contactory.domain.search_words import SearchWords, is_unspaced

SHORTEST: Final = 4
LONGEST: Final = 30
_COLUMNS: Final = ("name", "company")


def spellings(word: str) -> tuple[str, ...]:
    """The folded word, and the word without each one of its letters, each once.

    None for words in which no typo is forgiven: those with numerals, in scripts without blanks,
    and of fewer than 4 or more than 30 letters.
    """
    if not may_be_misspelt(word):
        return ()
    shorter = (word[:at] + word[at + 1 :] for at in range(len(word)))
    return tuple(dict.fromkeys((word, *shorter)))


@lru_cache(maxsize=8192)
def may_be_misspelt(word: str) -> bool:
    """Whether a typo in the folded word is forgiven."""
    is_long_enough = SHORTEST <= len(word) <= LONGEST and not is_unspaced(word)
    return is_long_enough and not any(map(str.isnumeric, word))


def is_one_typo(written: str, meant: str) -> bool:
    """Whether one letter too many, missing, wrong, or swapped with its neighbour tells them apart.

    Equal words have no typo.
    """
    if written == meant or abs(len(written) - len(meant)) > 1:
        return False
    at = 0
    while written[at : at + 1] == meant[at : at + 1]:
        at += 1
    rest, other = written[at:], meant[at:]
    if len(rest) != len(other):
        return rest[1:] == other or rest == other[1:]
    is_swap = rest[:2] == other[1::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or is_swap


def words_to_spell(words: SearchWords) -> tuple[str, ...]:
    """The words of a contact that can be found in spite of a typo: of its name and company."""
    found = dict.fromkeys((*words.name, *words.company))
    return tuple([word for word in found if may_be_misspelt(word)])


def doubtful_words(expression: Expression) -> tuple[str, ...]:
    """The words of an expression that may hold a typo."""
    terms = (term for group in expression.groups for way in group for term in way)
    found = dict.fromkeys(term.word for term in terms if set(_COLUMNS) & set(term.columns))
    return tuple([word for word in found if may_be_misspelt(word)])


def forgiving(expression: Expression, meant: Mapping[str, Sequence[str]]) -> Expression:
    """The expression that also finds the words `meant` by its words, in names and companies.

    Of a group of several words, one at a time is replaced.
    """
    groups = tuple(_forgiving_group(group, meant) for group in expression.groups)
    return Expression(groups, expression.mode)


def _forgiving_group(group: Alternatives, meant: Mapping[str, Sequence[str]]) -> Alternatives:
    ways = list(group)
    for way in group:
        for at, term in enumerate(way):
            for word in meant.get(term.word, ()):
                ways += _replaced(way, at, term, word)
    return tuple(dict.fromkeys(ways))


def _replaced(way: Alternative, at: int, term: Term, word: str) -> list[Alternative]:
    columns = tuple(column for column in term.columns if column in _COLUMNS)
    if not columns:
        return []
    return [(*way[:at], Term(word, False, columns), *way[at + 1 :])]
