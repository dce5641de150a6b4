"""What pages are shown of results."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contactory.domain.contacts import Contact
from contactory.domain.labels import own_label, system_labels
from contactory.domain.languages import Language
from contactory.kit.clock import Timestamp
from contactory.wire.web_results import plain_result

ID = "0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60"
CONTACT = Contact.from_rest(
    {
        "id": ID,
        "revision": 1,
        "createdDate": "2026-01-02T03:04:05.678Z",
        "info": {
            "emails": {"items": [{"id": ID, "email": "a@example.com"}]},
            "addresses": {"items": [{"id": ID, "address": {"addressLine": "3 Park Ave"}}]},
        },
    }
)


class Pair(msgspec.Struct, rename="camel"):
    left_side: Any
    id: int


@dataclasses.dataclass
class Note:
    about: Any


class Colour(Enum):
    RED = "red"


def test_contacts_at_any_depth_have_the_seed_s_names() -> None:
    shown = CONTACT.to_dict()
    assert shown["_id"] == ID
    assert plain_result(CONTACT) == shown
    assert plain_result([{"a": (CONTACT,)}, Pair(CONTACT, 1), Note(CONTACT)]) == [
        {"a": [shown]},
        {"leftSide": shown, "id": 1},
        {"about": shown},
    ]


def test_parts_of_a_contact_have_the_seed_s_names() -> None:
    assert plain_result(CONTACT.info) == CONTACT.to_dict()["info"]
    assert plain_result(CONTACT.info.emails.items[0]) == {"email": "a@example.com", "_id": ID}
    shown = plain_result(CONTACT.info.addresses.items[0])
    assert shown["address"] == {"addressLine1": "3 Park Ave"}


def test_the_program_s_own_data_keeps_its_names() -> None:
    assert plain_result({"id": 1, "createdDate": None}) == {"id": 1, "createdDate": None}


def test_scalars_are_as_json_has_them() -> None:
    moment = Timestamp.parse("2026-01-02T03:04:05.678Z")
    values = [None, True, 1, 1.5, "x", moment, date(2026, 1, 2), UUID(ID), Colour.RED]
    assert plain_result(values) == [
        *(None, True, 1, 1.5, "x", "2026-01-02T03:04:05.678Z", "2026-01-02", ID, "red")
    ]
    assert plain_result(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"
    assert plain_result({3}) == [3]


@pytest.mark.parametrize("value", [object(), {1: "a"}, [open], Contact])
def test_what_json_cannot_show_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, NotImplementedError)):
        plain_result(value)


def test_labels_and_fields_show_as_their_to_dict_does() -> None:
    (label, *_) = system_labels(Language.EN)
    own = own_label("custom.a", "A", Timestamp.current(), Timestamp.current(), Language.EN)
    assert plain_result([label, {"own": own}]) == [label.to_dict(), {"own": own.to_dict()}]
    assert "_createdDate" in plain_result(own)
