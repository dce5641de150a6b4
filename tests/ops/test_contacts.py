"""Creating and getting contacts: who may, what is a duplicate, what is stored and what is not."""

from __future__ import annotations

import asyncio
import json
import warnings
from typing import Any

import pytest

import contactory
from contactory.domain.contact_making import EmailStatus
from contactory.domain.contacts import Source
from contactory.domain.errors import (
    ContactNotFound,
    ContactoryError,
    FieldsQuotaExceeded,
    InsufficientContactData,
    InvalidArgument,
    InvalidExtendedFieldValue,
    LabelNotFound,
    LabelsQuotaReached,
    MultiplePrimaryInfo,
    NoContext,
    PermissionDenied,
)
from contactory.domain.identities import SITE_APP_ID, Identity, IdentityType
from contactory.domain.ignored_values import IgnoredValues
from contactory.domain.permissions import MANAGE_CONTACTS, READ_CONTACTS
from contactory.http.answers import json_answer
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id
from contactory.ops.contacts import Contacts
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from contactory.store.email_statuses import record_email_status
from tests.ops.surroundings import call, code_of, counted, fields_named, mail, over_http, stored
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio


@pytest.fixture
def strict(crm: Crm) -> Crm:
    """The same store, where unknown keys are refused."""
    return Crm(crm.store, Settings(strict_keys=True))


@pytest.fixture
def tight(crm: Crm) -> Crm:
    """The same store, where a site has two labels and two fields at most."""
    return Crm(crm.store, Settings(labels_quota=2, fields_quota=2))


# Who may

DENIED = [
    Identity.visitor(),
    Identity.visitor(new_id()),
    Identity.member("m-1"),
    Identity.user([]),
    Identity.user(READ_CONTACTS),
    Identity.app(new_id(), READ_CONTACTS),
    Identity.api_key(new_id(), READ_CONTACTS),
]


@pytest.mark.parametrize("identity", DENIED)
async def test_without_manage_contacts_nothing_is_created(
    crm: Crm, store: StoreUnderTest, identity: Identity
) -> None:
    async with crm.acting_as(identity):
        infos: list[Any] = [mail("ada@example.com"), {"no": "info"}, None]
        for info in infos:
            with pytest.raises(PermissionDenied) as refused:
                await crm.contacts.create_contact(info)
            assert refused.value.data == {"permission": "CONTACTS.MODIFY"}
    assert set(stored(store).values()) == {0}


@pytest.mark.parametrize("identity", [Identity.visitor(), Identity.member("m"), Identity.user([])])
async def test_without_permission_to_view_a_contact_is_not_shown(
    crm: Crm, identity: Identity
) -> None:
    contact = await crm.contacts.create_contact(mail("ada@example.com"))
    async with crm.acting_as(identity):
        for contact_id in (contact.id, new_id()):
            with pytest.raises(PermissionDenied):
                await crm.contacts.get_contact(contact_id)
    async with crm.acting_as(Identity.user(READ_CONTACTS)):
        assert (await crm.contacts.get_contact(contact.id.upper())).id == contact.id


@pytest.mark.parametrize("identity", DENIED)
async def test_elevated_anybody_creates_as_the_sites_app(
    crm: Crm, store: StoreUnderTest, identity: Identity
) -> None:
    async with crm.acting_as(identity):
        contact = await contactory.elevate(contactory.contacts.create_contact)(
            mail("ada@example.com")
        )
        with pytest.raises(PermissionDenied):
            await contactory.contacts.create_contact(mail("bob@example.com"))
    assert contact.source == Source(source_type="WIX_CODE", app_id=SITE_APP_ID)
    assert counted(store, "contacts") == 1
    assert _events(store)[0]["identity"] == {"identityType": "APP", "appId": SITE_APP_ID}


async def test_acting_as_ends_with_its_block_and_stays_in_its_task(crm: Crm) -> None:
    async def as_visitor() -> None:
        async with crm.acting_as(Identity.visitor()):
            await asyncio.sleep(0)
            with pytest.raises(PermissionDenied):
                await contactory.contacts.create_contact(mail("ada@example.com"))

    async with crm.acting_as(Identity.user(MANAGE_CONTACTS)):
        await asyncio.gather(
            as_visitor(), contactory.contacts.create_contact(mail("bob@example.com")), as_visitor()
        )
        assert await contactory.contacts.create_contact(mail("cy@example.com"))
    with pytest.raises(NoContext):
        await contactory.contacts.create_contact(mail("dan@example.com"))
    with pytest.raises(NoContext):
        await contactory.elevate(contactory.contacts.create_contact)(mail("dan@example.com"))


# Where contacts came from


@pytest.mark.parametrize(
    ("identity", "source"),
    [
        (Identity.api_key("k", MANAGE_CONTACTS), Source(source_type="ADMIN")),
        (Identity.user(MANAGE_CONTACTS, "u"), Source(source_type="ADMIN")),
        (Identity.app("a-1"), Source(source_type="WIX_APP", app_id="a-1")),
    ],
)
async def test_over_http_the_source_follows_the_caller(
    crm: Crm, identity: Identity, source: Source
) -> None:
    made = await Contacts(over_http(crm, identity)).create_contact(mail("ada@example.com"))
    assert made.source == source
    assert (await crm.contacts.get_contact(made.id)).source == source


async def test_sources_can_be_chosen_and_the_rest_stays(crm: Crm) -> None:
    settings = Settings(
        sources={
            IdentityType.APP: Source(source_type="THIRD_PARTY"),
            IdentityType.API_KEY: Source(source_type="WIX_CODE", app_id=SITE_APP_ID),
        }
    )
    sources = [
        over_http(crm, identity, settings=settings).source()
        for identity in (Identity.app("a-1"), Identity.api_key("k", ()), Identity.visitor())
    ]
    assert sources == [
        Source(source_type="THIRD_PARTY", app_id="a-1"),
        Source(source_type="WIX_CODE", app_id=SITE_APP_ID),
        Source(source_type="WIX_FORMS"),
    ]


# What is stored


def _events(store: StoreUnderTest) -> list[dict[str, Any]]:
    stored = store.rows(
        "SELECT entity_fqdn, slug, entity_id, entity_sequence, identity, body FROM outbox"
    )
    names = ("fqdn", "slug", "entity_id", "sequence", "identity", "body")
    events: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in stored]
    for event in events:
        event["identity"], event["body"] = json.loads(event["identity"]), json.loads(event["body"])
    return events


async def test_a_create_stores_its_event_with_the_contact_and_who_made_it(
    crm: Crm, store: StoreUnderTest
) -> None:
    async with crm.acting_as(Identity.user(MANAGE_CONTACTS, "u-1")):
        contact = await crm.contacts.create_contact(mail("ada@example.com"))
    (event,) = _events(store)
    assert (event["fqdn"], event["slug"]) == ("wix.contacts.v4.contact", "created")
    assert (event["entity_id"], event["sequence"]) == (contact.id, 1)
    assert event["identity"] == {"identityType": "WIX_USER", "wixUserId": "u-1"}
    assert event["body"]["createdEvent"]["entity"] == json.loads(contact.to_json())


async def test_a_created_contact_is_got_again_equal(crm: Crm) -> None:
    made = await crm.contacts.create_contact(
        mail(
            "ada@example.com",
            name={"first": "Ada", "last": "Lovelace"},
            labelKeys={"items": ["custom.vip", "contacts.customers"]},
            extendedFields={"items": {"custom.age": 36, "custom.nick": "Countess"}},
            **call("6465676359"),
        )
    )
    assert await crm.contacts.get_contact(made.id) == made
    assert made.revision == 1
    assert made.created_date == made.updated_date


async def test_a_recorded_consent_shows_in_new_and_in_older_contacts(crm: Crm) -> None:
    older = await crm.contacts.create_contact(mail("ada@example.com"))
    site, status = crm.context.site, EmailStatus("SUBSCRIBED", "VALID")
    await crm.store.write(
        lambda tx: record_email_status(tx, site, "ada@example.com", status, Timestamp.current())
    )
    newer = await crm.contacts.create_contact(mail("ADA@example.com"), {"allowDuplicates": True})
    shown = [await crm.contacts.get_contact(older.id), newer]
    for contact in shown:
        assert contact.primary_email is not None
        assert contact.primary_email.subscription_status == "SUBSCRIBED"
        fields = contact.info.extended_fields.items
        assert fields["emailSubscriptions.subscriptionStatus"] == "SUBSCRIBED"
        assert fields["emailSubscriptions.deliverabilityStatus"] == "VALID"
    page = await crm.contacts.list_contacts()
    assert page.contacts == shown
    answered = json.loads(bytes(json_answer(page).body))
    assert answered["contacts"] == [contact.to_rest() for contact in shown]


REFUSED: list[tuple[Any, type[ContactoryError]]] = [
    ({}, InsufficientContactData),
    ({"company": "Engines", "name": {"first": "  "}}, InsufficientContactData),
    (mail("ada at example.com"), InvalidArgument),
    (mail("a@example.com", company="c" * 1001), InvalidArgument),
    (None, InvalidArgument),
    ([], InvalidArgument),
    (
        {"emails": {"items": [{"email": f"{n}@example.com", "primary": True} for n in "ab"]}},
        MultiplePrimaryInfo,
    ),
    (mail("a@example.com", labelKeys={"items": ["other.key"]}), LabelNotFound),
    (
        mail("a@example.com", extendedFields={"items": {"other.key": "x"}}),
        InvalidExtendedFieldValue,
    ),
]


@pytest.mark.parametrize(("info", "error"), REFUSED)
async def test_a_refused_create_stores_nothing(
    crm: Crm, store: StoreUnderTest, info: Any, error: type[ContactoryError]
) -> None:
    with pytest.raises(error):
        await crm.contacts.create_contact(info, idempotency_key="k")
    assert set(stored(store).values()) == {0}


async def test_a_create_that_fails_late_takes_its_earlier_rows_back(
    tight: Crm, store: StoreUnderTest
) -> None:
    """Labels are counted last, when contact, e-mails and fields are already written."""
    info = mail(
        "ada@example.com",
        labelKeys={"items": ["custom.a", "custom.b", "custom.c"]},
        extendedFields={"items": {"custom.age": 36}},
    )
    good = tight.contacts.create_contact(mail("bob@example.com"))
    outcomes = await asyncio.gather(
        tight.contacts.create_contact(info), good, return_exceptions=True
    )
    assert [code_of(outcome) for outcome in outcomes] == ["LABELS_QUOTA_REACHED", "Contact"]
    rows = stored(store)
    assert rows.pop("contacts") == rows.pop("contact_emails") == rows.pop("outbox") == 1
    assert set(rows.values()) == {0}


async def test_names_that_are_no_part_of_a_contact_are_reported_and_not_stored(crm: Crm) -> None:
    info = mail("ada@example.com", emial="x", company="Engines")
    info["emails"]["items"][0]["kind"] = "home"
    with pytest.warns(IgnoredValues) as reported:
        contact = await crm.contacts.create_contact(info)
    (warning,) = reported
    assert "info.emial" in str(warning.message)
    assert "info.emails.items[0].kind" in str(warning.message)
    assert b"emial" not in contact.to_json()
    assert contact.info.company == "Engines"


async def test_over_http_ignored_names_go_to_the_one_who_asked(crm: Crm) -> None:
    ignored: list[str] = []
    context = over_http(crm, Identity.user(MANAGE_CONTACTS))
    context = type(context)(
        store=context.store,
        settings=context.settings,
        site_id=context.site_id,
        identity=context.identity,
        in_process=False,
        report_ignored=ignored.extend,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await Contacts(context).create_contact(mail("ada@example.com", emial="x"))
    assert ignored == ["info.emial"]


# Unknown keys, quotas


async def test_unknown_custom_keys_come_to_be_with_a_name_and_a_type(
    crm: Crm, store: StoreUnderTest
) -> None:
    info = mail(
        "ada@example.com",
        labelKeys={"items": ["custom.at-risk"]},
        extendedFields={"items": {"custom.shoe-size": 41.5, "custom.nick": "C"}},
    )
    await crm.contacts.create_contact(info)
    labels = store.rows("SELECT key, display_name FROM labels")
    fields = store.rows("SELECT key, data_type FROM extended_fields ORDER BY key")
    values = store.rows(
        "SELECT field_key, text_value, number_value FROM contact_field_values ORDER BY field_key",
    )
    assert labels == [("custom.at-risk", "At Risk")]
    assert fields == [("custom.nick", "TEXT"), ("custom.shoe-size", "NUMBER")]
    assert values == [("custom.nick", "C", None), ("custom.shoe-size", None, 41.5)]


async def test_later_values_must_fit_the_type_that_the_first_one_chose(
    crm: Crm, store: StoreUnderTest
) -> None:
    await crm.contacts.create_contact(
        mail("ada@example.com", extendedFields={"items": {"custom.age": 36}})
    )
    with pytest.raises(InvalidExtendedFieldValue):
        await crm.contacts.create_contact(
            mail("bob@example.com", extendedFields={"items": {"custom.age": "old"}})
        )
    assert counted(store, "contacts") == 1


async def test_two_first_values_of_different_types_at_once_agree_on_one_type(
    crm: Crm, store: StoreUnderTest
) -> None:
    values: list[Any] = [36, "old", 5, "young"]
    calls = [
        crm.contacts.create_contact(
            mail(f"{n}@example.com", extendedFields={"items": {"custom.age": value}})
        )
        for n, value in enumerate(values)
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    codes = [code_of(outcome) for outcome in outcomes]
    ways = [["Contact", "INVALID_EXTENDED_FIELD_VALUE"] * 2]
    if store.kind == "postgres":  # Where nobody waits in a row, anybody may be first.
        ways.append(["INVALID_EXTENDED_FIELD_VALUE", "Contact"] * 2)
    assert codes in ways
    assert counted(store, "extended_fields") == 1


async def test_strict_keys_refuse_unknown_labels_and_fields(
    crm: Crm, strict: Crm, store: StoreUnderTest
) -> None:
    label = {"labelKeys": {"items": ["custom.vip", "contacts.customers"]}}
    field = {"extendedFields": {"items": {"custom.age": 36}}}
    with pytest.raises(LabelNotFound) as refused:
        await strict.contacts.create_contact(mail("ada@example.com", **label))
    assert refused.value.data == {"labelKeys": ["custom.vip"]}
    with pytest.raises(InvalidExtendedFieldValue):
        await strict.contacts.create_contact(mail("ada@example.com", **field))
    assert set(stored(store).values()) == {0}
    await crm.contacts.create_contact(mail("first@example.com", **label, **field))
    assert await strict.contacts.create_contact(mail("ada@example.com", **label, **field))


async def test_quotas_count_labels_and_fields_of_the_site(
    tight: Crm, elsewhere: Crm, store: StoreUnderTest
) -> None:
    def labelled(name: str, *keys: str) -> dict[str, Any]:
        return mail(f"{name}@example.com", labelKeys={"items": list(keys)})

    def with_fields(name: str, *keys: str) -> dict[str, Any]:
        return mail(f"{name}@example.com", extendedFields={"items": dict.fromkeys(keys, "x")})

    await elsewhere.contacts.create_contact(labelled("x", "custom.x", "custom.y"))
    await tight.contacts.create_contact(labelled("a", "custom.a", "contacts.customers"))
    await tight.contacts.create_contact(labelled("b", "custom.a", "custom.b"))
    with pytest.raises(LabelsQuotaReached) as full:
        await tight.contacts.create_contact(labelled("c", "custom.a", "custom.c"))
    assert full.value.data == {"labelsQuota": "2", "labelsCurrentTotal": "2"}
    await tight.contacts.create_contact(with_fields("d", "custom.a", "custom.b"))
    with pytest.raises(FieldsQuotaExceeded):
        await tight.contacts.create_contact(with_fields("e", "custom.c"))
    await tight.contacts.create_contact(with_fields("f", "custom.b", "invoices.vatId"))
    assert counted(store, "labels") == 4
    assert counted(store, "contacts") == 5


# Getting


@pytest.mark.parametrize(
    "contact_id", ["", "x", "a b/c?d", None, 5, "01900000-0000-7000-8000-000000000000"]
)
async def test_an_id_that_is_none_of_a_contact_is_not_found(crm: Crm, contact_id: Any) -> None:
    with pytest.raises(ContactNotFound):
        await crm.contacts.get_contact(contact_id)


async def test_parts_of_a_contact(crm: Crm) -> None:
    made = await crm.contacts.create_contact(mail("ada@example.com", name={"first": "Ada"}))
    part = await crm.contacts.get_contact(made.id, {"fields": ["info.name"]})
    shown = json.loads(part.to_json())
    assert shown["info"]["name"] == {"first": "Ada"}
    assert "emails" not in shown["info"]
    with pytest.raises(InvalidArgument) as refused:
        await crm.contacts.get_contact(made.id, {"fieldsets": ["EVERYTHING"]})
    assert fields_named(refused.value) == ["fieldsets[0]"]
