"""Reads what is searched for: by words, in any letter case, the last of them as a beginning.

The words become alternatives that a full-text index can answer, each term with its columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from contactory.domain.problems import Problems
from contactory.domain.search_words import (
    APOSTROPHES,
    LONGEST_WORD,
    folded_words,
    is_unspaced,
    other_spellings,
    phone_digits,
)

COLUMNS: Final = ("name", "email", "phone", "company")
LONGEST_EXPRESSION: Final = 100
_MOST_FIELDS: Final = 20
_KNOWN: Final = frozenset({"mode", "expression", "fields", "fuzzy"})
COLUMN_OF: Final = {
    "info.name.first": "name",
    "info.name.last": "name",
    "info.emails.email": "email",
    "info.phones.phone": "phone",
    "info.phones.e164Phone": "phone",
    "info.phones.formattedPhone": "phone",
    "info.company": "company",
}
"""The fields that can be searched, each with its column of the index."""
# Digits as people group them, +44 (0)20 7946-0958 or 01.23/45, or anything else without blanks.
_PART: Final = re.compile(
    r"(?P<phone>[+(]*[0-9](?:[0-9()+\-\u2010-\u2015./ ]*[0-9)])?(?!\S))|(?P<word>\S+)"
)
_DIGITS: Final = re.compile("[0-9]+")
# What North America and Australia dial before a calling code; 00 and + go with leading zeros.
_ABROAD: Final = re.compile(r"0{1,2}11(?![0-9]{0,4}$)")


class SearchMode(StrEnum):
    """Whether all words must be found, or any."""

    AND = "AND"
    OR = "OR"


class Term(msgspec.Struct, frozen=True):
    """A folded word, or the beginning of one, and the columns in which it counts."""

    word: str
    is_prefix: bool
    columns: tuple[str, ...] = COLUMNS


Alternative = tuple[Term, ...]
"""Terms that must all be found."""

Alternatives = tuple[Alternative, ...]
"""Ways in which one part of an expression may be found; one is enough."""


class Expression(msgspec.Struct, frozen=True):
    """What must be found: all groups, or any of them; one without groups finds nothing."""

    groups: tuple[Alternatives, ...]
    mode: SearchMode = SearchMode.AND


class Search(msgspec.Struct, frozen=True):
    """What to find, and whether words with one typo count."""

    expression: Expression
    is_fuzzy: bool = False


def read_search(
    sent: Any, *, path: str = "search.search", noted: Problems | None = None
) -> Search | None:
    """The search that `{mode, expression, fields, fuzzy}` asks for (CONTRACT B.14).

    A string alone is the expression. None means that nothing restricts the search. `mode` is AND
    unless OR is said. Raises InvalidArgument, also for what `noted` holds already.
    """
    problems = noted or Problems()
    if isinstance(sent, str):
        sent, expression_path = {"expression": sent}, path
    else:
        expression_path = f"{path}.expression"
    dropped = len(problems.dropped)
    asked = problems.mapping(sent, path, _KNOWN)
    for name in problems.dropped[dropped:]:
        problems.add(name, "FIELD_NOT_ALLOWED", f"is not one of {', '.join(sorted(_KNOWN))}")
    text = problems.text(asked.get("expression"), expression_path, LONGEST_EXPRESSION)
    mode = problems.word(asked.get("mode"), f"{path}.mode", tuple(SearchMode))
    columns = _columns(asked.get("fields"), f"{path}.fields", problems)
    is_fuzzy = problems.flag(asked.get("fuzzy"), f"{path}.fuzzy") or False
    problems.check()
    expression = read_expression(text or "", SearchMode(mode), columns)
    return None if expression is None else Search(expression, is_fuzzy)


def read_expression(
    text: str, mode: SearchMode = SearchMode.AND, columns: tuple[str, ...] = COLUMNS
) -> Expression | None:
    """The groups of a text; None when it is blank.

    The last word counts as the beginning of one. Digits with the punctuation of phones are one
    phone, or else separate words. What punctuation joins is looked for apart and as one word.
    """
    if not text or text.isspace():
        return None
    plain = "".join(map(_plain_sign, unicodedata.normalize("NFKC", text.translate(APOSTROPHES))))
    parts = [found for found in _PART.finditer(plain) if folded_words(found[0])]
    groups = []
    for at, found in enumerate(parts):
        is_last = at == len(parts) - 1
        read = _phone_group if found.lastgroup == "phone" else _word_group
        groups.append(read(found[0], columns, is_last=is_last))
    return Expression(tuple(groups), mode)


def match_expression(expression: Expression, site_prefix: str) -> str:
    """The expression in the syntax of SQLite's FTS5, for words that begin with the site's prefix.

    Prefixes of sites must not begin each other: let all have one length, or end with a sign that
    no word holds.
    """
    groups = [_any_of(group, site_prefix) for group in expression.groups]
    return f" {expression.mode} ".join(groups) or '""'


def _any_of(group: Alternatives, site_prefix: str) -> str:
    ways = [" AND ".join(_match_term(term, site_prefix) for term in way) for way in group]
    return f"({' OR '.join(f'({way})' for way in ways)})"


def _match_term(term: Term, site_prefix: str) -> str:
    word = f"{site_prefix}{term.word}".replace('"', '""')
    columns = "" if term.columns == COLUMNS else f"{{{' '.join(term.columns)}}} : "
    return f'{columns}"{word}"{" *" if term.is_prefix else ""}'


def _phone_group(text: str, columns: tuple[str, ...], *, is_last: bool) -> Alternatives:
    ways = [_terms(_DIGITS.findall(text), columns, is_last=is_last)]
    digits = phone_digits(text)
    numbers = [digits]
    numbers += [digits.removeprefix("11").lstrip("0")] if _ABROAD.match(text) else []
    if "phone" in columns:
        ways += [(Term(number, is_last, ("phone",)),) for number in numbers if number]
    return tuple(dict.fromkeys(ways))


def _word_group(text: str, columns: tuple[str, ...], *, is_last: bool) -> Alternatives:
    ways: list[Alternative] = []
    for spelling in other_spellings(text):
        words = folded_words(spelling)
        ways.append(_terms(words, columns, is_last=is_last))
        joined = "".join(words)
        is_one_script = not any(map(is_unspaced, words))
        if len(words) > 1 and is_one_script and "@" not in text:
            ways.append(_terms([joined[:LONGEST_WORD]], columns, is_last=is_last))
    return tuple(dict.fromkeys(ways))


def _terms(words: Sequence[str], columns: tuple[str, ...], *, is_last: bool) -> Alternative:
    """One term for each word; the last of the expression, and any in unspaced scripts, begins."""
    return tuple(
        Term(word, (is_last and at == len(words) - 1) or is_unspaced(word), columns)
        for at, word in enumerate(words)
    )


def _plain_sign(sign: str) -> str:
    if sign.isdecimal():
        return str(int(sign))
    return " " if sign in ",;:" else sign


def _columns(sent: Any, path: str, problems: Problems) -> tuple[str, ...]:
    """The columns of the fields named, all where none is."""
    if sent is None:
        return COLUMNS
    fields = sent.split(",") if isinstance(sent, str) else sent
    if not isinstance(fields, list | tuple):
        problems.wrong_kind(path, "a list of strings")
        return COLUMNS
    if len(fields) > _MOST_FIELDS:
        problems.too_large(path, len(fields), _MOST_FIELDS, "MAX_SIZE")
        return COLUMNS
    found = {_column(field, f"{path}[{at}]", problems) for at, field in enumerate(fields)}
    return tuple(column for column in COLUMNS if column in found) or COLUMNS


def _column(field: Any, path: str, problems: Problems) -> str | None:
    if not isinstance(field, str):
        problems.wrong_kind(path, "a string")
        return None
    name = field.strip().replace(".items.", ".")
    if name and name not in COLUMN_OF:
        supported = list(COLUMN_OF)
        problems.add(
            path,
            "INVALID_ENUM_VALUE",
            f"is not searchable: use {', '.join(supported)}",
            supported=supported,
        )
    return COLUMN_OF.get(name)
