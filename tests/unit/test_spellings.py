"""Words that are one typo apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.domain.search_reading import COLUMNS, SearchMode, Term, read_expression
from contactory.domain.search_words import SearchWords
from contactory.domain.spellings import (
    doubtful_words,
    forgiving,
    is_one_typo,
    spellings,
    words_to_spell,
)

WORDS = st.text(alphabet="abcé", min_size=4, max_size=7)


def test_spellings_are_the_word_and_all_without_one_letter() -> None:
    assert spellings("anna") == ("anna", "nna", "ana", "ann")


@pytest.mark.parametrize(
    "word", ["", "ann", "x" * 31, "ann4", "1234", "小明小明", "김철수영", "さくらい"]
)
def test_no_typo_is_forgiven_in_short_long_and_numeral_words(word: str) -> None:
    assert spellings(word) == ()


@pytest.mark.parametrize("word", ["anna", "x" * 30, "κώστα", "कुमार"])
def test_words_of_letters_have_spellings(word: str) -> None:
    assert spellings(word)[0] == word
    assert len(spellings(word)) <= len(word) + 1


@pytest.mark.parametrize(
    ("written", "meant", "is_one"),
    [
        ("lovelase", "lovelace", True),
        ("lovlace", "lovelace", True),
        ("lovellace", "lovelace", True),
        ("lovealce", "lovelace", True),
        ("olvelace", "lovelace", True),
        ("lovelaec", "lovelace", True),
        ("ovelace", "lovelace", True),
        ("lovelac", "lovelace", True),
        ("lovelacee", "lovelace", True),
        ("kovelace", "lovelace", True),
        ("lovelace", "lovelace", False),
        ("", "", False),
        ("lovel", "lovelace", False),
        ("lvelaec", "lovelace", False),
        ("lovecale", "lovelace", False),
        ("ecalevol", "lovelace", False),
        ("abab", "baba", False),
    ],
)
def test_one_typo_is_one_letter(written: str, meant: str, is_one: bool) -> None:
    assert is_one_typo(written, meant) is is_one
    assert is_one_typo(meant, written) is is_one


@given(WORDS, WORDS)
def test_a_typo_is_one_edit(one: str, other: str) -> None:
    assert is_one_typo(one, other) is (one != other and other in _edited(one))


@given(WORDS, st.data())
def test_words_one_typo_apart_share_a_spelling(word: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(sorted(_edited(word))))
    if spellings(other):
        assert set(spellings(word)) & set(spellings(other))


def test_only_names_and_companies_have_spellings() -> None:
    words = SearchWords(
        name=("ada", "lovelace"), email=("mail",), phone=("flowers",), company=("engines", "ada")
    )
    assert words_to_spell(words) == ("lovelace", "engines")


def test_words_of_an_expression_are_replaced_by_those_meant() -> None:
    expression = read_expression("adda lovelase 123 4567", SearchMode.OR)
    assert expression is not None
    assert doubtful_words(expression) == ("adda", "lovelase")
    found = forgiving(expression, {"lovelase": ["lovelace", "lovelast"]})
    assert found.mode is SearchMode.OR
    assert found.groups[0] == expression.groups[0]
    assert found.groups[1] == (
        (Term("lovelase", False, COLUMNS),),
        (Term("lovelace", False, ("name", "company")),),
        (Term("lovelast", False, ("name", "company")),),
    )
    assert found.groups[2:] == expression.groups[2:]


def test_only_words_of_names_and_companies_may_be_wrong() -> None:
    expression = read_expression("lovelase", columns=("email", "phone"))
    assert expression is not None
    assert doubtful_words(expression) == ()
    assert forgiving(expression, {"lovelase": ["lovelace"]}) == expression
    expression = read_expression("lovelase", columns=("email", "company"))
    assert expression is not None
    assert forgiving(expression, {"lovelase": ["lovelace"]}).groups[0][1:] == (
        (Term("lovelace", False, ("company",)),),
    )


def test_one_of_several_joined_words_may_be_wrong() -> None:
    expression = read_expression("jean-lucc")
    assert expression is not None
    found = forgiving(expression, {"lucc": ["luca"]})
    assert ((Term("jean", False), Term("luca", False, ("name", "company")))) in found.groups[0]


def _edited(word: str) -> set[str]:
    """All that one edit makes of a word."""
    letters = "abcé"
    at = range(len(word) + 1)
    made = {word[:n] + word[n + 1 :] for n in at}
    made |= {word[:n] + letter + word[n:] for n in at for letter in letters}
    made |= {word[:n] + letter + word[n + 1 :] for n in at[:-1] for letter in letters}
    made |= {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in at[:-2]}
    return made - {word}
