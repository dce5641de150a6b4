"""Renaming between REST and the seed (CONTRACT 1.6, WIRE 3)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.seed_names import image_text, rest_key, to_seed_names


def test_renamed_keys_come_last() -> None:
    rest = {"id": 1, "revision": 2, "createdDate": 3, "source": 4, "updatedDate": 5}
    assert list(to_seed_names(rest).items()) == [
        ("revision", 2),
        ("source", 4),
        ("_id", 1),
        ("_createdDate", 3),
        ("_updatedDate", 5),
    ]


def test_names_change_at_any_depth() -> None:
    assert to_seed_names({"a": [{"id": 1}, ({"b": {"createdDate": 2}},)]}) == {
        "a": [{"_id": 1}, [{"b": {"_createdDate": 2}}]]
    }


def test_names_change_as_segments_of_dotted_keys() -> None:
    fields = {"extendedFields": {"items": {"custom.id": 1, "custom.identity": 2, "custom.a": 3}}}
    assert to_seed_names(fields) == {
        "extendedFields": {"items": {"custom._id": 1, "custom.identity": 2, "custom.a": 3}}
    }
    assert to_seed_names({"queryFilter": {"info.extendedFields.custom.id": {"$eq": 1}}}) == {
        "queryFilter": {"info.extendedFields.custom._id": {"$eq": 1}}
    }


def test_address_has_the_seeds_names() -> None:
    address = {
        "formattedAddress": "x",
        "addressLine": "3 Park Ave",
        "addressLine2": "Flat 2",
        "streetAddress": {"number": "3", "name": "Park Ave"},
        "geocode": {"latitude": 1, "longitude": 2},
        "city": "NY",
    }
    assert to_seed_names({"address": address, "id": "a"}) == {
        "address": {
            "formatted": "x",
            "addressLine1": "3 Park Ave",
            "addressLine2": "Flat 2",
            "streetAddress": {"number": "3", "name": "Park Ave"},
            "location": {"latitude": 1, "longitude": 2},
            "city": "NY",
        },
        "_id": "a",
    }


def test_picture_has_its_image_as_one_text() -> None:
    picture = {"image": {"id": "a", "width": 1, "height": 2}, "imageProvider": "WIX_MEDIA"}
    assert to_seed_names({"picture": picture}) == {
        "picture": {
            "image": "wix:image://v1/a#originWidth=1&originHeight=2",
            "imageProvider": "WIX_MEDIA",
        }
    }


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ({"url": "https://example.com/a.png"}, "https://example.com/a.png"),
        (
            {"id": "a", "filename": "cat.png", "width": 1, "height": 2, "url": "x"},
            "wix:image://v1/a/cat.png#originWidth=1&originHeight=2",
        ),
        ({"id": "a", "height": 2}, "wix:image://v1/a#originWidth=0&originHeight=2"),
        ({"id": "a"}, "wix:image://v1/a"),
        ({"altText": "cat"}, ""),
    ],
)
def test_image_text(image: dict[str, Any], text: str) -> None:
    assert image_text(image) == text


@pytest.mark.parametrize("value", [None, 5, "id", [], {}, {"address": None, "picture": None}])
def test_what_holds_no_names_stays(value: Any) -> None:
    assert to_seed_names(value) == value


def test_what_was_given_is_left_as_it_was() -> None:
    rest = {"id": 1, "picture": {"image": {"id": "a"}}, "address": {"addressLine": "x"}}
    before = repr(rest)
    to_seed_names(rest)
    assert repr(rest) == before


@pytest.mark.parametrize(
    ("seed", "rest"),
    [
        ("_id", "id"),
        ("_createdDate", "createdDate"),
        ("_updatedDate", "updatedDate"),
        ("custom._id", "custom.id"),
        ("custom.my_id", "custom.my_id"),
        ("info.name.first", "info.name.first"),
    ],
)
def test_dotted_names_in_rest_spelling(seed: str, rest: str) -> None:
    assert rest_key(seed) == rest
    assert rest_key(rest) == rest
