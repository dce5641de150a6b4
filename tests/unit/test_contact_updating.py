"""Partial updates: what is named changes, by presence or by mask, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contact_updating import updated_contact
from contactory.domain.contacts import (
    Contact,
    ContactEmails,
    ContactInfo,
    ContactPhones,
    ExtendedFields,
    Name,
    PrimaryInfo,
)
from contactory.domain.errors import (
    InsufficientContactData,
    InsufficientUpdateContactData,
    InvalidArgument,
    InvalidExtendedFieldValue,
    MultiplePrimaryInfo,
)
from contactory.domain.extended_fields import FieldType
from contactory.domain.field_changes import check_field_changes
from contactory.domain.update_reading import read_update
from contactory.kit.clock import Timestamp
from tests.unit.contacts_made import NOW, made

LATER: Final = Timestamp.parse("2024-01-01T00:00:00Z")
GUID: Final = "37db3bde-83c0-4ca2-8097-88964a2f343b"
OTHER_GUID: Final = "ed1d7da0-b4a1-4164-81b7-c49dedc25dd7"
OLD_INFO: Final[dict[str, Any]] = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "john@example.com"}, {"email": "j@example.com"}]},
    "phones": {"items": [{"phone": "6465676359", "countryCode": "US", "tag": "MOBILE"}]},
    "addresses": {
        "items": [
            {"address": {"addressLine": "3 Park Ave", "city": "NY", "country": "US"}},
            {"address": {"city": "Bonn", "formattedAddress": "Down by the river"}},
        ]
    },
    "company": "Wix",
    "jobTitle": "Writer",
    "birthdate": "1995-04-25",
    "locale": "en-us",
    "picture": {"image": {"url": "https://example.com/a.png"}},
    "labelKeys": {"items": ["custom.a"]},
    "locations": {"items": [GUID]},
    "extendedFields": {"items": {"custom.a": "x", "custom.b": 5, "invoices.vatId": "DE1"}},
}
OLD: Final = made(OLD_INFO)


def updated(info: Any, mask: Any = None, old: Contact = OLD, **more: Any) -> Contact:
    update = read_update(info, field_mask=mask)
    changes = check_field_changes(
        update.fields,
        {"custom.a": FieldType.TEXT, "custom.b": FieldType.NUMBER},
        strict=False,
        replaces_all=update.replaces_fields,
    )
    return updated_contact(old, update, changes, now=LATER, **more)


def changed(info: Any, mask: Any = None) -> dict[str, Any]:
    """The parts of `info` that differ afterwards."""
    before, after = OLD.to_rest()["info"], updated(info, mask).to_rest()["info"]
    names = before.keys() | after.keys()
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def violations(info: Any, mask: Any = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidArgument) as caught:
        read_update(info, field_mask=mask)
    return [(one.field, one.violated_rule) for one in caught.value.violations]


def test_update_is_one_revision_further_and_the_last_activity_stays() -> None:
    contact = updated({"company": "Acme"})
    assert (contact.revision, contact.updated_date, contact.created_date) == (2, LATER, NOW)
    assert contact.last_activity == OLD.last_activity
    assert contact.source == OLD.source
    assert contact.id == OLD.id


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company", "Acme"),
        ("jobTitle", "Poet"),
        ("birthdate", "2000-01-01"),
        ("locale", "de"),
        ("labelKeys", {"items": ["custom.z", "custom.a"]}),
        ("locations", {"items": [OTHER_GUID]}),
    ],
)
def test_only_what_is_named_changes(name: str, value: Any) -> None:
    assert changed({name: value}) == {name: value}


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("name", ["company", "jobTitle", "birthdate", "locale", "picture"])
def test_null_and_empty_text_clear_single_values(name: str, nothing: Any) -> None:
    assert changed({name: nothing}) == {name: None}


@pytest.mark.parametrize("nothing", [None, {}, {"items": []}, {"items": None}])
@pytest.mark.parametrize(
    ("name", "left"),
    [("phones", {}), ("addresses", {}), ("labelKeys", None), ("locations", None)],
)
def test_null_and_empty_wrappers_empty_lists(name: str, left: Any, nothing: Any) -> None:
    assert changed({name: nothing}) == {name: left}


def test_without_emails_there_is_no_status_of_one() -> None:
    contact = updated({"emails": {}})
    assert contact.primary_email is None
    assert contact.primary_info is not None
    assert contact.primary_info.email is None
    assert set(contact.info.extended_fields.items) == {
        "contacts.displayByFirstName",
        "contacts.displayByLastName",
        "invoices.vatId",
        "custom.a",
        "custom.b",
    }


@pytest.mark.parametrize(
    ("sent", "name", "shown"),
    [
        ({"last": "X"}, {"first": "John", "last": "X"}, "John X"),
        ({"first": None}, {"last": "Doe"}, "Doe"),
        ({"first": "", "last": "X"}, {"last": "X"}, "X"),
        (Name(last="X"), {"first": "John", "last": "X"}, "John X"),
        ({}, {"first": "John", "last": "Doe"}, "John Doe"),
        (None, None, None),
        ({"first": None, "last": " "}, None, None),
    ],
)
def test_name_is_taken_key_by_key(sent: Any, name: Any, shown: str | None) -> None:
    info = updated({"name": sent}).to_rest()["info"]
    assert info.get("name") == name
    assert info["extendedFields"]["items"].get("contacts.displayByFirstName") == shown


def test_list_is_replaced_and_the_same_entries_keep_their_ids() -> None:
    first, second = OLD.info.emails.items
    contact = updated(
        {
            "emails": {
                "items": [
                    {"email": "new@example.com"},
                    {"email": "J@Example.com", "primary": True},
                    {"id": first.id, "email": "moved@example.com"},
                ]
            }
        }
    )
    new, same, moved = contact.info.emails.items
    assert (same.id, same.email, same.primary) == (second.id, "J@Example.com", True)
    assert (moved.id, moved.email, moved.primary) == (first.id, "moved@example.com", False)
    assert new.id not in {None, first.id, second.id}
    assert contact.primary_info is not None
    assert contact.primary_info.email == "J@Example.com"


def test_entry_that_names_an_id_has_it_before_one_with_the_same_value() -> None:
    first, second = OLD.info.emails.items
    items = [{"email": first.email}, {"id": first.id, "email": "moved@example.com"}]
    unnamed, named = updated({"emails": {"items": items}}).info.emails.items
    assert named.id == first.id
    assert unnamed.id not in {None, first.id, second.id}


def test_entry_that_names_an_id_keeps_it_with_the_value_of_another() -> None:
    first, second = OLD.info.emails.items
    items = [{"id": first.id, "email": second.email}]
    assert updated({"emails": {"items": items}}).info.emails.items[0].id == first.id


def test_id_of_no_old_entry_is_kept_with_a_new_value() -> None:
    items = [{"id": GUID, "email": "new@example.com"}]
    assert updated({"emails": {"items": items}}).info.emails.items[0].id == GUID


def test_phones_that_are_written_show_in_their_normal_form() -> None:
    items = [
        {"phone": "646 567 6359", "countryCode": "US"},
        {"phone": "2421642341", "countryCode": "US", "tag": "HOME"},
    ]
    contact = updated({"phones": {"items": items}})
    first, second = contact.info.phones.items
    assert OLD.primary_info is not None
    assert OLD.primary_info.phone == "6465676359"
    assert contact.primary_info is not None
    assert contact.primary_info.phone == "646-567-6359"
    assert contact.primary_phone is not None
    assert contact.primary_phone.e164_phone == "+16465676359"
    assert (first.id, first.primary) == (OLD.info.phones.items[0].id, True)
    assert (second.phone, second.e164_phone, second.primary) == ("2421642341", None, False)
    assert contact.info.emails == OLD.info.emails
    assert contact.info.addresses == OLD.info.addresses


def test_without_phones_none_shows() -> None:
    contact = updated({"phones": {}})
    assert contact.primary_info == PrimaryInfo(email="john@example.com")
    assert contact.primary_phone is None


def test_phone_shows_as_sent_until_phones_are_written() -> None:
    assert updated({"company": "Acme"}).primary_info == OLD.primary_info


def test_address_keeps_id_and_text_unless_it_changed() -> None:
    first, second = OLD.info.addresses.items
    items = [
        {"id": second.id, "tag": "HOME", "address": {"city": "Bonn"}},
        {"id": first.id, "address": {"addressLine": "4 Park Ave", "city": "NY", "country": "US"}},
    ]
    same, moved = updated({"addresses": {"items": items}}).info.addresses.items
    assert (same.id, same.tag, same.address) == (second.id, "HOME", second.address)
    assert moved.id == first.id
    assert moved.address.formatted_address == "4 Park Ave\nNY\nUnited States"
    unnamed, changed_text, _ = updated(
        {
            "addresses": {
                "items": [
                    {"address": {"city": "Bonn"}},
                    {"id": first.id, "address": {"city": "Bonn", "formatted": "Bonn"}},
                    {"address": {"city": "Ulm"}},
                ]
            }
        }
    ).info.addresses.items
    assert unnamed == second
    assert changed_text.address.formatted_address == "Bonn"


def test_text_that_is_supplied_is_taken_for_the_same_address() -> None:
    second = OLD.info.addresses.items[1]
    items = [{"id": second.id, "address": {"city": "Bonn", "formattedAddress": "Near Bonn"}}]
    (entry,) = updated({"addresses": {"items": items}}).info.addresses.items
    assert entry.address.formatted_address == "Near Bonn"


def test_address_that_changed_has_a_new_text() -> None:
    second = OLD.info.addresses.items[1]
    items = [{"id": second.id, "address": {"city": "Köln"}}]
    (entry,) = updated({"addresses": {"items": items}}).info.addresses.items
    assert entry.address.formatted_address == "Köln"


def test_extended_fields_are_merged_and_null_removes() -> None:
    sent = {"custom.a": None, "custom.c": "new", "contacts.displayByFirstName": "Nobody"}
    fields = updated({"extendedFields": {"items": sent}}).info.extended_fields.items
    assert "custom.a" not in fields
    assert (fields["custom.b"], fields["custom.c"]) == (5, "new")
    assert fields["contacts.displayByFirstName"] == "John Doe"
    assert fields["invoices.vatId"] == "DE1"


@pytest.mark.parametrize("nothing", [None, ""])
def test_vat_id_that_is_removed_is_empty(nothing: Any) -> None:
    fields = {"items": {"invoices.vatId": nothing, "contacts.displayByFirstName": nothing}}
    items = updated({"extendedFields": fields}).info.extended_fields.items
    assert items == OLD.info.extended_fields.items | {"invoices.vatId": ""}


@pytest.mark.parametrize("mask", [None, "extendedFields", "extendedFields.members.mobile"])
def test_values_that_only_the_server_writes_stay(mask: str | None) -> None:
    fields = ExtendedFields(items=OLD.info.extended_fields.items | {"members.mobile": "true"})
    old = msgspec.structs.replace(
        OLD, info=msgspec.structs.replace(OLD.info, extended_fields=fields)
    )
    sent = {"extendedFields": {"items": {"members.mobile": None}}}
    found = updated(sent, mask, old).info.extended_fields.items
    assert found["members.mobile"] == "true"


@pytest.mark.parametrize("nothing", [None, {}, {"items": {}}])
def test_empty_map_of_extended_fields_changes_nothing(nothing: Any) -> None:
    assert changed({"extendedFields": nothing}) == {}


def test_key_cannot_be_set_and_removed_at_once() -> None:
    with pytest.raises(InvalidExtendedFieldValue) as caught:
        updated({"extendedFields": {"items": {"custom._id": None, "custom.id": "x"}}})
    assert caught.value.data["keys"] == ["custom.id"]


def test_status_of_the_new_primary_email_shows() -> None:
    items = [{"email": "new@example.com"}]
    contact = updated({"emails": {"items": items}}, status=EmailStatus("SUBSCRIBED", "VALID"))
    assert contact.primary_email is not None
    assert contact.primary_email.subscription_status == "SUBSCRIBED"
    fields = contact.info.extended_fields.items
    assert fields["emailSubscriptions.effectiveEmail"] == "new@example.com"
    cleared = updated({"emails": {}}, old=contact)
    assert "emailSubscriptions.effectiveEmail" not in cleared.info.extended_fields.items


@pytest.mark.parametrize("sent", [None, {}, {"nickname": "Jo"}, ContactInfo()])
def test_update_that_names_nothing_is_refused(sent: Any) -> None:
    with pytest.raises(InsufficientUpdateContactData):
        read_update(sent)


def test_mask_without_info_is_refused() -> None:
    with pytest.raises(InsufficientUpdateContactData):
        read_update(None, field_mask="company")


def test_something_must_be_left() -> None:
    nothing: dict[str, Any] = {"name": None, "emails": {}, "phones": {}}
    with pytest.raises(InsufficientContactData):
        updated(nothing)
    for name in nothing:
        assert updated({key: value for key, value in nothing.items() if key != name})


def test_two_primaries_are_refused() -> None:
    items = [{"email": f"{at}@example.com", "primary": True} for at in range(2)]
    with pytest.raises(MultiplePrimaryInfo):
        read_update({"emails": {"items": items}})


def test_every_problem_is_named_with_its_path() -> None:
    sent = {
        "emails": {"items": [{"email": "x"}, None]},
        "name": {"first": 5},
        "company": [],
        "phones": "",
        "extendedFields": {"items": {"custom.a": []}},
    }
    assert violations(sent, "info.emails,info.name,company,info.phones,nose,extendedFields") == [
        ("fieldMask", "OTHER"),
        ("info.emails.items[0].email", "FORMAT"),
        ("info.emails.items[1]", "OTHER"),
        ("info.phones", "OTHER"),
        ("info.company", "OTHER"),
        ("info.name.first", "OTHER"),
        ("info.extendedFields.items.custom.a", "OTHER"),
    ]


def test_what_is_unknown_is_dropped_and_told() -> None:
    update = read_update({"company": "Acme", "nose": 1, "name": {"middle": "X"}})
    assert set(update.dropped) == {"info.nose", "info.name.middle"}


def test_structs_name_only_what_was_set() -> None:
    assert changed(ContactInfo(company="Acme")) == {"company": "Acme"}
    assert changed(ContactInfo(name=Name(last="X")))["name"] == {"first": "John", "last": "X"}
    assert changed(ContactInfo(phones=ContactPhones())) == {"phones": {}}
    assert changed(ContactInfo(extended_fields=ExtendedFields(items={"custom.b": 6})))


@pytest.mark.parametrize("echo", [OLD.info, OLD.to_rest()["info"], OLD.to_dict()["info"]])
def test_whole_contact_sent_back_changes_nothing(echo: Any) -> None:
    assert changed(echo) == {}


def test_keys_stand_in_the_order_of_the_entries() -> None:
    items = [{"email": "B@example.com"}, {"email": "a@example.com"}, {"email": "b@example.com"}]
    update = read_update({"emails": {"items": items}})
    assert update.email_keys == ("b@example.com", "a@example.com")
    assert update.phone_keys is None
    assert read_update({"phones": {}}).phone_keys == ()


# With a field mask.


def test_exactly_the_masked_parts_are_written() -> None:
    sent = {"company": "Acme", "jobTitle": "Poet", "name": {"first": "X", "last": "Y"}}
    assert changed(sent, "info.company") == {"company": "Acme"}
    update = read_update(sent, field_mask="info.company")
    assert set(update.dropped) == {"info.jobTitle", "info.name"}


def test_masked_part_that_is_absent_is_cleared() -> None:
    mask = ["info.jobTitle", "info.phones", "info.addresses.items", "labelKeys", "picture"]
    assert changed({"company": "Acme"}, mask) == {
        "jobTitle": None,
        "phones": {},
        "addresses": {},
        "labelKeys": None,
        "picture": None,
    }


def test_unmasked_values_are_not_even_checked() -> None:
    sent = {"company": 5, "jobTitle": "Poet", "extendedFields": {"items": {"custom.b": []}}}
    assert changed(sent, "jobTitle,extendedFields.custom.a")["jobTitle"] == "Poet"


@pytest.mark.parametrize(
    "mask",
    [
        "info.name.last,info.company",
        " name.last , company",
        ["info.name.last", "company"],
        ["name.last,info.company"],
        {"paths": ["info.name.last", "info.company"]},
        {"paths": "info.name.last,info.company"},
    ],
)
def test_masks_have_many_spellings(mask: Any) -> None:
    contact = updated({"name": {"first": "X", "last": "Y"}}, mask)
    assert contact.info.name == Name(first="John", last="Y")
    assert contact.info.company is None


def test_half_a_name_is_cleared_by_its_mask() -> None:
    assert updated({}, "info.name.first").info.name == Name(last="Doe")
    assert updated({"name": {"last": "X"}}, "name,name.first").info.name == Name(last="X")


@pytest.mark.parametrize(
    "mask",
    [
        "info.extendedFields.items.custom.a",
        "extendedFields.custom.a",
        "info.extendedFields.custom.a",
    ],
)
def test_one_extended_field_is_masked_by_its_key(mask: str) -> None:
    sent = {"extendedFields": {"items": {"custom.a": "new", "custom.b": 6}}}
    old = OLD.info.extended_fields.items
    assert updated(sent, mask).info.extended_fields.items == old | {"custom.a": "new"}
    assert read_update(sent, field_mask=mask).dropped == ("info.extendedFields.items.custom.b",)
    cleared = updated({}, mask).info.extended_fields.items
    assert cleared == {key: value for key, value in old.items() if key != "custom.a"}


def test_masked_map_of_extended_fields_is_replaced() -> None:
    sent = {"extendedFields": {"items": {"custom.b": 6}}}
    fields = updated(sent, "extendedFields.custom.a,info.extendedFields").info.extended_fields.items
    assert "custom.a" not in fields
    assert (fields["custom.b"], fields["invoices.vatId"]) == (6, "")
    assert fields["contacts.displayByFirstName"] == "John Doe"


@pytest.mark.parametrize(
    "mask",
    ["info", "*", "info.nose", "name.middle", "emails.email", "extendedFields.nose", "_id", "id"],
)
def test_path_that_cannot_be_written_is_refused(mask: str) -> None:
    assert violations({"company": "Acme"}, ["company", mask]) == [("fieldMask", "OTHER")]


@pytest.mark.parametrize("mask", [5, [5], {"paths": 5}, {"paths": [None]}, [["company"]]])
def test_mask_of_a_wrong_kind_is_refused(mask: Any) -> None:
    assert violations({"company": "Acme"}, mask) == [("fieldMask", "OTHER")]


@pytest.mark.parametrize("mask", [None, "", " , ", [], {}, {"paths": []}])
def test_empty_mask_is_none(mask: Any) -> None:
    assert changed({"company": "Acme"}, mask) == {"company": "Acme"}


def test_emails_field_of_structs_is_read_like_the_rest() -> None:
    contact = updated(ContactInfo(emails=ContactEmails(items=OLD.info.emails.items[:1])))
    assert contact.info.emails.items == OLD.info.emails.items[:1]
