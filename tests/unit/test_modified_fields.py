"""What an update event tells of the values that were there before (CONTRACT H.2)."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
import pytest

from contactory.domain.contact_events import contact_updated
from contactory.domain.contacts import (
    Contact,
    ContactEmail,
    ContactEmails,
    ContactInfo,
    Image,
    Keys,
    LastActivity,
    Name,
    Picture,
    PrimaryEmail,
)
from contactory.domain.identities import OWNER
from contactory.domain.modified_fields import modified_fields, modified_fields_json
from contactory.kit.clock import Timestamp
from tests.unit.contacts_made import NOW, made

BEFORE: Final = made(
    {
        "name": {"first": "Ada"},
        "emails": {"items": [{"email": "ada@example.com", "tag": "WORK"}]},
        "company": "Engines",
        "extendedFields": {"items": {"custom.a": "x", "custom.b.c": 5}},
    }
)
LATER: Final = Timestamp.parse("2024-01-01T00:00:00Z")


def told(after: Contact, before: Contact = BEFORE) -> Any:
    return json.loads(modified_fields_json(before, after))


def with_info(**parts: Any) -> Contact:
    return msgspec.structs.replace(BEFORE, info=msgspec.structs.replace(BEFORE.info, **parts))


def test_nothing_changed_is_an_empty_object() -> None:
    assert told(BEFORE) == {}
    assert told(Contact.from_json(BEFORE.to_json())) == {}


def test_revision_and_dates_of_writing_are_left_to_the_contact() -> None:
    written = msgspec.structs.replace(BEFORE, revision=2, updated_date=LATER, created_date=LATER)
    assert told(written) == {}


def test_parts_of_a_name_are_told_one_by_one() -> None:
    assert told(with_info(name=Name(first="Ada", last="King"))) == {"info.name.last": None}
    assert told(with_info(name=Name(last="King"))) == {
        "info.name.first": "Ada",
        "info.name.last": None,
    }


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"company": "Looms"}, {"info.company": "Engines"}),
        ({"company": None}, {"info.company": "Engines"}),
        ({"job_title": "Writer"}, {"info.jobTitle": None}),
        ({"birthdate": "1815-12-10"}, {"info.birthdate": None}),
        ({"locale": "en"}, {"info.locale": None}),
        ({"label_keys": Keys(items=("custom.vip",))}, {"info.labelKeys.items": None}),
        ({"picture": Picture(image=Image(url="https://x.example"))}, {"info.picture": None}),
    ],
)
def test_single_values(parts: dict[str, Any], expected: dict[str, Any]) -> None:
    assert told(with_info(**parts)) == expected


def test_a_list_is_one_value_in_rest_names() -> None:
    more = ContactEmails(items=(*BEFORE.info.emails.items, ContactEmail(email="b@example.com")))
    old = BEFORE.to_rest()["info"]["emails"]["items"]
    assert told(with_info(emails=more)) == {"info.emails.items": old}
    assert told(BEFORE, with_info(emails=ContactEmails())) == {"info.emails.items": None}


def test_the_map_of_extended_fields_is_one_value() -> None:
    fields = BEFORE.info.extended_fields
    changed = msgspec.structs.replace(fields, items=fields.items | {"custom.a": "y"})
    assert told(with_info(extended_fields=changed)) == {"info.extendedFields.items": fields.items}


def test_objects_that_were_absent_are_told_by_their_values() -> None:
    status = PrimaryEmail(
        email="a@example.com", subscription_status="NOT_SET", deliverability_status="NOT_SET"
    )
    bare = msgspec.structs.replace(BEFORE, primary_email=None)
    assert told(msgspec.structs.replace(BEFORE, primary_email=status), bare) == {
        "primaryEmail.email": None,
        "primaryEmail.subscriptionStatus": None,
        "primaryEmail.deliverabilityStatus": None,
    }


def test_an_activity_is_told_with_its_date() -> None:
    activity = LastActivity(activity_date=LATER, activity_type="FORM_SUBMITTED")
    assert told(msgspec.structs.replace(BEFORE, last_activity=activity)) == {
        "lastActivity.activityDate": NOW.text,
        "lastActivity.activityType": "CONTACT_CREATED",
    }


def test_every_part_that_can_change_is_compared() -> None:
    """Whoever adds a part to contacts finds it missing here."""
    nothing = msgspec.structs.replace(
        BEFORE,
        info=ContactInfo(name=Name(first=" ")),
        **dict.fromkeys(("last_activity", "primary_info", "primary_email", "primary_phone")),
    )
    full = made(
        {
            "name": {"first": "Ada", "last": "King"},
            "emails": {"items": [{"email": "a@example.com"}]},
            "phones": {"items": [{"phone": "6465676359", "countryCode": "US"}]},
            "addresses": {"items": [{"address": {"city": "Bonn"}}]},
            "picture": {"image": {"url": "https://example.com/a.png"}},
            "company": "Wix",
            "jobTitle": "Writer",
            "birthdate": "1995-04-25",
            "locale": "en-us",
            "labelKeys": {"items": ["custom.a"]},
            "locations": {"items": ["37db3bde-83c0-4ca2-8097-88964a2f343b"]},
            "extendedFields": {"items": {"custom.a": "x"}},
        }
    )
    full = msgspec.structs.replace(
        full, info=msgspec.structs.replace(full.info, assigned_user_ids=Keys(items=("u",)))
    )
    parts = {tuple(path.split(".")[:2]) for path in modified_fields(full, nothing)}
    assert {part for top, part in parts if top == "info"} == set(
        ContactInfo.__struct_encode_fields__
    )
    assert {top for top, _ in parts} == set(Contact.__struct_encode_fields__) - {
        "id",
        "revision",
        "source",
        "createdDate",
        "updatedDate",
    }


def test_the_event_tells_what_was_before() -> None:
    after = with_info(company="Looms")
    event = contact_updated(after, OWNER, LATER, before=BEFORE, origin="merge")
    assert json.loads(event.body) == {
        "updatedEvent": {
            "currentEntity": after.to_rest(),
            "modifiedFields": {"info.company": "Engines"},
        },
        "originatedFrom": "merge",
    }
