"""`GET /contacts/v4/contacts/{id}`: conformance vectors J14, J15, J25 and the table of D.6."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.contract.wire import (
    CONTACTS,
    NOBODY,
    Json,
    application_error,
    created,
    fresh_email,
    john,
    violations,
)


@pytest.fixture
def whole(client: httpx2.Client) -> Json:
    """A contact that has something in every part that D.6 names."""
    address = {"city": "NY", "country": "US"}
    return created(
        client,
        john(
            phones={"items": [{"phone": fresh_email()[:40]}]},
            addresses={"items": [{"address": address}]},
            company="Wix",
            jobTitle="Writer",
            birthdate="1995-04-25",
            locale="en-us",
            labelKeys={"items": ["custom.contact"]},
            extendedFields={"items": {"custom.nickname": "Jonny"}},
            picture={"image": {"url": "https://example.com/john.png"}},
            locations={"items": [NOBODY]},
        ),
    )


def get(client: httpx2.Client, contact_id: str, **query: Any) -> httpx2.Response:
    return client.get(f"{CONTACTS}/{contact_id}", params=query)


def shown(client: httpx2.Client, contact_id: str, **query: Any) -> Json:
    """The contact of a get that succeeds."""
    answer = get(client, contact_id, **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"contact", "responseType"}
    assert answer.json()["responseType"] == "REGULAR"
    return dict(answer.json()["contact"])


def part(contact: Json, *names: str) -> Json:
    """The contact with nothing but these paths of `info` and other parts."""
    kept = {name: contact[name] for name in names if "." not in name}
    deeper = [name.removeprefix("info.") for name in names if name.startswith("info.")]
    return kept | ({"info": {name: contact["info"][name] for name in deeper}} if deeper else {})


BASIC = ("id", "revision", "primaryInfo", "info.name")
COMMUNICATION = (*BASIC, "info.emails", "info.phones", "info.addresses")
EXTENDED = (*BASIC, "info.extendedFields")
FIELDS = [
    *("source", "createdDate", "updatedDate", "lastActivity", "primaryInfo", "primaryEmail"),
    *("primaryPhone", "info", "info.name", "info.emails", "info.phones", "info.addresses"),
    *("info.company", "info.jobTitle", "info.picture", "info.birthdate", "info.locale"),
    *("info.labelKeys", "info.locations", "info.extendedFields"),
]


def test_a_contact_is_answered_as_it_was_when_created(client: httpx2.Client, whole: Json) -> None:
    assert shown(client, whole["id"]) == whole
    assert shown(client, whole["id"].upper()) == whole


def test_the_copy_of_the_id_in_the_query_is_ignored(client: httpx2.Client, whole: Json) -> None:
    assert shown(client, whole["id"], id=whole["id"]) == whole
    assert shown(client, whole["id"], id=NOBODY) == whole


@pytest.mark.parametrize(
    ("fieldset", "paths"),
    [("BASIC", BASIC), ("COMMUNICATION_DETAILS", COMMUNICATION), ("EXTENDED", EXTENDED)],
)
def test_j14_a_fieldset_shows_its_parts_and_nothing_else(
    client: httpx2.Client, whole: Json, fieldset: str, paths: tuple[str, ...]
) -> None:
    assert shown(client, whole["id"], fieldsets=fieldset) == part(whole, *paths)


@pytest.mark.parametrize("query", [{"fieldsets": "FULL"}, {"fieldsets": ""}, {"fields": ""}])
def test_the_full_fieldset_and_none_at_all_show_everything(
    client: httpx2.Client, whole: Json, query: Json
) -> None:
    assert shown(client, whole["id"], **query) == whole


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_shown_with_id_and_revision_and_nothing_else(
    client: httpx2.Client, whole: Json, field: str
) -> None:
    assert shown(client, whole["id"], fields=field) == part(whole, "id", "revision", field)


def test_j15_fields_may_be_repeated_or_joined_with_commas(
    client: httpx2.Client, whole: Json
) -> None:
    expected = part(whole, "id", "revision", "source", "updatedDate")
    joined = shown(client, whole["id"], fields="source,updatedDate")
    repeated = shown(client, whole["id"], fields=["source", "updatedDate"])
    assert joined == repeated == expected


def test_fieldsets_and_fields_are_shown_together(client: httpx2.Client, whole: Json) -> None:
    both = shown(client, whole["id"], fieldsets=["BASIC", "EXTENDED"], fields="info.company,source")
    assert both == part(whole, *EXTENDED, "info.company", "source")


def test_fields_that_do_not_exist_show_nothing_and_do_no_harm(
    client: httpx2.Client, whole: Json
) -> None:
    found = shown(client, whole["id"], fields="nonsense,info.nonsense,source")
    assert found == part(whole, "id", "revision", "source")


def test_a_fieldset_that_does_not_exist_is_named(client: httpx2.Client, whole: Json) -> None:
    (violation,) = violations(get(client, whole["id"], fieldsets="BASIC,SOME"))
    assert violation["field"].startswith("fieldsets")
    assert violation["violatedRule"] == "INVALID_ENUM_VALUE"
    assert "BASIC" in violation["data"]["supported"]


@pytest.mark.parametrize("contact_id", [NOBODY, "no-guid", "a%20b", "%00", "x" * 2000, "ü"])
def test_a_contact_that_is_not_there_is_404(client: httpx2.Client, contact_id: str) -> None:
    answer = get(client, contact_id)
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Contact not found",
        "details": {
            "applicationError": {
                "code": "CONTACT_NOT_FOUND",
                "description": "Contact not found",
                "data": {},
            }
        },
    }


def test_query_names_that_mean_nothing_are_reported(client: httpx2.Client, whole: Json) -> None:
    answer = get(client, whole["id"], language="en", feilds="source")
    assert answer.json()["contact"] == whole
    assert set(answer.headers["contactory-ignored"].split(", ")) == {"language", "feilds"}


def test_a_path_below_a_contact_is_nothing(client: httpx2.Client, whole: Json) -> None:
    answer = client.get(f"{CONTACTS}/{whole['id']}/more")
    assert answer.status_code == 404
    assert application_error(answer)["code"] == "NOT_FOUND"
