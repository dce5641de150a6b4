"""What is searched for, tried on a full-text table as SQLite has it."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.domain.contacts import Contact
from contactory.domain.errors import InvalidArgument
from contactory.domain.problems import Problems
from contactory.domain.search_reading import (
    COLUMNS,
    Expression,
    SearchMode,
    Term,
    match_expression,
    read_expression,
    read_search,
)
from contactory.domain.search_words import search_words
from tests.unit.contacts_made import made

_TABLE = """CREATE VIRTUAL TABLE contact_search USING fts5(
    name, email, phone, company, content='', contentless_delete=1, tokenize='ascii')"""


class Index:
    """A full-text table of contacts of several sites."""

    def __init__(self) -> None:
        self.connection = apsw.Connection(":memory:")
        self.connection.execute(_TABLE)

    def add(self, number: int, contact: Contact, site: str = "s1") -> None:
        words = search_words(contact)
        columns = [" ".join(site + word for word in getattr(words, name)) for name in COLUMNS]
        self.connection.execute(
            "INSERT INTO contact_search (rowid, name, email, phone, company)"
            " VALUES (?, ?, ?, ?, ?)",
            (number, *columns),
        )

    def found(self, expression: Expression | None, site: str = "s1") -> list[int]:
        assert expression is not None
        rows = self.connection.execute(
            "SELECT rowid FROM contact_search WHERE contact_search MATCH ? ORDER BY rowid",
            (match_expression(expression, site),),
        )
        return [int(row[0]) for row in rows]


@pytest.fixture(scope="module")
def index() -> Index:
    people: list[dict[str, Any]] = [
        {
            "name": {"first": "Ada", "last": "Lovelace"},
            "emails": {"items": [{"email": "ada.lovelace@example.com"}]},
            "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
            "company": "Analytical Engines",
        },
        {
            "name": {"first": "Jörg", "last": "Müller-Lüdenscheidt"},
            "phones": {"items": [{"phone": "020 7946 0958", "countryCode": "GB"}]},
            "company": "Lovelace & Söhne",
        },
        {"name": {"first": "小明", "last": "王"}, "company": "山田商事株式会社"},
        {"name": {"first": "Seán", "last": "O'Brien"}, "company": "3 M 007"},
        {"phones": {"items": [{"phone": "8 (912) 345-67-89", "countryCode": "RU"}]}},
        {"name": {"first": "Karlheinz", "last": "Schroeder"}},
    ]
    filled = Index()
    for number, info in enumerate(people, 1):
        filled.add(number, made(info))
    filled.add(100, made(people[0]), "s2")
    return filled


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ada", [1]),
        ("LOVELACE ADA", [1]),
        ("love", [1, 2]),
        ("love ada", []),  # Only the last word is a beginning.
        ("lovelace ad", [1]),
        ("ada.lovelace@example.com", [1]),
        ("ada@", [1]),
        ("muller", [2]),
        ("Mueller", [2]),
        ("MÜLLER", [2]),
        ("luedenscheidt", [2]),
        ("joerg", [2]),
        ("mullerluden", [2]),
        ("Müller Lüdenscheidt", [2]),
        ("王小明", [3]),
        ("小明", [3]),
        ("明", [3]),
        ("商事", [3]),
        ("商事 明", [3]),
        ("商明", []),
        ("obrien", [4]),
        ("O\u2019Brien, Sean", [4]),
        ("sean;o'bri", [4]),
        ("3 m", [4]),
        ("007", [4, 5]),  # As a name, and as what is dialled for Russia.
        ("6465676359", [1]),
        ("(646) 567-6359", [1]),
        ("+1 646.567.6359", [1]),
        ("001 646/567 63", [1]),
        ("646 567 6359 ada", [1]),
        ("ada 646\u2011567", [1]),
        ("+44 (0)20 7946 0958", [2]),
        ("020 7946-0958", [2]),
        ("011 44 20 7946 0958", [2]),
        ("0011 44 20 7946 0958", [2]),
        ("\u0660\u0662\u0660 7946", [2]),
        ("\uff08\uff10\uff12\uff10\uff097946", [2]),
        ("8 912 345 67 89", [5]),
        ("+7 912 345 67 89", [5]),
        ("912345", [5]),
        ("Schröder", [6]),
        ("Karl-Heinz", [6]),
        ("Karl-Heinz Schröder", [6]),
        ("646 567 6359, ada", [1]),
        ("0", [4]),
        ("!!!", []),
        ('" OR ada', []),
        ("ada* NOT", []),
        ("ada NEAR(", []),
        ("name:ada", []),
        ("^ada", [1]),
        ("zzz", []),
    ],
)
def test_all_words_must_be_found(index: Index, text: str, numbers: list[int]) -> None:
    assert index.found(read_expression(text)) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("ada muller", [1, 2]), ("zzz obrien 商", [3, 4]), ("o'x", []), ("!", [])],
)
def test_any_word_is_enough_where_or_is_said(index: Index, text: str, numbers: list[int]) -> None:
    assert index.found(read_expression(text, SearchMode.OR)) == numbers


@pytest.mark.parametrize(
    ("text", "field", "numbers"),
    [
        ("lovelace", "info.name.last", [1]),
        ("lovelace", "info.company", [2]),
        ("lovelace", "info.emails.email", [1]),
        ("lovelace", "info.phones.phone", []),
        ("646 567 6359", "info.phones.phone", [1]),
        ("646 567 6359", "info.phones.e164Phone", [1]),
        ("646 567 6359", "info.name.first", []),
        ("ada", "info.emails.items.email", [1]),
    ],
)
def test_fields_restrict_where_words_count(
    index: Index, text: str, field: str, numbers: list[int]
) -> None:
    search = read_search({"expression": text, "fields": [field]})
    assert search is not None
    assert index.found(search.expression) == numbers


@pytest.mark.parametrize("fields", [None, [], [""], ""])
def test_words_count_everywhere_where_no_field_is_named(index: Index, fields: Any) -> None:
    search = read_search({"expression": "lovelace", "fields": fields})
    assert search is not None
    assert index.found(search.expression) == [1, 2]


def test_quotes_do_not_end_a_term() -> None:
    expression = Expression((((Term('a" OR "b', False),),),))
    assert match_expression(expression, "s1") == '(("s1a"" OR ""b"))'


def test_sites_do_not_see_each_other(index: Index) -> None:
    expression = read_expression("ada muller", SearchMode.OR)
    assert index.found(expression, "s2") == [100]
    assert index.found(expression, "s3") == []


@given(st.text(max_size=100), st.sampled_from(SearchMode))
def test_any_text_is_a_valid_expression_of_one_site(text: str, mode: SearchMode) -> None:
    table = Index()
    table.add(1, made({"name": {"first": "x", "last": text.replace("\0", "")}}), "s2")
    expression = read_expression(text, mode)
    if expression is None:
        assert not text.strip()
    else:
        assert table.found(expression, "s1") == []


@given(
    st.text(alphabet="aäßOø'- .,+0(1)2王明山ñ株\u0301x", min_size=1, max_size=30).filter(str.strip)
)
def test_whoever_is_called_so_is_found(name: str) -> None:
    table = Index()
    table.add(1, made({"name": {"first": name}, "company": "x"}))
    expression = read_expression(name)
    if expression is not None and expression.groups:
        assert table.found(expression) == [1]


@pytest.mark.parametrize("blank", [None, "", "  ", {}, {"expression": None}, {"expression": " "}])
def test_nothing_sent_restricts_nothing(blank: Any) -> None:
    assert read_search(blank) is None


def test_what_was_sent_is_read() -> None:
    sent = {"expression": "Ada", "mode": "OR", "fields": ["info.company"], "fuzzy": True}
    search = read_search(sent)
    assert search is not None
    assert search.is_fuzzy
    term = Term("ada", True, ("company",))
    assert search.expression == Expression((((term,),),), SearchMode.OR)


def test_a_string_is_the_expression_and_and_is_the_mode() -> None:
    search = read_search("Ada King")
    assert search is not None
    assert not search.is_fuzzy
    assert search.expression == read_expression("ada king", SearchMode.AND)


@pytest.mark.parametrize(
    ("sent", "path", "rule"),
    [
        (7, "search.search", "OTHER"),
        ({"expression": 7}, "search.search.expression", "OTHER"),
        ({"expression": "x" * 101}, "search.search.expression", "MAX_LENGTH"),
        ("x" * 101, "search.search", "MAX_LENGTH"),
        ({"expression": "a\x00"}, "search.search.expression", "FORMAT"),
        ({"mode": "NOR"}, "search.search.mode", "INVALID_ENUM_VALUE"),
        ({"mode": ["OR"]}, "search.search.mode", "INVALID_ENUM_VALUE"),
        ({"fuzzy": "perhaps"}, "search.search.fuzzy", "OTHER"),
        ({"fields": 7}, "search.search.fields", "OTHER"),
        ({"fields": [7]}, "search.search.fields[0]", "OTHER"),
        ({"fields": ["info.company"] * 21}, "search.search.fields", "MAX_SIZE"),
        ({"fields": ["info.company", "x"]}, "search.search.fields[1]", "INVALID_ENUM_VALUE"),
        ({"sort": []}, "search.search.sort", "FIELD_NOT_ALLOWED"),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(sent: Any, path: str, rule: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        read_search(sent)
    assert [(found.field, found.violated_rule) for found in raised.value.violations] == [
        (path, rule)
    ]


def test_all_problems_are_named_together() -> None:
    noted = Problems()
    noted.add("search.filter", "OTHER", "is wrong")
    with pytest.raises(InvalidArgument) as raised:
        read_search({"mode": "X", "fields": ["y"]}, noted=noted)
    assert [found.field for found in raised.value.violations] == [
        *("search.filter", "search.search.mode", "search.search.fields[0]")
    ]
