"""Projection: `fields` and `fieldsets` (CONTRACT D.6)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.errors import InvalidArgument
from contactory.domain.projection import projected, read_projection
from tests.unit.contacts_made import made
from tests.unit.test_contacts import FULL

CONTACT = made(FULL)
WHOLE = CONTACT.to_rest()


def shown(fields: Any = None, fieldsets: Any = None) -> dict[str, Any]:
    """The answer without `id` and `revision`, which must be there."""
    rest = projected(CONTACT, read_projection(fields, fieldsets)).to_rest()
    assert rest.pop("id") == WHOLE["id"]
    assert rest.pop("revision") == WHOLE["revision"]
    return rest


def part(*names: str) -> dict[str, Any]:
    """The whole contact's parts of `info` with these names, and primaryInfo."""
    return {
        "primaryInfo": WHOLE["primaryInfo"],
        "info": {name: WHOLE["info"][name] for name in names},
    }


@pytest.mark.parametrize(
    ("fieldsets", "expected"),
    [
        ("BASIC", part("name")),
        (["basic"], part("name")),
        ("COMMUNICATION_DETAILS", part("name", "emails", "phones", "addresses")),
        ("EXTENDED", part("name", "extendedFields")),
        (["BASIC", "EXTENDED"], part("name", "extendedFields")),
        (
            "EXTENDED, COMMUNICATION_DETAILS",
            part("name", "emails", "phones", "addresses", "extendedFields"),
        ),
    ],
)
def test_fieldsets(fieldsets: Any, expected: dict[str, Any]) -> None:
    assert shown(fieldsets=fieldsets) == expected


@pytest.mark.parametrize(
    ("fields", "fieldsets"),
    [(None, None), ([], []), ((), ""), (None, "FULL"), (["source"], ["FULL", "BASIC"])],
)
def test_everything_shows_when_nothing_or_the_full_set_is_named(
    fields: Any, fieldsets: Any
) -> None:
    assert read_projection(fields, fieldsets) is None
    assert projected(CONTACT, None) == CONTACT


@pytest.mark.parametrize(
    "name",
    [
        "source",
        "createdDate",
        "updatedDate",
        "lastActivity",
        "primaryInfo",
        "primaryEmail",
        "primaryPhone",
        "info",
    ],
)
def test_fields_of_the_contact(name: str) -> None:
    assert shown([name]) == {name: WHOLE[name]}


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "emails",
        "phones",
        "addresses",
        "company",
        "jobTitle",
        "picture",
        "birthdate",
        "locale",
        "labelKeys",
        "locations",
        "extendedFields",
    ],
)
def test_fields_of_its_info(name: str) -> None:
    assert shown([f"info.{name}"]) == {"info": {name: WHOLE["info"][name]}}


@pytest.mark.parametrize(
    "fields",
    [
        ["source", "updatedDate"],
        "source,updatedDate",
        ["source,updatedDate"],
        (" source ", "", "_updatedDate"),
    ],
)
def test_lists_and_comma_forms_mean_the_same(fields: Any) -> None:
    assert shown(fields) == {"source": WHOLE["source"], "updatedDate": WHOLE["updatedDate"]}


def test_fields_and_fieldsets_unite() -> None:
    assert shown(["info.company"], "BASIC") == part("name", "company")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("info.name.first", {"info": {"name": {"first": "Zoë"}}}),
        ("primaryInfo.email", {"primaryInfo": {"email": "a@example.com"}}),
        (
            "info.extendedFields.custom.id",
            {"info": {"extendedFields": {"items": {"custom.id": 5}}}},
        ),
        (
            "info.extendedFields.items.custom._id",
            {"info": {"extendedFields": {"items": {"custom.id": 5}}}},
        ),
        (
            "info.extendedFields.items",
            {"info": {"extendedFields": WHOLE["info"]["extendedFields"]}},
        ),
    ],
)
def test_deeper_paths_show_that_piece(field: str, expected: dict[str, Any]) -> None:
    assert shown([field]) == expected


@pytest.mark.parametrize(
    "field",
    ["source.appId", "lastActivity.activityType", "primaryEmail.email", "primaryPhone.phone"],
)
def test_parts_that_mean_something_only_whole_show_whole(field: str) -> None:
    name = field.split(".", maxsplit=1)[0]
    assert shown([field]) == {name: WHOLE[name]}


@pytest.mark.parametrize(
    "field",
    [
        "emails.email",
        "emails.items.email",
        "picture.imageProvider",
        "phones.phone",
        "addresses.items.address.city",
        "labelKeys.items",
    ],
)
def test_parts_of_info_that_mean_something_only_whole_show_whole(field: str) -> None:
    name = field.split(".", maxsplit=1)[0]
    assert shown([f"info.{field}"]) == {"info": {name: WHOLE["info"][name]}}


@pytest.mark.parametrize(
    "field",
    [
        "nothing",
        "info.nothing",
        "info.name.middle",
        "info.",
        ".",
        "name",
        "\ud800",
        "info.extendedFields.custom.none",
        "memberInfo",
    ],
)
def test_unknown_fields_are_ignored(field: str) -> None:
    assert shown([field]) == {}


def test_empty_wrappers_show_when_they_are_asked_for() -> None:
    contact = made({"name": {"first": "J"}})
    rest = projected(contact, read_projection(["info.phones"], None)).to_rest()
    assert rest["info"] == {"phones": {}}


@pytest.mark.parametrize(
    ("fields", "fieldsets", "path"),
    [
        (None, ["BASIC", "EVERYTHING"], "fieldsets[1]"),
        (None, ["BASIC,EXTENDED", "FULL,EVERYTHING"], "fieldsets[1]"),
        (None, "EVERYTHING", "fieldsets[0]"),
        (None, ["BASIC", 5], "fieldsets[1]"),
        (None, {"BASIC": 1}, "fieldsets"),
        (5, None, "fields"),
        (["source", None], None, "fields[1]"),
        (["x"] * 101, None, "fields"),
        (["x," * 101], None, "fields"),
        (None, ["BASIC"] * 11, "fieldsets"),
    ],
)
def test_wrong_values_are_refused_with_their_path(fields: Any, fieldsets: Any, path: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_projection(fields, fieldsets)
    assert [one.field for one in caught.value.violations] == [path]


def test_unknown_fieldset_is_told_the_known_ones() -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_projection(None, ["SOME"])
    (one,) = caught.value.violations
    assert one.violated_rule == "INVALID_ENUM_VALUE"
    assert one.data == {"supported": ["BASIC", "COMMUNICATION_DETAILS", "EXTENDED", "FULL"]}


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_projection([5], ["SOME", "OTHER"])
    assert [one.field for one in caught.value.violations] == [
        "fields[0]",
        "fieldsets[0]",
        "fieldsets[1]",
    ]
