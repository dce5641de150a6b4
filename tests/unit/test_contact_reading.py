"""What is kept of an `info`, and in which form (CONTRACT A)."""

from __future__ import annotations

from collections import UserDict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contactory.domain.contact_reading import ReadInfo, read_info
from contactory.domain.contacts import (
    Address,
    ContactAddress,
    ContactAddresses,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    ContactPhone,
    ContactPhones,
    ExtendedFields,
    Geocode,
    Image,
    Keys,
    Name,
    Picture,
    StreetAddress,
)
from contactory.domain.errors import InsufficientContactData, MultiplePrimaryInfo
from contactory.kit.clock import Timestamp
from tests.unit.infos import GUID, OTHER_GUID, email, info, phone, refused


def entry(item: dict[str, Any]) -> ContactEmail:
    (found,) = read_info(info(emails={"items": [item]})).info.emails.items
    return found


def place(**sent: Any) -> Address:
    (found,) = read_info(info(addresses={"items": [{"address": sent}]})).info.addresses.items
    return found.address


# What makes a contact.


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"company": "X"},
        {"name": {}},
        {"name": {"first": " ", "last": "\t"}},
        {"emails": {}},
        {"emails": {"items": []}, "phones": {"items": None}},
        {"emails": None, "phones": None, "name": None, "addresses": None, "picture": None},
        {"addresses": {"items": [{"address": {"city": "NY"}}]}},
    ],
)
def test_needs_name_email_or_phone(sent: dict[str, Any]) -> None:
    with pytest.raises(InsufficientContactData):
        read_info(sent)


@pytest.mark.parametrize(
    "sent",
    [
        {"name": {"first": "J"}},
        {"name": {"last": "D"}},
        {"emails": {"items": [{"email": "a@b.c"}]}},
        {"phones": {"items": [{"phone": "1"}]}},
    ],
)
def test_one_of_name_email_and_phone_is_enough(sent: dict[str, Any]) -> None:
    assert isinstance(read_info(sent), ReadInfo)


# Primary entries (CONTRACT A.5) and repeated ones (F).


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [
        ([None, None, None], 0),
        ([False, False, False], 0),
        ([None, True, None], 1),
        (["false", "false", "true"], 2),
    ],
)
def test_one_entry_is_primary(flags: list[Any], chosen: int) -> None:
    items = [{"email": f"john{at}@example.com", "primary": flag} for at, flag in enumerate(flags)]
    read = read_info(info(emails={"items": items}))
    assert [e.primary for e in read.info.emails.items] == [at == chosen for at in range(3)]


@pytest.mark.parametrize("name", ["emails", "phones"])
def test_two_primary_entries_are_refused(name: str) -> None:
    items = [
        {"email": f"john{at}@example.com", "phone": str(at), "primary": True} for at in range(2)
    ]
    with pytest.raises(MultiplePrimaryInfo, match=name):
        read_info({name: {"items": items}})


def test_repeated_emails_are_one_in_the_place_of_the_first() -> None:
    items = [
        {"email": "a@example.com", "id": GUID, "tag": "HOME"},
        {"email": "b@example.com"},
        {"email": "A@EXAMPLE.com", "id": OTHER_GUID, "primary": True, "tag": "WORK"},
        {"email": "c@example.com"},
        {"email": "B@example.com"},
    ]
    read = read_info({"emails": {"items": items}})
    first, second, third = read.info.emails.items
    assert first == ContactEmail(id=GUID, tag="HOME", email="a@example.com", primary=True)
    assert (second.email, second.primary) == ("b@example.com", False)
    assert (third.email, third.primary) == ("c@example.com", False)
    assert read.email_keys == ("a@example.com", "b@example.com", "c@example.com")


def test_repeated_phones_are_one_in_the_place_of_the_first() -> None:
    items = [
        {"phone": "(646) 567-6359", "countryCode": "US", "id": GUID},
        {"phone": "1"},
        {"phone": "+1 646 567 6359", "countryCode": "US", "primary": True},
        {"phone": "6465676359 ext. 7", "countryCode": "US"},
    ]
    read = read_info({"phones": {"items": items}})
    assert [(p.phone, p.primary) for p in read.info.phones.items] == [
        ("646-567-6359", True),
        ("1", False),
        ("646-567-6359 ext. 7", False),
    ]
    assert read.info.phones.items[0].id == GUID
    assert read.phone_keys == ("+16465676359", ":1", "+16465676359;ext=7")
    assert read.sent_phone == "(646) 567-6359"


def test_repeated_primary_email_is_one_primary() -> None:
    items = [
        {"email": "a@example.com", "primary": True},
        {"email": "A@example.com", "primary": True},
    ]
    (only,) = read_info({"emails": {"items": items}}).info.emails.items
    assert only.primary is True


def test_keys_stand_in_the_order_of_their_entries() -> None:
    items = [{"email": f"{name}@Example.com"} for name in ("Z", "a", "M")]
    read = read_info({"emails": {"items": items}})
    assert read.email_keys == ("z@example.com", "a@example.com", "m@example.com")
    assert [e.email for e in read.info.emails.items] == [
        "Z@Example.com",
        "a@Example.com",
        "M@Example.com",
    ]


# What is kept, and how.


def test_email_is_kept_as_sent_but_trimmed() -> None:
    found = entry(
        {"email": "  John@Example.com ", "id": GUID.upper(), "tag": "", "primary": "true"}
    )
    assert found == ContactEmail(id=GUID, tag="UNTAGGED", email="John@Example.com", primary=True)


@pytest.mark.parametrize("sent", [{}, {"id": None}, {"id": ""}, {"_id": None}])
def test_entries_without_id_get_one_each(sent: dict[str, Any]) -> None:
    items = [{"email": f"john{at}@example.com"} | sent for at in range(3)]
    ids = [e.id for e in read_info({"emails": {"items": items}}).info.emails.items]
    assert len(set(ids)) == 3
    assert None not in ids


@pytest.mark.parametrize("sent", [{"id": GUID}, {"_id": GUID}, {"id": None, "_id": GUID}])
def test_id_is_kept_under_either_name(sent: dict[str, Any]) -> None:
    assert entry({"email": "a@example.com"} | sent).id == GUID


def test_sent_forms_of_phones_are_ignored() -> None:
    read = read_info(phone(e164Phone="+1", formattedPhone="+1"))
    (found,) = read.info.phones.items
    assert (found.phone, found.e164_phone, found.formatted_phone) == ("6465676359", None, None)
    assert read.dropped == ()


def test_address_in_both_dialects() -> None:
    rest = place(
        addressLine="3 Park Ave",
        formattedAddress="Here",
        geocode={"latitude": 40, "longitude": -73.5},
    )
    seed = place(
        addressLine1="3 Park Ave", formatted="Here", location={"latitude": 40, "longitude": -73.5}
    )
    assert rest == seed
    assert rest.formatted_address == "Here"
    assert rest.geocode == Geocode(latitude=40.0, longitude=-73.5)


def test_address_gets_its_formatted_text_and_its_line() -> None:
    found = place(streetAddress={"number": "3", "name": "Park Ave"}, city="NY", country="US")
    assert found.address_line == "3 Park Ave"
    assert found.street_address == StreetAddress(number="3", name="Park Ave")
    assert found.formatted_address == "3 Park Ave\nNY\nUnited States"


def test_ids_of_addresses_are_kept() -> None:
    read = read_info(info(addresses={"items": [{"_id": GUID, "address": {"city": "NY"}}]}))
    assert read.info.addresses.items[0].id == GUID


def test_subdivision_of_a_territory_goes_with_the_territory() -> None:
    assert place(country="PR", subdivision="US-PR").subdivision == "US-PR"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            "wix:image://v1/abc.png/cat.png#originWidth=10&originHeight=20",
            Picture(
                image=Image(
                    id="abc.png",
                    url="wix:image://v1/abc.png/cat.png#originWidth=10&originHeight=20",
                    height=20,
                    width=10,
                    alt_text="cat.png",
                    filename="cat.png",
                ),
                image_provider="WIX_MEDIA",
            ),
        ),
        (
            {"image": "wix:image://v1/abc"},
            Picture(image=Image(id="abc", url="wix:image://v1/abc"), image_provider="WIX_MEDIA"),
        ),
        (
            {"image": "https://example.com/a.png"},
            Picture(image=Image(url="https://example.com/a.png"), image_provider="EXTERNAL"),
        ),
        (
            {"image": {"_id": "abc", "width": "10", "height": 20.0}},
            Picture(image=Image(id="abc", width=10, height=20), image_provider="WIX_MEDIA"),
        ),
        (
            {"image": {"url": "https://example.com/a.png"}, "imageProvider": "UNKNOWN"},
            Picture(image=Image(url="https://example.com/a.png"), image_provider="UNKNOWN"),
        ),
        ("", None),
        ({}, None),
        ({"image": None, "imageProvider": "EXTERNAL"}, None),
        ({"image": {"url": " "}}, None),
    ],
)
def test_picture(sent: Any, kept: Picture | None) -> None:
    assert read_info(info(picture=sent)).info.picture == kept


def test_picture_of_a_size_that_cannot_be_is_a_mere_url() -> None:
    url = "wix:image://v1/a#originWidth=" + "9" * 1900 + "&originHeight=1"
    read = read_info(info(picture=url)).info.picture
    assert read == Picture(image=Image(url=url), image_provider="EXTERNAL")


@pytest.mark.parametrize(
    "sent", ["en", "en-us", "de-CH-1996", "zh-Hant-TW", "x-mine", "sl-rozaj-biske", "es-419"]
)
def test_locale_is_kept_as_sent(sent: str) -> None:
    assert read_info(info(locale=sent)).info.locale == sent


def test_label_keys_are_kept_in_order_once_each() -> None:
    read = read_info(info(labelKeys={"items": ["custom.b", " custom.a ", "custom.b"]}))
    assert read.info.label_keys == Keys(items=("custom.b", "custom.a"))


def test_guids_are_kept_in_lower_case_once_each() -> None:
    read = read_info(info(locations={"items": [GUID.upper(), GUID, OTHER_GUID]}))
    assert read.info.locations.items == (GUID, OTHER_GUID)


def test_blanks_alone_are_no_text() -> None:
    read = read_info(
        email() | {"name": {"first": "  "}, "company": "\n", "birthdate": " ", "locale": "\t"}
    )
    assert read.info == ContactInfo(emails=read.info.emails, phones=ContactPhones())


def test_texts_are_kept_as_sent() -> None:
    read = read_info({"name": {"first": " Ann  Marie "}, "company": " A\nB "})
    assert read.info.name == Name(first=" Ann  Marie ")
    assert read.info.company == " A\nB "


# What is dropped, and reported.


def test_unknown_names_are_dropped_and_reported_with_their_paths() -> None:
    read = read_info(
        {
            "name": {"first": "John", "middle": "F"},
            "emails": {"items": [{"email": "a@b.c", "x": 1}], "y": 2},
            "addresses": {
                "items": [
                    {
                        "z": 1,
                        "address": {
                            "city": "NY",
                            "planet": "Earth",
                            "streetAddress": {"formattedAddressLine": "3 Park Ave"},
                            "location": {"latitude": 1, "longitude": 1, "altitude": 1},
                        },
                    }
                ]
            },
            "picture": {"image": {"url": "https://example.com", "size": 1}},
            "extendedFields": {"keys": []},
            "nick\nname": 10**5000,
        }
    )
    assert set(read.dropped) == {
        "info.name.middle",
        "info.emails.y",
        "info.emails.items[0].x",
        "info.addresses.items[0].z",
        "info.addresses.items[0].address.planet",
        "info.addresses.items[0].address.streetAddress.formattedAddressLine",
        "info.addresses.items[0].address.location.altitude",
        "info.picture.image.size",
        "info.extendedFields.keys",
        "info.nick\nname",
    }


def test_report_of_dropped_names_has_an_end() -> None:
    read = read_info(info(**{f"unknown{at}" + "x" * 200: at for at in range(1500)}))
    assert len(read.dropped) == 1000
    assert max(map(len, read.dropped)) == len("info.") + 100


# Extended fields: what is left for the store to check.


def test_extended_fields_are_read_as_plain_values() -> None:
    fields = {
        "custom.text": "Jonny",
        "custom.number": 1.5,
        "custom.whole": 10**400,
        "custom.nothing": None,
        "custom.date": date(2026, 11, 24),
        "custom.time": Timestamp.parse("2026-11-24T10:00:00Z"),
        "contacts.displayByFirstName": ["whatever"],
    }
    assert read_info(info(extendedFields={"items": fields})).fields == {
        "custom.text": "Jonny",
        "custom.number": 1.5,
        "custom.whole": 10**400,
        "custom.nothing": None,
        "custom.date": "2026-11-24",
        "custom.time": "2026-11-24T10:00:00+00:00",
        "contacts.displayByFirstName": None,
    }


def test_path_of_a_field_with_a_long_key_is_cut() -> None:
    path, *_ = refused(info(extendedFields={"items": {"custom." + "x" * 1000: []}}))
    assert path == "info.extendedFields.items.custom." + "x" * 73


# What Python callers pass.


@pytest.mark.parametrize(
    "born",
    [
        date(1995, 4, 25),
        datetime(1995, 4, 25, 23, 59, tzinfo=UTC),
        Timestamp.parse("1995-04-25T00:00:00Z"),
        "1995-04-25",
    ],
)
def test_birthdate_as_a_date_object(born: Any) -> None:
    assert read_info(info(birthdate=born)).info.birthdate == "1995-04-25"
    assert read_info(ContactInfo(name=Name(first="J"), birthdate=born)).info.birthdate == (
        "1995-04-25"
    )


def test_early_birthdate_has_four_digits_of_its_year() -> None:
    assert read_info(info(birthdate=date(33, 4, 3))).info.birthdate == "0033-04-03"


def test_structs_mean_the_same_as_mappings() -> None:
    structs = ContactInfo(
        name=Name(first="John"),
        emails=ContactEmails(items=(ContactEmail(id=GUID, email="john@example.com"),)),
        phones=ContactPhones(items=(ContactPhone(id=GUID, phone="6465676359", country_code="US"),)),
        addresses=ContactAddresses(
            items=(
                ContactAddress(
                    id=GUID,
                    address=Address(
                        address_line2="Flat 2", street_address=StreetAddress(name="Park Ave")
                    ),
                ),
            )
        ),
        job_title="Writer",
        extended_fields=ExtendedFields(items={"custom.a": 1}),
    )
    mapping = {
        "name": {"first": "John"},
        "emails": {"items": [{"id": GUID, "email": "john@example.com"}]},
        "phones": {"items": ({"id": GUID, "phone": "6465676359", "countryCode": "US"},)},
        "addresses": {
            "items": [
                {
                    "_id": GUID,
                    "address": {"addressLine2": "Flat 2", "streetAddress": {"name": "Park Ave"}},
                }
            ]
        },
        "jobTitle": "Writer",
        "extendedFields": {"items": {"custom.a": 1}},
    }
    assert read_info(structs) == read_info(mapping)


def test_structs_inside_of_mappings_and_other_mappings_are_read() -> None:
    mixed = UserDict(
        name=Name(first="John"),
        emails={"items": [ContactEmail(id=GUID, email="john@example.com")]},
        phones=ContactPhones(),
    )
    read = read_info(mixed)
    assert read.info.name == Name(first="John")
    assert read.info.emails.items[0].id == GUID


def test_subclasses_of_str_are_kept_as_plain_text() -> None:
    class Text(str):
        __slots__ = ()

    read = read_info(
        {
            "name": {"first": Text("John")},
            "emails": {"items": [{"email": Text("a@b.c"), "tag": Text("HOME")}]},
            "extendedFields": {"items": {Text("custom.a"): Text("x")}},
        }
    )
    assert type(read.info.name.first) is str
    assert type(read.info.emails.items[0].email) is str
    assert type(read.info.emails.items[0].tag) is str
    assert {type(part) for pair in read.fields.items() for part in pair} == {str}


def test_what_was_sent_is_left_as_it_was() -> None:
    sent = phone(countryCode="US", primary="true", tag="MOBILE")
    before = repr(sent)
    read_info(sent)
    assert repr(sent) == before
