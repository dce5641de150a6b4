"""True of every `info`: right ones come back equal, wrong ones are told why, none does harm."""

from __future__ import annotations

import copy
from typing import Any, Final

import msgspec
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from contactory.domain import emails
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.emails import email_key
from contactory.domain.errors import ContactoryError, InvalidArgument
from contactory.domain.phones import normalise_phone
from tests.property.infos import garbage, infos, phones, rest_infos
from tests.unit.contacts_made import made

_quietly: Final = settings(deadline=None, max_examples=150)


def _but_phone_as_sent(contact: Contact) -> Contact:
    return msgspec.structs.replace(contact, primary_info=None)


def _but_picture(contact: Contact) -> Contact:
    info = msgspec.structs.replace(contact.info, picture=None)
    return msgspec.structs.replace(contact, primary_info=None, info=info)


@_quietly
@given(infos)
def test_right_info_comes_back_equal_after_normalising_twice(info: dict[str, Any]) -> None:
    before = copy.deepcopy(info)
    contact = made(info)
    assert info == before
    for again in (contact.info, contact.to_rest()["info"]):
        assert _but_phone_as_sent(made(again)) == _but_phone_as_sent(contact)


@_quietly
@given(infos)
def test_right_info_comes_back_equal_in_the_seeds_names(info: dict[str, Any]) -> None:
    contact = made(info)
    again = made(contact.to_dict()["info"])
    # The seed's text of a picture says less than the object.
    assert _but_picture(again) == _but_picture(contact)
    assert made(again.to_dict()["info"]).info.picture == again.info.picture


@_quietly
@given(infos)
def test_contact_comes_back_equal_from_json(info: dict[str, Any]) -> None:
    contact = made(info)
    document = contact.to_json()
    assert Contact.from_json(document) == contact
    assert Contact.from_json(document).to_json() == document


@_quietly
@given(infos)
def test_keys_belong_to_the_entries_in_their_order(info: dict[str, Any]) -> None:
    read = read_info(info)
    found = read.info
    assert read.email_keys == tuple(email_key(entry.email) for entry in found.emails.items)
    assert read.phone_keys == tuple(
        normalise_phone(entry.phone, entry.country_code).key for entry in found.phones.items
    )
    for keys, entries in (
        (read.email_keys, found.emails.items),
        (read.phone_keys, found.phones.items),
    ):
        assert len(set(keys)) == len(keys)
        assert [entry.primary for entry in entries].count(True) == min(len(entries), 1)
    assert (read.sent_phone is None) is (not found.phones.items)


@_quietly
@given(phones())
def test_phone_of_any_country_is_normalised_once_and_for_all(phone: dict[str, Any]) -> None:
    forms = normalise_phone(phone["phone"], phone["countryCode"])
    assert normalise_phone(forms.phone, phone["countryCode"]) == forms


def _outcome(sent: Any) -> Contact | ContactoryError:
    try:
        return made(sent)
    except ContactoryError as error:
        return error


def _check_outcome(outcome: Contact | ContactoryError) -> None:
    """A whole contact, or an error that can be sent."""
    if isinstance(outcome, Contact):
        assert Contact.from_json(outcome.to_json()) == outcome
    elif isinstance(outcome, InvalidArgument):
        assert all(f"{one.field}.".startswith("info.") for one in outcome.violations)
        assert msgspec.json.encode(outcome.violations)
    else:
        assert msgspec.json.encode([outcome.message, outcome.data])


@_quietly
@given(garbage)
def test_garbage_is_refused_by_an_error_of_ours_or_makes_a_whole_contact(sent: Any) -> None:
    _check_outcome(_outcome(sent))


@_quietly
@given(garbage)
def test_garbage_inside_of_structs_fares_no_worse(sent: Any) -> None:
    _check_outcome(_outcome(ContactInfo(name=sent, emails=sent, phones=sent, addresses=sent)))


# Breaking a right info at known places: the error names exactly those.

_GUIDS: Final = [f"{at:08}-0000-4000-8000-000000000000" for at in range(3)]
_RIGHT: Final[dict[str, Any]] = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {
        "items": [
            {"id": _GUIDS[at], "email": f"john{at}@example.com", "tag": "HOME", "primary": at == 1}
            for at in range(3)
        ]
    },
    "phones": {
        "items": [
            {"id": _GUIDS[at], "phone": f"646567635{at}", "countryCode": "US", "tag": "FAX"}
            for at in range(3)
        ]
    },
    "addresses": {
        "items": [
            {
                "id": _GUIDS[at],
                "tag": "WORK",
                "address": {
                    "addressLine": "3 Park Ave",
                    "addressLine2": "Flat 2",
                    "city": "NY",
                    "country": "US",
                    "subdivision": "US-NY",
                    "postalCode": "10010",
                    "hint": "ring twice",
                    "geocode": {"latitude": 40.5, "longitude": -73},
                    "streetAddress": {"number": "3", "name": "Park Ave", "apt": "1"},
                },
            }
            for at in range(2)
        ]
    },
    "company": "Wix",
    "jobTitle": "Writer",
    "picture": {"image": {"id": "a", "width": 1}},
    "birthdate": "1995-04-25",
    "locale": "en-us",
    "labelKeys": {"items": ["custom.a", "custom.b"]},
    "extendedFields": {"items": {"custom.a": "x", "custom.b": 5}},
    "locations": {"items": [_GUIDS[0]]},
}

_NO_TEXT: Final = st.sampled_from([5, 0, True, False, [], ["x"], {}, 1.5, b"x", "\0", "a\ud800b"])
_NO_OBJECT: Final = st.sampled_from([5, 0, True, "x", [], ["x"], 1.5, b"x", ""])
_NO_LIST: Final = st.sampled_from([5, 0, True, "x", {}, 1.5, b"x", ""])
_NO_WRAPPER: Final = _NO_OBJECT | st.lists(st.just({"email": "a@example.com"}), max_size=2)
_NO_ID: Final = _NO_TEXT | st.sampled_from(["x", "37db3bde-83c0-4ca2-8097"])
_NO_TAG: Final = st.sampled_from(["home", "PAGER", 5, True, ["HOME"], {}, "\ud800"])
_NO_FLAG: Final = st.sampled_from(["yes", "TRUE", 1, 0, [], {}, ""])
_NO_NUMBER: Final = st.sampled_from(
    [181, -181, 10**400, "NaN", "Infinity", "1", True, [], float("nan"), float("inf")]
)


def _long(most: int) -> st.SearchStrategy[Any]:
    return _NO_TEXT | st.integers(most + 1, most + 5).map(lambda size: "x" * size)


def _entry_breaks(name: str, at: int) -> dict[tuple[str | int, ...], st.SearchStrategy[Any]]:
    where = (name, "items", at)
    return {where: _NO_OBJECT | st.none(), (*where, "id"): _NO_ID, (*where, "tag"): _NO_TAG}


def _address_breaks(at: int) -> dict[tuple[str | int, ...], st.SearchStrategy[Any]]:
    where = ("addresses", "items", at, "address")
    return {
        where: _NO_OBJECT | st.none() | st.just({}),
        (*where, "addressLine"): _long(1000),
        (*where, "addressLine2"): _long(1000),
        (*where, "city"): _long(1000),
        (*where, "country"): _long(100) | st.sampled_from(["us", "ZZ", "USA"]),
        (*where, "subdivision"): _long(100) | st.sampled_from(["NY", "US-XX", "us-ny"]),
        (*where, "postalCode"): _long(100),
        (*where, "hint"): _long(200),
        (*where, "geocode"): _NO_OBJECT,
        (*where, "geocode", "latitude"): _NO_NUMBER | st.none(),
        (*where, "geocode", "longitude"): _NO_NUMBER | st.none(),
        (*where, "streetAddress"): _NO_OBJECT,
        (*where, "streetAddress", "number"): _long(100),
    }


_BREAKS: Final[dict[tuple[str | int, ...], st.SearchStrategy[Any]]] = {
    ("name",): _NO_OBJECT,
    ("name", "first"): _long(1000),
    ("name", "last"): _long(1000),
    ("company",): _long(1000),
    ("jobTitle",): _long(1000),
    ("birthdate",): _NO_TEXT | st.sampled_from(["1995-4-25", "soon", "1995-02-30"]),
    ("locale",): _NO_TEXT | st.sampled_from(["en_US", "e", "-", "en--us"]),
    ("picture",): st.sampled_from([5, True, [], "\0", "x" * 2001]),
    ("picture", "image"): st.sampled_from([5, True, [], "\0", "x" * 2001]),
    ("picture", "image", "width"): st.sampled_from([-1, 1.5, "wide", True, 10**400, []]),
    ("labelKeys",): _NO_WRAPPER,
    ("labelKeys", "items"): _NO_LIST | st.just(["custom.a"] * 2001),
    ("labelKeys", "items", 0): _long(80) | st.none(),
    ("labelKeys", "items", 1): _long(80) | st.none(),
    ("locations", "items", 0): _NO_ID | st.none(),
    ("extendedFields",): _NO_OBJECT | st.just({"custom.a": "x"}),
    ("extendedFields", "items"): _NO_OBJECT | st.just({"\ud800": 1}) | st.just({5: 1}),
    ("extendedFields", "items", "custom.a"): st.sampled_from([True, [], {}, b"x", "\ud800"]),
    **{(name,): _NO_WRAPPER for name in ("emails", "phones", "addresses")},
    **{
        (name, "items"): _NO_LIST | st.just([{}] * 51) for name in ("emails", "phones", "addresses")
    },
    **_entry_breaks("emails", 0),
    **_entry_breaks("emails", 2),
    **_entry_breaks("phones", 1),
    **_entry_breaks("addresses", 1),
    **_address_breaks(0),
    **_address_breaks(1),
    ("emails", "items", 1, "email"): _long(320) | st.sampled_from(["x", "", " ", None, "a@b"]),
    ("emails", "items", 2, "email"): _long(320) | st.sampled_from(["x", "", " ", None, "a@b"]),
    ("emails", "items", 2, "primary"): _NO_FLAG,
    ("phones", "items", 0, "phone"): _long(50) | st.sampled_from(["", " ", None]),
    ("phones", "items", 2, "countryCode"): _long(100) | st.sampled_from(["us", "USA", "U"]),
}


def _dotted(place: tuple[str | int, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "info" + "".join(steps)


def _put(info: dict[str, Any], place: tuple[str | int, ...], value: Any) -> None:
    holder: Any = info
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value


@st.composite
def _broken(draw: st.DrawFn) -> tuple[dict[str, Any], set[str]]:
    """A wrong `info`, and the paths at which it is wrong, none of which is inside of another."""
    info, places = copy.deepcopy(_RIGHT), set[tuple[str | int, ...]]()
    for place in draw(st.lists(st.sampled_from(list(_BREAKS)), min_size=1, max_size=6)):
        if any(place[: len(one)] == one or one[: len(place)] == place for one in places):
            continue
        _put(info, place, draw(_BREAKS[place]))
        places.add(place)
    return info, set(map(_dotted, places))


def test_what_is_broken_below_is_right_at_first() -> None:
    assert read_info(_RIGHT).dropped == ()


@settings(deadline=None, max_examples=500)
@given(_broken())
def test_wrong_info_is_refused_naming_exactly_what_is_wrong(
    broken: tuple[dict[str, Any], set[str]],
) -> None:
    info, paths = broken
    with pytest.raises(InvalidArgument) as caught:
        read_info(info)
    assert sorted(one.field for one in caught.value.violations) == sorted(paths)


@pytest.mark.parametrize("place", _BREAKS, ids=_dotted)
@settings(deadline=None, max_examples=20)
@given(st.data())
def test_each_place_is_named_alone(place: tuple[str | int, ...], data: st.DataObject) -> None:
    info = copy.deepcopy(_RIGHT)
    _put(info, place, data.draw(_BREAKS[place]))
    with pytest.raises(InvalidArgument) as caught:
        read_info(info)
    assert [one.field for one in caught.value.violations] == [_dotted(place)]


@_quietly
@given(rest_infos(), st.sampled_from(["\ud800", "a\0", "\udfff"]))
def test_name_that_cannot_be_written_is_refused_in_any_info(
    info: dict[str, Any], name: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_info(info | {name: 1})
    assert [one.field for one in caught.value.violations] == ["info"]


# The quick way for ordinary e-mail addresses agrees with the library.


@_quietly
@given(st.from_regex(emails._ORDINARY, fullmatch=True).filter(lambda text: len(text) <= 64))
def test_ordinary_addresses_have_the_librarys_verdict_and_key(address: str) -> None:
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(ValueError, match=r"."):
            email_key(address)
        return
    assert email_key(address) == f"{found.local_part}@{found.ascii_domain}".lower()
