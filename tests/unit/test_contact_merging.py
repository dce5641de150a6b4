"""Merging: the target gains what it lacks, in order, and loses nothing."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contact_merging import check_merge, merged_contact
from contactory.domain.contacts import Contact, ExtendedFields, LastActivity, Name
from contactory.domain.errors import IllegalMerge, InvalidArgument
from contactory.kit.clock import Timestamp
from tests.unit.contacts_made import ID, NOW, made

LATER: Final = Timestamp.parse("2024-01-01T00:00:00Z")
GUID: Final = "37db3bde-83c0-4ca2-8097-88964a2f343b"
OTHER_GUID: Final = "ed1d7da0-b4a1-4164-81b7-c49dedc25dd7"


def emails(*addresses: str) -> dict[str, Any]:
    return {"emails": {"items": [{"email": address} for address in addresses]}}


def phones(*numbers: str) -> dict[str, Any]:
    items = [{"phone": number, "countryCode": "US", "tag": "HOME"} for number in numbers]
    return {"phones": {"items": items}}


def merged(target: dict[str, Any], *sources: dict[str, Any], **more: Any) -> Contact:
    return merged_contact(made(target), [made(one) for one in sources], now=LATER, **more)


JOHN: Final = {"name": {"first": "John", "last": "Doe"}}


def test_target_is_one_revision_further_and_was_merged_now() -> None:
    contact = merged(JOHN, emails("a@example.com"))
    assert (contact.id, contact.revision) == (ID, 2)
    assert (contact.created_date, contact.updated_date) == (NOW, LATER)
    assert contact.last_activity == LastActivity(
        activity_date=LATER, activity_type="CONTACT_MERGED"
    )


def test_entries_are_appended_in_order_and_not_primary() -> None:
    sources = [
        made(emails("B@example.com", "c@example.com")),
        made(emails("d@x.de", "C@example.com")),
    ]
    target = made(emails("a@example.com", "b@example.com"))
    contact = merged_contact(target, sources, now=LATER)
    found = contact.info.emails.items
    assert [(entry.email, entry.primary) for entry in found] == [
        ("a@example.com", True),
        ("b@example.com", False),
        ("c@example.com", False),
        ("d@x.de", False),
    ]
    assert found[:2] == target.info.emails.items
    assert found[2].id == sources[0].info.emails.items[1].id
    assert contact.primary_info is not None
    assert contact.primary_info.email == "a@example.com"


def test_phones_are_the_same_by_number_and_keep_tag_and_id() -> None:
    source = made(phones("(646) 567-6359", "2142682998"))
    contact = merged_contact(made(JOHN | phones("6465676359")), [source], now=LATER)
    first, second = contact.info.phones.items
    kept = source.info.phones.items[1]
    assert second == msgspec.structs.replace(kept, primary=False)
    assert (first.phone, first.primary) == ("646-567-6359", True)
    assert contact.primary_info is not None
    assert contact.primary_info.phone == "6465676359"


def test_new_primary_phone_shows_in_its_normal_form() -> None:
    contact = merged(JOHN, phones("6465676359"))
    assert contact.primary_info is not None
    assert contact.primary_info.phone == "646-567-6359"
    assert contact.primary_phone is not None
    assert contact.primary_phone.e164_phone == "+16465676359"


def test_primary_email_of_the_first_source_that_has_one_is_taken() -> None:
    items = [{"email": "b@example.com"}, {"email": "c@example.com", "primary": True}]
    contact = merged(
        JOHN,
        {"emails": {"items": items}},
        emails("a@example.com"),
        status=EmailStatus("SUBSCRIBED", "VALID"),
    )
    assert [entry.primary for entry in contact.info.emails.items] == [False, True, False]
    assert contact.primary_email is not None
    assert contact.primary_email.email == "c@example.com"
    fields = contact.info.extended_fields.items
    assert fields["emailSubscriptions.effectiveEmail"] == "c@example.com"


def test_taken_id_of_an_appended_entry_is_replaced() -> None:
    one, other = ({"items": [{"id": GUID, "email": email}]} for email in ("a@x.de", "b@x.de"))
    contact = merged({"emails": one}, {"emails": other})
    first, second = contact.info.emails.items
    assert first.id == GUID
    assert second.id not in {None, GUID}


def test_addresses_are_the_same_by_all_components() -> None:
    here = {"city": "Bonn", "country": "DE"}
    contact = merged(
        JOHN | {"addresses": {"items": [{"address": here, "tag": "HOME"}]}},
        JOHN | {"addresses": {"items": [{"address": here}, {"address": here | {"hint": "ring"}}]}},
    )
    assert [entry.address.hint for entry in contact.info.addresses.items] == [None, "ring"]
    assert contact.info.addresses.items[0].tag == "HOME"


def test_addresses_that_are_mere_text_are_the_same_by_it() -> None:
    first, second = ({"items": [{"address": {"formattedAddress": text}}]} for text in "ab")
    contact = merged(JOHN | {"addresses": first}, JOHN | {"addresses": second})
    found = [entry.address.formatted_address for entry in contact.info.addresses.items]
    assert found == ["a", "b"]


def test_lists_of_keys_are_appended() -> None:
    contact = merged(
        JOHN | {"labelKeys": {"items": ["custom.b"]}, "locations": {"items": [GUID]}},
        JOHN | {"labelKeys": {"items": ["custom.c", "custom.b"]}},
        JOHN | {"labelKeys": {"items": ["custom.a"]}, "assignedUserIds": {"items": [OTHER_GUID]}},
    )
    assert contact.info.label_keys.items == ("custom.b", "custom.c", "custom.a")
    assert contact.info.locations.items == (GUID,)
    assert contact.info.assigned_user_ids.items == (OTHER_GUID,)


def test_single_values_that_are_missing_come_from_the_first_that_has_them() -> None:
    contact = merged(
        JOHN | {"company": "Wix"},
        JOHN | {"company": "Acme", "jobTitle": "Poet"},
        JOHN
        | {
            "jobTitle": "Writer",
            "birthdate": "1995-04-25",
            "locale": "de",
            "picture": {"image": {"url": "https://example.com/a.png"}},
        },
    )
    info = contact.info
    assert (info.company, info.job_title, info.birthdate) == ("Wix", "Poet", "1995-04-25")
    assert info.locale == "de"
    assert info.picture is not None


@pytest.mark.parametrize(
    ("own", "other", "name"),
    [
        ({}, {"first": "Jo", "last": "Roe"}, Name(first="Jo", last="Roe")),
        ({"first": "John"}, {"first": "Jane", "last": "Roe"}, Name(first="John")),
        ({"first": "John"}, {"first": "JOHN", "last": "Roe"}, Name(first="John", last="Roe")),
        ({"last": "Doe"}, {"first": "Jo", "last": "Roe"}, Name(last="Doe")),
        ({"last": "Doe"}, {"first": "Jo"}, Name(first="Jo", last="Doe")),
        (
            {"first": "John", "last": "Doe"},
            {"first": "Jo", "last": "Roe"},
            Name(first="John", last="Doe"),
        ),
    ],
)
def test_name_is_filled_unless_it_is_another_persons(own: Any, other: Any, name: Name) -> None:
    contact = merged(emails("a@x.de") | {"name": own}, {"name": other})
    assert contact.info.name == name
    shown = " ".join(half for half in (name.first, name.last) if half)
    assert contact.info.extended_fields.items["contacts.displayByFirstName"] == shown


def test_extended_fields_are_filled_by_order() -> None:
    contact = merged(
        JOHN | {"extendedFields": {"items": {"custom.a": "x"}}},
        JOHN | {"extendedFields": {"items": {"custom.a": "y", "custom.b": 0}}},
        JOHN | {"extendedFields": {"items": {"custom.b": 1, "invoices.vatId": "DE1"}}},
    )
    fields = contact.info.extended_fields.items
    assert (fields["custom.a"], fields["custom.b"], fields["invoices.vatId"]) == ("x", 0, "DE1")


def test_values_that_only_the_server_writes_are_not_taken() -> None:
    source = made(JOHN)
    fields = ExtendedFields(items=source.info.extended_fields.items | {"members.mobile": "true"})
    info = msgspec.structs.replace(source.info, extended_fields=fields)
    member = msgspec.structs.replace(source, info=info)
    contact = merged_contact(made(JOHN), [member], now=LATER)
    assert "members.mobile" not in contact.info.extended_fields.items


def test_target_keeps_its_own_status() -> None:
    source = made(emails("a@x.de"), EmailStatus("SUBSCRIBED", "VALID"))
    target = made(JOHN | emails("b@x.de"))
    fields = merged_contact(target, [source], now=LATER).info.extended_fields.items
    assert fields == target.info.extended_fields.items


@pytest.mark.parametrize(
    ("name", "entry", "most"),
    [
        ("emails", lambda at: {"email": f"a{at}@example.com"}, 50),
        ("phones", lambda at: {"phone": f"{at}"}, 50),
        ("addresses", lambda at: {"address": {"city": f"{at}"}}, 50),
        ("labelKeys", lambda at: f"custom.a{at}", 2000),
    ],
)
def test_more_than_a_contact_can_have_is_refused(name: str, entry: Any, most: int) -> None:
    target = JOHN | {name: {"items": [entry(at) for at in range(most)]}}
    assert merged(target, JOHN | {name: {"items": [entry(most - 1)]}})
    with pytest.raises(IllegalMerge) as caught:
        merged(target, JOHN | {name: {"items": [entry(most)]}})
    assert caught.value.data == {"threshold": most}


def test_sources_are_one_to_five_ids() -> None:
    ids = [f"{at:08}-0000-4000-8000-00000000000A" for at in range(5)]
    assert check_merge(ID, ids) == tuple(one.lower() for one in ids)
    assert check_merge(ID, GUID.upper()) == (GUID,)


@pytest.mark.parametrize(
    ("sent", "field", "rule"),
    [
        (None, "sourceContactIds", "REQUIRED_FIELD"),
        ([], "sourceContactIds", "REQUIRED_FIELD"),
        ("", "sourceContactIds", "REQUIRED_FIELD"),
        ({}, "sourceContactIds", "OTHER"),
        (5, "sourceContactIds", "OTHER"),
        ([GUID] * 6, "sourceContactIds", "MAX_SIZE"),
        ([GUID, "x"], "sourceContactIds[1]", "FORMAT"),
        ([None], "sourceContactIds[0]", "REQUIRED_FIELD"),
        ([5], "sourceContactIds[0]", "OTHER"),
    ],
)
def test_other_sources_are_refused(sent: Any, field: str, rule: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        check_merge(ID, sent)
    assert [(one.field, one.violated_rule) for one in caught.value.violations] == [(field, rule)]


@pytest.mark.parametrize("sent", [[GUID, ID.upper()], [GUID, OTHER_GUID, GUID.upper()]])
def test_no_contact_is_merged_with_itself_or_twice(sent: list[str]) -> None:
    with pytest.raises(IllegalMerge):
        check_merge(ID, sent)
