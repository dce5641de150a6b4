"""The folded words of a contact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.domain.search_words import SearchWords, fold, folded_words, search_words
from tests.unit.contacts_made import made


def words_of(**info: Any) -> SearchWords:
    return search_words(made({"name": {"first": "Ada"}} | info))


def phones_of(*phones: tuple[str, str | None]) -> tuple[str, ...]:
    items = [{"phone": phone, "countryCode": country} for phone, country in phones]
    return words_of(phones={"items": items}).phone


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ada Lovelace", ["ada", "lovelace"]),
        ("ÉMILE Zoë Nguyễn Thị", ["emile", "zoe", "nguyen", "thi"]),
        ("E\u0301mile", ["emile"]),
        ("Łukasz Ørsted Straße Æsop Đặng Þór \u0130lker \u0131\u015f\u0131k", None),
        ("ΣΊΣΥΦΟΣ", ["σισυφοσ"]),
        ("Їжакевич", ["іжакевич"]),
        ("أحمد مُحَمَّد", ["احمد", "محمد"]),
        ("राम कुमार", ["राम", "कुमार"]),
        ("カトウ かとう ｶﾄｳ がとう", ["かとう", "かとう", "かとう", "がとう"]),
        ("김철수", ["김철수"]),
        ("abc株式会社3号", ["abc", "株式会社", "3", "号"]),
        ("٠١٢ \uff11\uff12\uff13 ① x²", ["012", "123", "1", "x2"]),
        ("a_b…c\xa0d", ["a", "b", "c", "d"]),
        ("so\xadft", ["soft"]),
        ("ada@xn--mller-kva.de", ["ada", "muller", "de"]),
        ("xn--99999999999-x", ["xn", "99999999999", "x"]),
        ("🎉 !!!", []),
        ("x" * 61, ["x" * 60]),
    ],
)
def test_words_are_folded(text: str, words: list[str] | None) -> None:
    expected = words or "lukasz orsted strasse aesop dang thor ilker isik".split()
    assert folded_words(text) == ([] if words == [] else expected)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_and_only_ascii_separates(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not any("A" <= sign <= "Z" for sign in folded)
    assert all(sign.isascii() or sign.isalnum() or fold(sign) == sign for sign in folded)
    for word in folded_words(text):
        assert 1 <= len(word) <= 60
        assert all(not sign.isascii() or sign.isalnum() for sign in word)


def test_name_and_company_have_words_of_their_own() -> None:
    words = words_of(name={"first": "Ada", "last": "King"}, company="Acme Inc.")
    assert (words.name, words.company) == (("ada", "king"), ("acme", "inc"))
    assert (words.email, words.phone) == ((), ())


@pytest.mark.parametrize("name", ["O'Brien", "O\u2019Brien", "O\u02bcBrien", "O\xb4Brien"])
def test_words_joined_by_punctuation_count_as_one_too(name: str) -> None:
    assert words_of(name={"last": name}).name == ("o", "brien", "obrien")


def test_umlauts_count_spelled_out_too() -> None:
    assert words_of(name={"last": "Müller"}).name == ("muller", "mueller")
    assert words_of(name={"last": "Mu\u0308ller"}).name == ("muller", "mueller")


def test_names_without_blanks_are_found_by_any_part_and_as_a_whole() -> None:
    words = words_of(name={"first": "小明", "last": "王"}, company="山田商事")
    assert words.name == ("小明", "明", "王", "王小明", "小明王", "明王")
    assert words.company == ("山田商事", "田商事", "商事", "事")


def test_all_parts_of_an_address_count() -> None:
    items = [{"email": "Ada.King+news@mail.Example.co.uk"}, {"email": "jörg@müller.de"}]
    assert words_of(emails={"items": items}).email == (
        *("ada", "king", "news", "mail", "example", "co", "uk"),
        *("jorg", "muller", "de"),
    )


@pytest.mark.parametrize(
    ("phone", "country", "words"),
    [
        ("(646) 567-6359", "US", ("16465676359", "6465676359")),
        ("020 7946 0958", "GB", ("442079460958", "2079460958")),
        ("+44 20 7946 0958", "US", ("442079460958", "2079460958")),
        ("8 (912) 345-67-89", "RU", ("79123456789", "9123456789", "89123456789")),
        ("06 30 123 4567", "HU", ("36301234567", "301234567", "6301234567")),
        ("06 1234 5678", "IT", ("390612345678", "612345678")),
        ("646-567-6359 ext. 12", "US", ("16465676359", "6465676359", "646567635912")),
        ("00 44 (0)20-7946", None, ("44207946", "00", "44", "0", "20", "7946")),
        ("ask Bob", None, ("ask", "bob")),
    ],
)
def test_phones_count_in_any_notation(
    phone: str, country: str | None, words: tuple[str, ...]
) -> None:
    assert phones_of((phone, country)) == words


def test_the_phone_as_first_sent_counts() -> None:
    assert phones_of(("011 30 21 0123 4567", "US")) == (
        "302101234567",
        "2101234567",
        "11302101234567",
    )


def test_phones_that_are_not_the_first_count_as_dialled_inside_their_country() -> None:
    words = phones_of(("6465676359", "US"), ("8 (912) 345-67-89", "RU"))
    assert words[2:] == ("79123456789", "9123456789", "89123456789")


def test_words_are_limited_and_no_column_crowds_out_another() -> None:
    long = " ".join(f"w{number}" for number in range(250))
    emails = [{"email": f"{'.'.join(f'{at}x{n}' for n in range(12))}@e.com"} for at in range(50)]
    phones = [{"phone": f"a b c d e {at} f g h {at * 1000}"} for at in range(50)]
    words = words_of(
        name={"first": long[:1000], "last": "".join(map(chr, range(0x4E00, 0x51E0)))},
        company="社" * 90,
        emails={"items": emails},
        phones={"items": phones},
    )
    columns = (words.name, words.email, words.phone, words.company)
    assert all(columns)
    assert len(words.name) == 500
    assert sum(map(len, columns)) <= 2000
    assert all(1 <= len(word) <= 60 for column in columns for word in column)
    assert words.company[0] == "社" * 60


def test_a_domain_in_its_ascii_form_is_split_as_it_reads() -> None:
    # 例え.テスト, whose scripts have no blanks between words.
    assert folded_words("a@xn--r8jz45g.xn--zckzah") == folded_words("a@例え.テスト")
    assert len(folded_words("xb東京")) == 2
