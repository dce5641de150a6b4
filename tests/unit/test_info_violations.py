"""What is said of a wrong `info`: path, rule, description and data (CONTRACT C.2, C.4)."""

from __future__ import annotations

import math
from typing import Any

import pytest

from contactory.domain.contact_reading import EMAIL_TAGS, PHONE_TAGS, read_info
from contactory.domain.contacts import ContactEmails, ContactInfo, Name
from contactory.domain.errors import InvalidArgument, Violation
from tests.unit.infos import GUID, address, email, info, phone, refused, violations

_NUL = "must not hold NUL or unpaired surrogates"
_COUNTRY = "is not a valid country code: use two capital letters (ISO 3166-1)"
_PLACE = "info.addresses.items[0].address"


@pytest.mark.parametrize(
    ("sent", "path", "kind", "description"),
    [
        (email(email="x"), "info.emails.items[0].email", "EMAIL", "is not a valid email address"),
        (email(id="x"), "info.emails.items[0].id", "GUID", "is not a valid GUID"),
        (email(_id="x"), "info.emails.items[0]._id", "GUID", "is not a valid GUID"),
        (email(email="a\0@example.com"), "info.emails.items[0].email", "TEXT", _NUL),
        (phone(countryCode="us"), "info.phones.items[0].countryCode", "COUNTRY", _COUNTRY),
        (phone(countryCode="USA"), "info.phones.items[0].countryCode", "COUNTRY", _COUNTRY),
        (phone(phone="1\ud800"), "info.phones.items[0].phone", "TEXT", _NUL),
        (address(country="us"), f"{_PLACE}.country", "COUNTRY", _COUNTRY),
        (address(country="ZZ"), f"{_PLACE}.country", "COUNTRY", _COUNTRY),
        (
            address(subdivision="NY"),
            f"{_PLACE}.subdivision",
            "SUBDIVISION",
            "is not a valid subdivision code",
        ),
        (
            address(subdivision="US-NY", country="CA"),
            f"{_PLACE}.subdivision",
            "SUBDIVISION",
            "is not a subdivision of CA",
        ),
        (address(city="\udfff"), f"{_PLACE}.city", "TEXT", _NUL),
        (
            info(birthdate="25.04.1995"),
            "info.birthdate",
            "LOCAL_DATE",
            "is not a valid date: use YYYY-MM-DD",
        ),
        (
            info(birthdate="1995-02-30"),
            "info.birthdate",
            "LOCAL_DATE",
            "is not a valid date: use YYYY-MM-DD",
        ),
        (
            info(birthdate="1995-04-25T00:00:00Z"),
            "info.birthdate",
            "LOCAL_DATE",
            "is not a valid date: use YYYY-MM-DD",
        ),
        (
            info(birthdate="١٩٩٥-04-25"),
            "info.birthdate",
            "LOCAL_DATE",
            "is not a valid date: use YYYY-MM-DD",
        ),
        (
            info(locale="en_US"),
            "info.locale",
            "LANGUAGE_TAG",
            "is not a valid language tag such as en-US",
        ),
        (
            info(locale="e"),
            "info.locale",
            "LANGUAGE_TAG",
            "is not a valid language tag such as en-US",
        ),
        (
            info(locations={"items": [GUID, "x"]}),
            "info.locations.items[1]",
            "GUID",
            "is not a valid GUID",
        ),
        (
            info(assignedUserIds={"items": ["x"]}),
            "info.assignedUserIds.items[0]",
            "GUID",
            "is not a valid GUID",
        ),
        ({"name": {"first": "\0"}}, "info.name.first", "TEXT", _NUL),
        (info(picture="\0"), "info.picture", "TEXT", _NUL),
        (info(labelKeys={"items": ["custom.\0"]}), "info.labelKeys.items[0]", "TEXT", _NUL),
        (
            info(extendedFields={"items": {"custom.a": "\ud800"}}),
            "info.extendedFields.items.custom.a",
            "TEXT",
            _NUL,
        ),
    ],
)
def test_wrong_format(sent: Any, path: str, kind: str, description: str) -> None:
    assert refused(sent) == (path, "FORMAT", description, {"type": kind})


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"\ud800": 1}, "info"),
        ({"a\0": 1}, "info"),
        (email(**{"\ud800": 1}), "info.emails.items[0]"),
        (address(**{"\0": 1}), _PLACE),
        (info(extendedFields={"items": {"custom.\ud800": "x"}}), "info.extendedFields.items"),
    ],
)
def test_names_that_cannot_be_written_are_refused_where_they_stand(sent: Any, path: str) -> None:
    description = "has a name with NUL or unpaired surrogates in it"
    assert refused(sent) == (path, "FORMAT", description, {"type": "TEXT"})


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (None, "info"),
        (info(emails={"items": [{}]}), "info.emails.items[0].email"),
        (email(email=None), "info.emails.items[0].email"),
        (email(email="  "), "info.emails.items[0].email"),
        (info(phones={"items": [{"countryCode": "US"}]}), "info.phones.items[0].phone"),
        (phone(phone=" "), "info.phones.items[0].phone"),
        (info(labelKeys={"items": ["custom.a", None]}), "info.labelKeys.items[1]"),
        (info(labelKeys={"items": [""]}), "info.labelKeys.items[0]"),
        (info(locations={"items": [None]}), "info.locations.items[0]"),
        (info(addresses={"items": [{"tag": "HOME"}]}), _PLACE),
        (info(addresses={"items": [{"address": None}]}), _PLACE),
        (info(addresses={"items": [{"address": {"city": ""}}]}), _PLACE),
        (address(geocode={"latitude": 1}), f"{_PLACE}.geocode.longitude"),
        (address(location={"longitude": 1}), f"{_PLACE}.location.latitude"),
    ],
)
def test_missing_value(sent: Any, path: str) -> None:
    assert refused(sent) == (path, "REQUIRED_FIELD", "must not be empty", None)


@pytest.mark.parametrize(
    ("sent", "path", "words"),
    [
        (email(tag="home"), "info.emails.items[0].tag", EMAIL_TAGS),
        (email(tag=["HOME"]), "info.emails.items[0].tag", EMAIL_TAGS),
        (email(tag=1), "info.emails.items[0].tag", EMAIL_TAGS),
        (phone(tag="PAGER"), "info.phones.items[0].tag", PHONE_TAGS),
        (
            info(addresses={"items": [{"tag": {}, "address": {"city": "NY"}}]}),
            "info.addresses.items[0].tag",
            ("UNTAGGED", "HOME", "WORK", "BILLING", "SHIPPING"),
        ),
        (
            info(picture={"imageProvider": "X", "image": "https://example.com/a.png"}),
            "info.picture.imageProvider",
            ("UNKNOWN", "EXTERNAL", "WIX_MEDIA"),
        ),
    ],
)
def test_unknown_word(sent: Any, path: str, words: tuple[str, ...]) -> None:
    listed = ", ".join(f"{word}({at})" for at, word in enumerate(words))
    assert refused(sent) == (
        path,
        "INVALID_ENUM_VALUE",
        f"enum must be in [{listed}]",
        {"supported": list(words)},
    )


_WRAPPER = 'an object {"items": [...]} around the list'
_GEOCODE = f"{_PLACE}.geocode"


@pytest.mark.parametrize(
    ("sent", "path", "expected"),
    [
        ([], "info", "an object"),
        ("John", "info", "an object"),
        (5, "info", "an object"),
        ({5: "x"}, "info", "an object whose names are strings"),
        ({10**5000: "x"}, "info", "an object whose names are strings"),
        ({"name": "John"}, "info.name", "an object"),
        ({"name": {"first": 5}}, "info.name.first", "a string"),
        ({"name": {"first": 10**5000}}, "info.name.first", "a string"),
        ({"name": {"first": b"John"}}, "info.name.first", "a string"),
        (info(emails=[{"email": "a@b.c"}]), "info.emails", _WRAPPER),
        (info(phones=["1"]), "info.phones", _WRAPPER),
        (info(addresses=[]), "info.addresses", _WRAPPER),
        (info(labelKeys=["custom.a"]), "info.labelKeys", _WRAPPER),
        (info(emails="a@b.c"), "info.emails", "an object"),
        (info(emails={"items": {"email": "a@b.c"}}), "info.emails.items", "a list"),
        (info(emails={"items": "a@b.c"}), "info.emails.items", "a list"),
        (info(emails={"items": ["a@b.c"]}), "info.emails.items[0]", "an object"),
        (info(emails={"items": [None]}), "info.emails.items[0]", "an object"),
        (info(addresses={"items": [5]}), "info.addresses.items[0]", "an object"),
        (email(email=5), "info.emails.items[0].email", "a string"),
        (email(email=["a@b.c"]), "info.emails.items[0].email", "a string"),
        (email(id=5), "info.emails.items[0].id", "a string"),
        (email(primary="yes"), "info.emails.items[0].primary", "a boolean"),
        (email(primary=""), "info.emails.items[0].primary", "a boolean"),
        (email(primary=1), "info.emails.items[0].primary", "a boolean"),
        (email(primary=["true"]), "info.emails.items[0].primary", "a boolean"),
        (phone(phone=6465676359), "info.phones.items[0].phone", "a string"),
        (info(labelKeys={"items": [5]}), "info.labelKeys.items[0]", "a string"),
        (
            info(addresses={"items": [{"address": "3 Park Ave"}]}),
            _PLACE,
            "an object",
        ),
        (address(streetAddress="3 Park Ave"), f"{_PLACE}.streetAddress", "an object"),
        (address(geocode=[1, 2]), _GEOCODE, "an object"),
        (address(geocode={"latitude": "NaN", "longitude": 1}), f"{_GEOCODE}.latitude", "a number"),
        (
            address(geocode={"latitude": math.nan, "longitude": 1}),
            f"{_GEOCODE}.latitude",
            "a finite number",
        ),
        (
            address(geocode={"latitude": 1, "longitude": math.inf}),
            f"{_GEOCODE}.longitude",
            "a finite number",
        ),
        (address(geocode={"latitude": True, "longitude": 1}), f"{_GEOCODE}.latitude", "a number"),
        (info(picture=5), "info.picture", "an object"),
        (info(picture={"image": 5}), "info.picture.image", "an object"),
        (
            info(picture={"image": {"id": "a", "width": 1.5}}),
            "info.picture.image.width",
            "a whole number",
        ),
        (
            info(picture={"image": {"id": "a", "height": "tall"}}),
            "info.picture.image.height",
            "a whole number",
        ),
        (info(birthdate=19950425), "info.birthdate", "a string"),
        (info(extendedFields=[]), "info.extendedFields", "an object"),
        (info(extendedFields={"items": []}), "info.extendedFields.items", "an object"),
        (
            info(extendedFields={"custom.nickname": "Jonny"}),
            "info.extendedFields",
            'an object {"items": {...}} around the fields',
        ),
        (
            info(extendedFields={"items": {5: "x"}}),
            "info.extendedFields.items",
            "an object whose names are strings",
        ),
        *(
            (
                info(extendedFields={"items": {"custom.a": value}}),
                "info.extendedFields.items.custom.a",
                "a string or a number",
            )
            for value in (True, ["x"], {"x": 1}, b"x", object())
        ),
    ],
)
def test_wrong_kind(sent: Any, path: str, expected: str) -> None:
    (one,) = violations(sent)
    assert one == Violation(path, f"has the wrong type: Expected {expected}", "OTHER", None, "TYPE")


@pytest.mark.parametrize(
    ("sent", "path", "rule", "description", "threshold"),
    [
        (
            address(geocode={"latitude": -90.1, "longitude": 0}),
            f"{_GEOCODE}.latitude",
            "MIN",
            "must be greater than or equal to -90",
            -90,
        ),
        (
            address(geocode={"latitude": 0, "longitude": 10**400}),
            f"{_GEOCODE}.longitude",
            "MAX",
            "must be less than or equal to 180",
            180,
        ),
        (
            info(picture={"image": {"id": "a", "width": -1}}),
            "info.picture.image.width",
            "MIN",
            "must be greater than or equal to 0",
            0,
        ),
        (
            info(picture={"image": {"id": "a", "height": 2**31}}),
            "info.picture.image.height",
            "MAX",
            "must be less than or equal to 2147483647",
            2**31 - 1,
        ),
    ],
)
def test_number_out_of_range(
    sent: Any, path: str, rule: str, description: str, threshold: int
) -> None:
    assert refused(sent) == (path, rule, description, {"threshold": threshold})


def test_ids_of_one_list_differ() -> None:
    items = [
        {"email": "a@example.com", "_id": GUID},
        5,
        {"email": "b@example.com", "id": GUID.upper()},
    ]
    found = violations(info(emails={"items": items}))
    assert [one.field for one in found] == ["info.emails.items[1]", "info.emails.items[2].id"]
    assert found[1] == Violation(
        "info.emails.items[2].id", "is the id of another item too", "OTHER", None, "UNIQUE"
    )


def test_all_problems_are_named_at_once() -> None:
    sent = {
        "name": {"first": "x" * 1001, "last": 5},
        "emails": {"items": [{"email": "x", "tag": "Y"}, {"email": "a@example.com"}, {}]},
        "phones": [],
        "addresses": {"items": [{"address": {"country": "ZZ", "geocode": {}}}]},
        "birthdate": "soon",
        "labelKeys": {"items": [None]},
        "extendedFields": {"items": {"custom.a": []}},
    }
    with pytest.raises(InvalidArgument) as caught:
        read_info(sent)
    assert sorted(one.field for one in caught.value.violations) == [
        f"{_PLACE}.country",
        f"{_PLACE}.geocode.latitude",
        f"{_PLACE}.geocode.longitude",
        "info.birthdate",
        "info.emails.items[0].email",
        "info.emails.items[0].tag",
        "info.emails.items[2].email",
        "info.extendedFields.items.custom.a",
        "info.labelKeys.items[0]",
        "info.name.first",
        "info.name.last",
        "info.phones",
    ]
    for one in caught.value.violations:
        assert f"{one.field} {one.description}" in str(caught.value)


def test_thousands_of_problems_are_all_named() -> None:
    assert len(violations(info(labelKeys={"items": [5] * 2000}))) == 2000


def test_paths_are_rooted_where_the_caller_says() -> None:
    with pytest.raises(InvalidArgument, match=r"^contact\.info\.company has the wrong type"):
        read_info({"company": 5}, path="contact.info")


def test_structs_that_hold_nonsense_are_refused_like_mappings() -> None:
    nonsense: Any = 5
    wrong = ContactInfo(
        name=Name(first=nonsense), emails=ContactEmails(items=(nonsense,)), company=nonsense
    )
    assert [one.field for one in violations(wrong)] == [
        "info.emails.items[0]",
        "info.name.first",
        "info.company",
    ]
