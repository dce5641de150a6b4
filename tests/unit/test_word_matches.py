"""What is asked of PostgreSQL's index of words."""

from __future__ import annotations

import pytest

from contactory.domain.search_reading import SearchMode, read_expression
from contactory.store.word_matches import whole_words, words_query


@pytest.mark.parametrize(
    ("expression", "whole"),
    [
        ("ada.lovelace@example.com", "(('ada' & 'lovelace' & 'example'))"),
        ("smith brewery ltd", "(('smith')) & (('brewery'))"),
        ("ada lovelace mill 17", "(('ada')) & (('lovelace')) & (('mill'))"),
        # So few words may be those of many.
        ("ada lovelace", None),
        ("ada", None),
        ("+44 20 7946 0958", None),
    ],
)
def test_whole_words_leave_out_beginnings(expression: str, whole: str | None) -> None:
    read = read_expression(expression)
    assert read is not None
    found = whole_words(read)
    assert (None if found is None else words_query(found, "")) == whole


def test_where_any_word_is_enough_none_is_needed() -> None:
    read = read_expression("smith brewery ltd", SearchMode.OR)
    assert read is not None
    assert whole_words(read) is None
