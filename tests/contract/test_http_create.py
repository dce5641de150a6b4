"""`POST /contacts/v4/contacts`: conformance vectors J1 to J8, J25, J28, J30."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    Json,
    application_error,
    create,
    created,
    fresh_email,
    john,
    violations,
)
from tests.servers import Server

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def without_made(contact: Json) -> Json:
    """The contact without generated ids and dates, once their form is seen to be right."""
    for name in ("createdDate", "updatedDate"):
        assert INSTANT.fullmatch(contact.pop(name))
    assert INSTANT.fullmatch(contact["lastActivity"].pop("activityDate"))
    UUID(contact.pop("id"))
    for wrapper in ("emails", "phones", "addresses"):
        for item in contact["info"][wrapper].get("items", []):
            UUID(item.pop("id"))
    return contact


def test_j1_a_name_and_an_email_make_a_whole_contact(client: httpx2.Client) -> None:
    email = fresh_email()
    assert without_made(created(client, john(email))) == {
        "revision": 1,
        "source": {"sourceType": "ADMIN"},
        "lastActivity": {"activityType": "CONTACT_CREATED"},
        "primaryInfo": {"email": email},
        "primaryEmail": {
            "email": email,
            "subscriptionStatus": "NOT_SET",
            "deliverabilityStatus": "NOT_SET",
        },
        "info": {
            "name": {"first": "John", "last": "Doe"},
            "emails": {"items": [{"tag": "UNTAGGED", "email": email, "primary": True}]},
            "phones": {},
            "addresses": {},
            "extendedFields": {
                "items": {
                    "contacts.displayByLastName": "Doe John",
                    "contacts.displayByFirstName": "John Doe",
                    "invoices.vatId": "",
                    "emailSubscriptions.deliverabilityStatus": "NOT_SET",
                    "emailSubscriptions.subscriptionStatus": "UNSUBSCRIBED",
                }
            },
        },
    }


def test_a_fresh_contact_is_as_old_as_its_last_change(client: httpx2.Client) -> None:
    contact = created(client, john())
    assert contact["createdDate"] == contact["updatedDate"]
    assert contact["lastActivity"]["activityDate"] <= contact["createdDate"]


def test_j2_the_same_email_in_capitals_is_refused_and_the_holder_named(
    client: httpx2.Client,
) -> None:
    email = fresh_email()
    first = created(client, john(email))
    answer = create(client, john(email.upper()))
    assert answer.status_code == 409
    assert answer.json() == {
        "message": "Duplicate contact exists",
        "details": {
            "applicationError": {
                "code": "DUPLICATE_CONTACT_EXISTS",
                "description": "Duplicate contact already exists",
                "data": {"duplicateContactId": first["id"], "duplicateEmail": email.upper()},
            }
        },
    }


def test_an_email_that_is_not_the_primary_one_of_its_holder_is_refused(
    client: httpx2.Client,
) -> None:
    email = fresh_email()
    items = [{"email": fresh_email(), "primary": True}, {"email": email}]
    first = created(client, {"emails": {"items": items}})
    second = {"emails": {"items": [{"email": fresh_email()}, {"email": email}]}}
    error = application_error(create(client, second))
    assert error["data"] == {"duplicateContactId": first["id"], "duplicateEmail": email}


def test_j3_allow_duplicates_makes_a_second_contact(client: httpx2.Client) -> None:
    email = fresh_email()
    first = created(client, john(email))
    second = created(client, john(email), allowDuplicates=True)
    assert first["id"] != second["id"]
    assert second["primaryInfo"] == {"email": email}


def test_j4_the_seeds_third_example_over_rest(client: httpx2.Client) -> None:
    email = fresh_email()
    mail_id = "37db3bde-83c0-4ca2-8097-88964a2f343b"
    sent = {
        "name": {"first": "John", "last": "Doe"},
        "emails": {"items": [{"id": mail_id, "email": email, "primary": "true"}]},
        "phones": {
            "items": [
                {"countryCode": "US", "phone": "6465676359", "primary": "true", "tag": "MOBILE"}
            ]
        },
        "addresses": {
            "items": [
                {
                    "address": {
                        "addressLine": "3 Park Ave",
                        "city": "NY",
                        "subdivision": "US-NY",
                        "country": "US",
                        "postalCode": "10010",
                    },
                    "tag": "HOME",
                }
            ]
        },
        "company": "Wix",
        "jobTitle": "Writer",
        "birthdate": "1995-04-25",
        "locale": "en-us",
        "labelKeys": {"items": ["custom.contact"]},
        "extendedFields": {"items": {"custom.nickname": "Jonny"}},
    }
    contact = created(client, sent, allowDuplicates=True)
    info = contact["info"]
    assert contact["primaryInfo"] == {"email": email, "phone": "6465676359"}
    assert info["emails"]["items"] == [
        {"id": mail_id, "tag": "UNTAGGED", "email": email, "primary": True}
    ]
    (phone,) = info["phones"]["items"]
    UUID(phone.pop("id"))
    assert phone == {
        "tag": "MOBILE",
        "countryCode": "US",
        "phone": "646-567-6359",
        "e164Phone": "+16465676359",
        "formattedPhone": "+1 646-567-6359",
        "primary": True,
    }
    (entry,) = info["addresses"]["items"]
    assert entry["tag"] == "HOME"
    assert entry["address"] == sent["addresses"]["items"][0]["address"] | {
        "formattedAddress": "3 Park Ave\nNY, New York 10010\nUnited States"
    }
    for name in ("company", "jobTitle", "birthdate", "locale", "labelKeys"):
        assert info[name] == sent[name]
    assert info["extendedFields"]["items"]["custom.nickname"] == "Jonny"


def test_the_seeds_names_are_understood_in_rest_input(client: httpx2.Client) -> None:
    item = {"_id": "37DB3BDE-83C0-4CA2-8097-88964A2F343C", "email": fresh_email()}
    place = {"addressLine1": "3 Park Ave", "formatted": "as I write it", "country": "US"}
    answer = create(
        client, {"emails": {"items": [item]}, "addresses": {"items": [{"address": place}]}}
    )
    assert "contactory-ignored" not in answer.headers
    info = answer.json()["contact"]["info"]
    assert info["emails"]["items"][0]["id"] == item["_id"].lower()
    assert info["addresses"]["items"][0]["address"] == {
        "addressLine": "3 Park Ave",
        "formattedAddress": "as I write it",
        "country": "US",
    }
    assert '"_id"' not in answer.text


@pytest.mark.parametrize("body", [{}, {"info": None}])
def test_j5_a_create_without_info_names_it(client: httpx2.Client, body: Json) -> None:
    (violation,) = violations(client.post(CONTACTS, json=body))
    assert violation["field"] == "info"
    assert violation["violatedRule"] == "REQUIRED_FIELD"


@pytest.mark.parametrize(
    "info",
    [
        {"company": "X"},
        {},
        {"name": {}},
        {"name": {"first": " ", "last": ""}},
        {"emails": {"items": []}, "phones": {}},
    ],
)
def test_j5_without_name_email_and_phone_there_is_no_contact(
    client: httpx2.Client, info: Json
) -> None:
    answer = create(client, info)
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == "INSUFFICIENT_CONTACT_DATA"
    assert error["data"] == {}


@pytest.mark.parametrize(
    "info",
    [
        {"name": {"first": "Only"}},
        {"name": {"last": "Only"}},
        {"phones": {"items": [{"phone": "no number at all"}]}},
    ],
)
def test_a_name_or_a_phone_alone_is_enough(client: httpx2.Client, info: Json) -> None:
    assert created(client, info)["revision"] == 1


@pytest.mark.parametrize("kind", ["emails", "phones"])
def test_j6_two_primary_items_are_refused(client: httpx2.Client, kind: str) -> None:
    first = {"email": fresh_email(), "phone": "1", "primary": True}
    second = {"email": fresh_email(), "phone": "2", "primary": "true"}
    name = kind.removesuffix("s")
    items = [{key: item[key] for key in (name, "primary")} for item in (first, second)]
    answer = create(client, {kind: {"items": items}})
    assert answer.status_code == 400
    error = application_error(answer)
    assert error["code"] == "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO"
    assert error["data"] == {}


@pytest.mark.parametrize("kind", ["emails", "phones", "addresses"])
def test_j7_the_51st_item_is_too_many(client: httpx2.Client, kind: str) -> None:
    item = {"email": fresh_email(), "phone": "1", "address": {"city": "NY"}}
    (violation,) = violations(create(client, {kind: {"items": [item] * 51}}))
    assert violation["field"] == f"info.{kind}.items"
    assert violation["violatedRule"] == "MAX_SIZE"
    assert violation["data"] == {"threshold": 50}


def test_fifty_items_are_taken(client: httpx2.Client) -> None:
    items = [{"email": fresh_email()} for _ in range(50)]
    found = created(client, {"emails": {"items": items}})["info"]["emails"]["items"]
    assert [item["email"] for item in found] == [item["email"] for item in items]
    assert [item["primary"] for item in found] == [True] + [False] * 49


def test_j8_an_email_that_is_none_is_named(client: httpx2.Client) -> None:
    answer = create(client, {"emails": {"items": [{"email": "x"}]}})
    assert violations(answer) == [
        {
            "field": "info.emails.items[0].email",
            "description": "is not a valid email address",
            "violatedRule": "FORMAT",
            "data": {"type": "EMAIL"},
        }
    ]


PHONES = [
    ("6465676359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
    ("646-567-6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
    ("(646) 567-6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
    ("+1 646 567 6359", "US", "646-567-6359", "+16465676359", "+1 646-567-6359"),
    ("5246242486", "US", "524-624-2486", "+15246242486", "+1 524-624-2486"),
    ("2142682998", "US", "214-268-2998", "+12142682998", "+1 214-268-2998"),
    ("553343434", "IL", "55-334-3434", "+972553343434", "+972 55-334-3434"),
    ("0553343434", "IL", "55-334-3434", "+972553343434", "+972 55-334-3434"),
    ("2421642341", "US", "2421642341", None, None),
    ("601-081-124", "US", "601-081-124", None, None),
    ("(722)-138-3099", "US", "(722)-138-3099", None, None),
    ("+972553343434", None, "+972553343434", None, None),
    ("6465676359", None, "6465676359", None, None),
]
"""CONTRACT A.5: phone and country as sent; phone, E.164 and formatted form as kept."""


@pytest.mark.parametrize("row", PHONES, ids=lambda row: f"{row[0]} {row[1]}")
def test_j28_phones_are_kept_as_the_contracts_table_says(
    client: httpx2.Client, row: tuple[str | None, ...]
) -> None:
    sent, country, phone, e164, formatted = row
    item = {"phone": sent} | ({"countryCode": country} if country else {})
    contact = created(client, {"phones": {"items": [item]}}, allowDuplicates=True)
    (kept,) = contact["info"]["phones"]["items"]
    assert (kept["phone"], kept.get("e164Phone"), kept.get("formattedPhone")) == row[2:]
    assert contact["primaryInfo"] == {"phone": sent}
    primary = contact["primaryPhone"]
    assert primary["phone"] == phone
    assert (primary.get("e164Phone"), primary.get("formattedPhone")) == (e164, formatted)
    status = "NOT_SET" if e164 else "NO_SUBSCRIPTION_STATUS"
    assert primary["subscriptionStatus"] == status


ADDRESSES = [
    ("3 Park Ave", "NY", "US-NY", "10010", "US", "3 Park Ave\nNY, New York 10010\nUnited States"),
    (
        "82 Howard Ave",
        "New York",
        "US-NY",
        "11598",
        "US",
        "82 Howard Ave\nNew York, New York 11598\nUnited States",
    ),
    ("12 Park Ave", "NY", None, None, "US", "12 Park Ave\nNY\nUnited States"),
    (None, "NY", None, None, None, "NY"),
    (None, None, None, None, "IL", "Israel"),
    ("1 Any St", "New York", None, "10011", "US", "1 Any St\nNew York,  10011\nUnited States"),
    (
        "8768 King St",
        "Cumberland",
        None,
        "Z1D 6P8",
        "CA",
        "8768 King St\nCumberland,  Z1D 6P8\nCanada",
    ),
    ("Am Markt 1", "Bremen", None, "28195", "DE", "Am Markt 1\n28195 Bremen\nGermany"),
]
"""CONTRACT A.6: street, city, subdivision, postal code, country; formatted address."""


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: row[-1].replace("\n", "/"))
def test_j28_addresses_are_formatted_as_the_contracts_table_says(
    client: httpx2.Client, row: tuple[str | None, ...]
) -> None:
    names = ("addressLine", "city", "subdivision", "postalCode", "country")
    address = {name: value for name, value in zip(names, row, strict=False) if value is not None}
    contact = created(client, john(addresses={"items": [{"address": address}]}))
    (kept,) = contact["info"]["addresses"]["items"]
    assert kept["address"] == address | {"formattedAddress": row[-1]}


def test_j30_of_two_creates_at_once_one_is_answered_200_and_one_409(
    client: httpx2.Client,
) -> None:
    for _ in range(10):
        info = john()
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(create, [client] * 2, [info] * 2))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 409]
        made, refused = sorted(answers, key=lambda answer: answer.status_code)
        named = application_error(refused)["data"]["duplicateContactId"]
        assert named == made.json()["contact"]["id"]


def test_all_problems_of_an_info_are_named_at_once(client: httpx2.Client) -> None:
    info: dict[str, Any] = {
        "name": {"first": "x" * 1001},
        "emails": {"items": [{"email": "x", "tag": "PRIVATE"}, {"email": ""}]},
        "phones": {"items": [{"phone": "1" * 51, "countryCode": "usa"}]},
        "birthdate": "25.4.1995",
        "locale": "english please",
        "locations": {"items": ["nowhere"]},
        "labelKeys": {"items": [7]},
        "company": 7,
    }
    found = violations(create(client, info, allowDuplicates="perhaps"))
    by_field = {violation["field"]: violation["violatedRule"] for violation in found}
    expected = {
        "info.name.first": "MAX_LENGTH",
        "info.emails.items[0].email": "FORMAT",
        "info.emails.items[0].tag": "INVALID_ENUM_VALUE",
        "info.emails.items[1].email": "REQUIRED_FIELD",
        "info.phones.items[0].phone": "MAX_LENGTH",
        "info.phones.items[0].countryCode": "FORMAT",
        "info.birthdate": "FORMAT",
        "info.locale": "FORMAT",
        "info.locations.items[0]": "FORMAT",
        "info.labelKeys.items[0]": "OTHER",
        "info.company": "OTHER",
        "allowDuplicates": "OTHER",
    }
    assert by_field == expected


def test_names_that_mean_nothing_are_reported_and_not_stored(client: httpx2.Client) -> None:
    info = john(nickname="J") | {"revision": 7}
    answer = create(client, info, alowDuplicates=True)
    assert answer.status_code == 200
    reported = set(answer.headers["contactory-ignored"].split(", "))
    assert reported == {"alowDuplicates", "info.nickname", "info.revision"}
    assert "nickname" not in answer.text


def test_what_is_read_only_is_not_taken_from_callers(client: httpx2.Client) -> None:
    info = john(extendedFields={"items": {"contacts.displayByFirstName": "Somebody Else"}})
    info["phones"] = {"items": [{"phone": "1", "e164Phone": "+4930123", "formattedPhone": "x"}]}
    contact = created(client, info)
    assert contact["info"]["extendedFields"]["items"]["contacts.displayByFirstName"] == "John Doe"
    assert contact["info"]["phones"]["items"][0].keys() == {"id", "tag", "phone", "primary"}


@pytest.mark.parametrize("prefix", ["", "/_api"])
@pytest.mark.parametrize("word", ["", "Bearer ", "bearer "])
def test_both_prefixes_and_both_forms_of_the_credential_work(
    server: Server, prefix: str, word: str
) -> None:
    with server.client(word + server.key) as client:
        answer = client.post(prefix + CONTACTS, json={"info": john()})
        assert answer.status_code == 200
        contact = answer.json()["contact"]
        assert client.get(f"{prefix}{CONTACTS}/{contact['id']}").json()["contact"] == contact


def test_a_body_without_a_content_type_or_with_another_is_read_as_json(
    client: httpx2.Client,
) -> None:
    for headers in ({}, {"content-type": "text/plain"}):
        body = f'{{"info": {{"name": {{"first": "{fresh_email()}"}}}}}}'
        assert client.post(CONTACTS, content=body, headers=headers).status_code == 200
