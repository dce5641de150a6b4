"""Keys made of names, and names made of keys (CONTRACT E.3, E.4, E.5)."""

from __future__ import annotations

import re
from itertools import islice

import pytest

from contactory.domain.definition_keys import (
    is_custom_key,
    keys_for_field,
    keys_for_label,
    names_for_key,
    slug_as_words,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("At Risk", "custom.at-risk"),
        ("White Glove Treatment", "custom.white-glove-treatment"),
        ("Customer Group 3", "custom.customer-group-3"),
        ("groupColor", "custom.groupcolor"),
        ("Last Contacted", "custom.last-contacted"),
        ("VIP!", "custom.vip"),
        ("a / b", "custom.a-b"),
        ("a--b - c", "custom.a-b-c"),
        ("a\tb\u3000c", "custom.a-b-c"),
        ("snake_case", "custom.snake_case"),
        ("v1.2", "custom.v12"),
        ("Größe", "custom.größe"),
        ("Cafe\u0301", "custom.café"),
        ("お客様", "custom.お客様"),
        ("İstanbul", "custom.istanbul"),
    ],
)
def test_the_key_is_the_name_in_lower_case_with_dashes(name: str, key: str) -> None:
    assert next(keys_for_label(name)) == next(keys_for_field(name)) == key
    assert is_custom_key(key)


def test_a_taken_label_key_is_followed_by_numbered_ones() -> None:
    assert list(islice(keys_for_label("at risk"), 3)) == [
        "custom.at-risk",
        "custom.at-risk-1",
        "custom.at-risk-2",
    ]


def test_a_taken_field_key_is_followed_by_ones_with_random_letters() -> None:
    first, second, third = islice(keys_for_field("My Field"), 3)
    assert first == "custom.my-field"
    assert second != third
    for key in (second, third):
        assert re.fullmatch(r"custom\.my-field-[a-z]{19}", key)


@pytest.mark.parametrize("name", ["★", "!!!", "…"])
def test_a_name_without_letters_gets_a_key_of_random_ones(name: str) -> None:
    for keys in (keys_for_label(name), keys_for_field(name)):
        assert re.fullmatch(r"custom\.[a-z]{19}", next(keys))


def test_keys_are_cut_so_that_they_fit_with_their_ends() -> None:
    for keys in (keys_for_label("x" * 180), keys_for_field("x" * 150)):
        found = list(islice(keys, 12))
        assert len(set(found)) == 12
        assert {len(key) for key in found} == {80}


def test_a_field_has_the_key_that_the_sdk_sends_back() -> None:
    assert next(keys_for_field("_id")) == "custom.id"


@pytest.mark.parametrize(
    "key", ["custom.vip", "custom.größe_2", "custom.a.b", "custom." + "x" * 73]
)
def test_keys_that_a_site_can_have(key: str) -> None:
    assert is_custom_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "vip",
        "custom",
        "custom.",
        "custom.a b",
        "custom.a\x00",
        "contacts.customers",
        "custom.\n",
        "custom." + "x" * 74,
        "Custom.a",
        "custom.a..b",
        "custom.\ud800",
    ],
)
def test_keys_that_no_site_can_have(key: str) -> None:
    assert not is_custom_key(key)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("custom.at-risk", "At Risk"),
        ("custom.groupColor_2", "GroupColor 2"),
        ("custom.a.b", "A.b"),
        ("custom.-", "custom.-"),
    ],
)
def test_what_is_made_on_the_fly_is_named_after_its_key(key: str, name: str) -> None:
    assert slug_as_words(key) == next(names_for_key(key)) == name


def test_there_is_always_another_name_for_a_key() -> None:
    assert list(islice(names_for_key("custom.vip"), 4)) == ["Vip", "custom.vip", "Vip 2", "Vip 3"]
