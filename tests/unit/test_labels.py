"""Label keys: which may exist (CONTRACT E.3, E.5)."""

from __future__ import annotations

import pytest

from contactory.domain.errors import LabelNotFound
from contactory.domain.labels import check_label_keys


def test_custom_keys_are_returned_in_order_and_system_keys_left_out() -> None:
    keys = ("custom.vip", "contacts.customers", "custom.at-risk", "contacts.contacted-me")
    assert check_label_keys(keys) == ["custom.vip", "custom.at-risk"]


def test_no_keys() -> None:
    assert check_label_keys(()) == []


@pytest.mark.parametrize("key", ["custom.größe_2", "custom.a.b", "custom.-", "custom.日本"])
def test_letters_of_all_scripts_are_allowed(key: str) -> None:
    assert check_label_keys((key,)) == [key]


@pytest.mark.parametrize(
    "key", ["vip", "custom", "custom.", "custom.a b", "Custom.a", "contacts.other", "x.custom.a"]
)
def test_other_namespaces_and_spellings_are_no_labels(key: str) -> None:
    with pytest.raises(LabelNotFound) as caught:
        check_label_keys((key,))
    assert caught.value.data == {"labelKeys": [key]}


def test_every_bad_key_is_named() -> None:
    with pytest.raises(LabelNotFound) as caught:
        check_label_keys(("a", "custom.ok", "b"))
    assert caught.value.data == {"labelKeys": ["a", "b"]}
    assert str(caught.value) == "Label not found: a, b"
