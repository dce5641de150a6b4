"""Undo of a merge: the target loses what it gained and keeps what was changed since."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest

from contactory.domain.contact_merging import merged_contact
from contactory.domain.contact_parts import email_keys, phone_keys
from contactory.domain.contact_updating import updated_contact
from contactory.domain.contacts import Contact, ExtendedFields, Keys, LastActivity, Name
from contactory.domain.field_changes import check_field_changes
from contactory.domain.merge_undoing import restored_source, unmerged_target
from contactory.domain.update_reading import read_update
from contactory.kit.clock import Timestamp
from tests.unit.contacts_made import made

MERGED: Final = Timestamp.parse("2024-01-01T00:00:00Z")
CHANGED: Final = Timestamp.parse("2024-01-02T00:00:00Z")
UNDONE: Final = Timestamp.parse("2024-01-03T00:00:00Z")

TARGET: Final[dict[str, Any]] = {
    "emails": {"items": [{"email": "own@x.de"}, {"email": "both@x.de"}]},
    "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
    "company": "Wix",
    "labelKeys": {"items": ["custom.own", "custom.both"]},
    "extendedFields": {"items": {"custom.own": "x"}},
}
SOURCE: Final[dict[str, Any]] = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "gained@x.de"}, {"email": "Both@x.de"}]},
    "phones": {"items": [{"phone": "2142682998", "countryCode": "US"}]},
    "addresses": {"items": [{"address": {"city": "Bonn"}}, {"address": {"city": "Köln"}}]},
    "company": "Acme",
    "jobTitle": "Poet",
    "birthdate": "1995-04-25",
    "labelKeys": {"items": ["custom.both", "custom.gained"]},
    "locations": {"items": ["37db3bde-83c0-4ca2-8097-88964a2f343b"]},
    "extendedFields": {"items": {"custom.gained": 5, "invoices.vatId": "DE1"}},
}


class Undo:
    """One merge, what is done to the target after it, and the undo of it."""

    def __init__(
        self, target: dict[str, Any] | None = None, source: dict[str, Any] | None = None
    ) -> None:
        self.before = made(TARGET if target is None else target)
        self.source = made(SOURCE if source is None else source)
        self.after = merged_contact(self.before, [self.source], now=MERGED)
        self.current = self.after

    def update(self, info: Any) -> None:
        update = read_update(info)
        changes = check_field_changes(update.fields, {}, strict=False)
        self.current = updated_contact(self.current, update, changes, now=CHANGED)

    def result(self) -> Contact:
        return unmerged_target(self.current, self.before, self.after, [self.source], now=UNDONE)


def as_before(contact: Contact, before: Contact) -> Contact:
    return msgspec.structs.replace(
        contact, revision=before.revision, updated_date=before.updated_date
    )


def addresses_of(contact: Contact) -> list[str]:
    return [entry.email for entry in contact.info.emails.items]


def items(*entries: Any) -> dict[str, Any]:
    return {"items": list(entries)}


def test_undo_at_once_gives_back_what_was_there() -> None:
    undo = Undo()
    result = undo.result()
    assert as_before(result, undo.before) == undo.before
    assert (result.revision, result.updated_date) == (3, UNDONE)
    assert as_before(result, undo.before).to_json() == undo.before.to_json()


def test_source_comes_back_one_revision_further() -> None:
    source = made(SOURCE)
    restored = restored_source(source, now=UNDONE)
    assert (restored.revision, restored.updated_date) == (2, UNDONE)
    assert as_before(restored, source) == source


def test_what_was_added_since_stays() -> None:
    undo = Undo()
    emails = [*undo.after.to_rest()["info"]["emails"]["items"], {"email": "new@x.de"}]
    undo.update({"emails": items(*emails), "jobTitle": "Writer", "locale": "de"})
    result = undo.result()
    assert addresses_of(result) == ["own@x.de", "both@x.de", "new@x.de"]
    assert (result.info.job_title, result.info.locale) == ("Writer", "de")
    assert result.info.birthdate is None


def test_what_was_removed_since_stays_away() -> None:
    undo = Undo()
    undo.update({"emails": items({"email": "gained@x.de"}, {"email": "both@x.de"}), "company": ""})
    result = undo.result()
    assert addresses_of(result) == ["both@x.de"]
    assert result.info.company is None


def test_email_that_both_had_stays_on_both() -> None:
    result = Undo().result()
    assert "both@x.de" in addresses_of(result)


@pytest.mark.parametrize("with_id", [True, False])
def test_gained_email_goes_back_even_under_another_id_or_tag(with_id: bool) -> None:
    undo = Undo()
    gained = undo.after.info.emails.items[2]
    entry = {"email": "GAINED@x.de", "tag": "WORK"} | ({"id": gained.id} if with_id else {})
    undo.update({"emails": items({"email": "new@x.de"})})
    undo.update({"emails": items({"email": "new@x.de"}, entry)})
    assert addresses_of(undo.result()) == ["new@x.de"]


def test_gained_email_that_was_changed_stays_as_changed() -> None:
    undo = Undo()
    gained = undo.after.info.emails.items[2]
    undo.update({"emails": items({"email": "own@x.de"}, {"id": gained.id, "email": "new@x.de"})})
    kept = undo.result().info.emails.items
    assert [(entry.email, entry.id) for entry in kept][1:] == [("new@x.de", gained.id)]


def test_own_email_that_was_changed_to_one_of_the_source_goes_back() -> None:
    undo = Undo()
    own = undo.after.info.emails.items[0]
    undo.update({"emails": items({"email": "both@x.de"}, {"id": own.id, "email": "gained@x.de"})})
    assert addresses_of(undo.result()) == ["both@x.de"]


def test_old_primary_is_primary_again_where_a_gained_one_had_become_it() -> None:
    undo = Undo()
    undo.update(
        {
            "emails": items(
                {"email": "gained@x.de", "primary": True},
                {"email": "both@x.de"},
                {"email": "own@x.de"},
            )
        }
    )
    result = undo.result()
    assert [(entry.email, entry.primary) for entry in result.info.emails.items] == [
        ("both@x.de", False),
        ("own@x.de", True),
    ]
    assert result.primary_info is not None
    assert result.primary_info.email == "own@x.de"


def test_first_is_primary_where_the_old_primary_is_gone() -> None:
    undo = Undo()
    entries = [{"email": "gained@x.de"}, {"email": "new@x.de"}, {"email": "both@x.de"}]
    undo.update({"emails": items(*entries)})
    result = undo.result()
    assert [entry.primary for entry in result.info.emails.items] == [True, False]
    assert result.primary_email is not None
    assert result.primary_email.email == "new@x.de"


def test_primary_that_was_chosen_since_stays() -> None:
    undo = Undo()
    undo.update({"emails": items({"email": "own@x.de"}, {"email": "both@x.de", "primary": True})})
    assert [entry.primary for entry in undo.result().info.emails.items] == [False, True]


def test_phones_go_back_by_their_number() -> None:
    undo = Undo()
    undo.update({"phones": items({"phone": "(214) 268-2998", "countryCode": "US"})})
    undo.update(
        {
            "phones": items(
                {"phone": "214 268 2998", "countryCode": "US", "primary": True},
                {"phone": "6465676359", "countryCode": "US"},
            )
        }
    )
    result = undo.result()
    assert [entry.phone for entry in result.info.phones.items] == ["646-567-6359"]
    assert result.primary_info is not None
    assert result.primary_info.phone == "646-567-6359"


def test_phone_shows_as_sent_again_where_nothing_rewrote_it() -> None:
    result = Undo().result()
    assert result.primary_info is not None
    assert result.primary_info.phone == "6465676359"


def test_without_phones_there_is_no_primary_one() -> None:
    result = Undo(target={"name": {"first": "J"}}).result()
    assert (result.primary_phone, result.primary_email) == (None, None)
    assert result.primary_info is not None
    assert result.primary_info.phone is None
    assert "emailSubscriptions.subscriptionStatus" not in result.info.extended_fields.items


def test_address_that_was_edited_stays() -> None:
    undo = Undo()
    first, second = undo.after.info.addresses.items
    undo.update(
        {
            "addresses": items(
                {"id": first.id, "tag": "HOME", "address": {"city": "Bonn"}},
                {"id": second.id, "address": {"city": "Köln"}},
                {"address": {"city": "Ulm"}},
            )
        }
    )
    kept = undo.result().info.addresses.items
    assert [(entry.tag, entry.address.city) for entry in kept] == [
        ("HOME", "Bonn"),
        ("UNTAGGED", "Ulm"),
    ]


def test_labels_that_were_gained_go_and_others_stay() -> None:
    undo = Undo()
    undo.update({"labelKeys": items("custom.new", "custom.gained", "custom.both")})
    assert undo.result().info.label_keys.items == ("custom.new", "custom.both")


def test_extended_field_stays_when_it_was_changed() -> None:
    undo = Undo()
    undo.update({"extendedFields": items() | {"items": {"custom.gained": 6, "custom.own": "y"}}})
    fields = undo.result().info.extended_fields.items
    assert (fields["custom.gained"], fields["custom.own"]) == (6, "y")
    assert fields["invoices.vatId"] == ""


def test_values_that_only_the_server_writes_stay() -> None:
    undo = Undo()
    fields = ExtendedFields(
        items=undo.after.info.extended_fields.items | {"members.mobile": "true"}
    )
    info = msgspec.structs.replace(undo.after.info, extended_fields=fields)
    undo.after = undo.current = msgspec.structs.replace(undo.after, info=info)
    assert undo.result().info.extended_fields.items["members.mobile"] == "true"


@pytest.mark.parametrize(
    ("own", "change", "name"),
    [
        (None, {"last": "Dough"}, Name(first="John", last="Dough")),
        (None, {"last": None}, Name(first="John")),
        (None, {}, Name()),
        ({"first": "John"}, {}, Name(first="John")),
        ({"first": "John"}, {"last": "Dough"}, Name(first="John", last="Dough")),
        ({"first": "John"}, {"first": "Jon"}, Name(first="Jon")),
        ({"first": "Jane"}, {"last": "Roe"}, Name(first="Jane", last="Roe")),
    ],
)
def test_gained_name_is_one_value(own: Any, change: Any, name: Name) -> None:
    undo = Undo(target=TARGET | {"name": own})
    undo.update({"name": change})
    result = undo.result()
    assert result.info.name == name
    shown = " ".join(half for half in (name.first, name.last) if half)
    assert result.info.extended_fields.items.get("contacts.displayByFirstName", "") == shown


def test_gained_name_stays_where_nothing_else_is_left() -> None:
    undo = Undo(target={"emails": items({"email": "own@x.de"})})
    undo.update({"emails": items({"email": "gained@x.de"}), "phones": {}})
    result = undo.result()
    assert result.info.name == Name(first="John", last="Doe")
    assert result.info.emails.items == ()


def test_old_email_comes_back_where_nothing_else_is_left() -> None:
    undo = Undo(
        target={"emails": items({"email": "own@x.de"})},
        source={"emails": items({"email": "gained@x.de"})},
    )
    undo.update({"emails": items({"email": "gained@x.de"})})
    result = undo.result()
    assert result.info.emails == undo.before.info.emails
    assert result.primary_email == undo.before.primary_email


def test_activity_since_stays_the_last_one() -> None:
    undo = Undo()
    activity = LastActivity(activity_date=CHANGED, activity_type="FORM_SUBMITTED")
    undo.current = msgspec.structs.replace(undo.current, last_activity=activity)
    assert undo.result().last_activity == activity


def test_two_merges_can_be_undone_in_any_order() -> None:
    start = made({"name": {"first": "J"}})
    one = made({"emails": items({"email": "one@x.de"}), "labelKeys": items("custom.one")})
    two = made({"emails": items({"email": "two@x.de"}), "labelKeys": items("custom.two")})
    first = merged_contact(start, [one], now=MERGED)
    second = merged_contact(first, [two], now=MERGED)
    without_one = unmerged_target(second, start, first, [one], now=UNDONE)
    assert addresses_of(without_one) == ["two@x.de"]
    assert without_one.info.label_keys == Keys(items=("custom.two",))
    neither = unmerged_target(without_one, first, second, [two], now=UNDONE)
    assert neither.info == start.info
    assert email_keys(neither.info.emails.items) == phone_keys(neither.info.phones.items) == ()
