"""The groups of a contact list, their sizes, and the filters that find them (CONTRACT E.6)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.contact_making import EmailStatus
from contactory.domain.emails import email_key
from contactory.domain.errors import (
    ContactoryError,
    IllegalLimit,
    InvalidArgument,
    MalformedFilter,
    UnknownFilterField,
    UnsupportedFilterOperator,
    UnsupportedFilterValue,
)
from contactory.domain.facets import Facet, FacetsPage, FacetType
from contactory.domain.identities import Identity
from contactory.kit.clock import Timestamp
from contactory.ops.crm import Crm
from contactory.store.email_statuses import record_email_status
from tests.ops.surroundings import fields_named, mail

pytestmark = pytest.mark.anyio

STATUS = "info.extendedFields.emailSubscriptions."
SUBSCRIPTION = f"{STATUS}subscriptionStatus"
DELIVERABILITY = f"{STATUS}deliverabilityStatus"
MEMBERSHIP = "info.extendedFields.members.membershipStatus"
SYSTEM = ["contacts.customers", "contacts.contacted-me"]
SUBSCRIPTIONS = [
    f"emailSubscriptions.{name}"
    for name in ("subscribed", "unsubscribed", "pending", "bounced", "spam", "inactive")
]
MEMBERSHIPS = [f"membershipStatus.{name}" for name in ("approved", "denied", "pending", "inactive")]
RECORDED = {
    "subscribed@example.com": EmailStatus("SUBSCRIBED", "VALID"),
    "pending@example.com": EmailStatus("PENDING", "BOUNCED"),
    "said-no@example.com": EmailStatus("UNSUBSCRIBED", "SPAM_COMPLAINT"),
    "bounced@example.com": EmailStatus("NOT_SET", "BOUNCED"),
    "gone@example.com": EmailStatus("NOT_SET", "INACTIVE"),
}


@pytest.fixture
async def filled(crm: Crm) -> Crm:
    """Contacts of every kind, and two labels."""
    for name in ("Cold", "Hot"):
        await crm.labels.find_or_create_label(name)
    for address, status in RECORDED.items():
        await record(crm, address, status)
        await crm.contacts.create_contact(mail(address, labelKeys={"items": ["custom.hot"]}))
    both = ["custom.hot", "custom.cold", "contacts.customers"]
    await crm.contacts.create_contact(mail("a@example.com", labelKeys={"items": both}))
    await crm.contacts.create_contact(mail("b@example.com"))
    await crm.contacts.create_contact({"name": {"first": "Nameless"}})
    await crm.contacts.create_contact(
        {"name": {"first": "Cold"}, "labelKeys": {"items": ["custom.cold"]}}
    )
    async with crm.acting_as(Identity.member("m-1")):
        await crm.submitted_contact.append_or_create_contact({"info": mail("m@example.com")})
    return crm


async def record(crm: Crm, address: str, status: EmailStatus) -> None:
    await crm.store.write(
        lambda tx: record_email_status(
            tx, crm.context.site, email_key(address), status, Timestamp.current()
        )
    )


def counts(page: FacetsPage) -> dict[str, int | None]:
    return {facet.facet_key: facet.count for facet in page.facets}


async def found(crm: Crm, *filters: Any) -> int | None:
    """How many contacts a query finds with these filters together."""
    page = await crm.contacts.find_contacts({"filter": {"$and": [each or {} for each in filters]}})
    return page.paging_metadata.total


async def test_a_site_with_two_labels_has_15_facets_in_the_order_of_the_contract(
    filled: Crm,
) -> None:
    page = await filled.contacts.list_facets()
    keys = [facet.facet_key for facet in page.facets]
    own = ["custom.hot", "custom.cold"]  # The newest comes first.
    assert set(keys[1:3]) == set(own)
    assert keys == ["contacts.all", *keys[1:3], *SYSTEM, *SUBSCRIPTIONS, *MEMBERSHIPS]
    assert (page.paging_metadata.count, page.paging_metadata.total) == (15, 15)


async def test_facets_say_their_kind_their_names_and_how_to_find_them(filled: Crm) -> None:
    facets = {facet.facet_key: facet for facet in (await filled.contacts.list_facets()).facets}
    assert facets["contacts.all"] == Facet(
        facet_type=FacetType.ALL_CONTACTS,
        facet_key="contacts.all",
        facet_display_name="All Contacts",
        count=10,
    )
    shown = {
        key: (
            facet.facet_type,
            facet.namespace,
            facet.namespace_display_name,
            facet.facet_display_name,
            facet.query_filter,
        )
        for key, facet in facets.items()
    }
    subscription = ("SUBSCRIPTION_STATUS", "emailSubscriptions", "Subscription Status")
    membership = ("MEMBERSHIP_STATUS", "membershipStatus", "Membership Status")
    expected = {
        "custom.hot": ("LABEL", "custom", "Labels", "Hot"),
        "contacts.contacted-me": ("LABEL", "contacts", "Labels", "Contacted Me"),
    }
    for key, names in expected.items():
        assert shown[key] == (*names, {"info.labelKeys": {"$hasSome": [key]}})
    for key, name, field, value in (
        ("subscribed", "Subscribed", SUBSCRIPTION, "SUBSCRIBED"),
        ("unsubscribed", "Unsubscribed", SUBSCRIPTION, "UNSUBSCRIBED"),
        ("pending", "Pending", SUBSCRIPTION, "PENDING"),
        ("bounced", "Bounced", DELIVERABILITY, "BOUNCED"),
        ("spam", "Spam", DELIVERABILITY, "SPAM_COMPLAINT"),
        ("inactive", "Inactive", DELIVERABILITY, "INACTIVE"),
    ):
        expected_filter = {field: {"$eq": value}}
        assert shown[f"emailSubscriptions.{key}"] == (*subscription, name, expected_filter)
    for key, name in (
        ("approved", "Approved"),
        ("denied", "Blocked"),
        ("pending", "Pending"),
        ("inactive", "Inactive"),
    ):
        expected_filter = {MEMBERSHIP: {"$eq": key.upper()}}
        assert shown[f"membershipStatus.{key}"] == (*membership, name, expected_filter)


async def test_counts_are_those_of_the_contacts(filled: Crm) -> None:
    assert counts(await filled.contacts.list_facets()) == {
        "contacts.all": 10,
        "custom.hot": 6,
        "custom.cold": 2,
        "contacts.customers": 1,
        "contacts.contacted-me": 0,
        "emailSubscriptions.subscribed": 1,
        "emailSubscriptions.unsubscribed": 6,
        "emailSubscriptions.pending": 1,
        "emailSubscriptions.bounced": 2,
        "emailSubscriptions.spam": 1,
        "emailSubscriptions.inactive": 1,
        "membershipStatus.approved": 1,
        "membershipStatus.denied": 0,
        "membershipStatus.pending": 0,
        "membershipStatus.inactive": 0,
    }


FILTERS = [
    {},
    {SUBSCRIPTION: "UNSUBSCRIBED"},
    {SUBSCRIPTION: {"$ne": "UNSUBSCRIBED"}},
    {SUBSCRIPTION: {"$in": ["SUBSCRIBED", "PENDING"]}},
    {SUBSCRIPTION: {"$nin": ["SUBSCRIBED", "PENDING"]}},
    {DELIVERABILITY: {"$eq": "BOUNCED"}},
    {DELIVERABILITY: {"$ne": "BOUNCED"}},
    {DELIVERABILITY: {"$in": ["BOUNCED", "NOT_SET"]}},
    {DELIVERABILITY: "NOT_SET"},
    {f"{STATUS}effectiveEmail": {"$exists": True}},
    {f"{STATUS}effectiveEmail": {"$exists": False}},
    {"$or": [{SUBSCRIPTION: "SUBSCRIBED"}, {DELIVERABILITY: "SPAM_COMPLAINT"}]},
    {"$not": {SUBSCRIPTION: "SUBSCRIBED"}},
]


@pytest.mark.parametrize("sent", FILTERS, ids=str)
async def test_each_count_is_what_a_query_of_both_filters_finds(
    filled: Crm, sent: dict[str, Any]
) -> None:
    page = await filled.contacts.query_facets({"filter": sent})
    assert len(page.facets) == 15
    for facet in page.facets:
        assert facet.count == await found(filled, sent, facet.query_filter), facet.facet_key
    assert page == await filled.contacts.query_facets({"queryFilter": sent})


async def test_without_a_filter_the_query_is_the_list(filled: Crm) -> None:
    listed = await filled.contacts.list_facets()
    for options in (None, {}, {"filter": None}, {"filter": {}}):
        assert await filled.contacts.query_facets(options) == listed


async def test_counts_follow_what_happens(filled: Crm) -> None:
    page = await filled.contacts.find_contacts({"filter": {"info.emails.email": "a@example.com"}})
    (contact,) = page.contacts
    await filled.contacts.unlabel_contact(contact.id, ["custom.hot"])
    before = counts(await filled.contacts.list_facets())
    assert (before["custom.hot"], before["contacts.all"]) == (5, 10)
    await filled.contacts.delete_contact(contact.id)
    after = counts(await filled.contacts.list_facets())
    assert (after["custom.cold"], after["contacts.all"]) == (1, 9)
    assert after["emailSubscriptions.unsubscribed"] == 5


async def test_another_site_has_facets_of_its_own(filled: Crm, elsewhere: Crm) -> None:
    page = await elsewhere.contacts.list_facets()
    assert [facet.facet_key for facet in page.facets] == [
        "contacts.all",
        *SYSTEM,
        *SUBSCRIPTIONS,
        *MEMBERSHIPS,
    ]
    assert set(counts(page).values()) == {0}
    queried = await elsewhere.contacts.query_facets({"filter": {SUBSCRIPTION: "UNSUBSCRIBED"}})
    assert set(counts(queried).values()) == {0}


@pytest.mark.parametrize("filtered", [False, True])
async def test_facets_come_in_pages(filled: Crm, *, filtered: bool) -> None:
    extra: dict[str, Any] = {"filter": {SUBSCRIPTION: "UNSUBSCRIBED"}} if filtered else {}
    whole = await filled.contacts.query_facets(extra)
    for limit, offset in ((3, 0), (3, 2), (100, 14), (5, 15), (0, 0)):
        paging = {"limit": limit, "offset": offset}
        page = await filled.contacts.query_facets({"paging": paging, **extra})
        assert page.facets == whole.facets[offset : offset + limit]
        metadata = page.paging_metadata
        assert (metadata.count, metadata.offset, metadata.total) == (len(page.facets), offset, 15)


async def test_names_are_told_in_the_language_asked_for(filled: Crm) -> None:
    for language in ("es", "es-MX"):
        page = await filled.contacts.list_facets({"language": language})
        names = {facet.facet_key: facet for facet in page.facets}
        assert names["contacts.customers"].facet_display_name == "Clientes"
        assert names["custom.hot"].namespace_display_name == "Etiquetas"
        assert names["custom.hot"].facet_display_name == "Hot"
        assert names["contacts.all"].facet_display_name == "Todos los contactos"
    english = await filled.contacts.list_facets()
    assert await filled.contacts.list_facets({"language": "fr"}) == english


async def test_counts_can_be_left_out(filled: Crm) -> None:
    page = await filled.contacts.query_facets({"omit_count": True})
    assert {facet.count for facet in page.facets} == {None}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"paging": {"limit": 1001}}, IllegalLimit),
        ({"paging": {"limit": -1}}, IllegalLimit),
        ({"filter": "a text"}, MalformedFilter),
        ({"filter": {"info.nothing": "x"}}, UnknownFilterField),
        ({"filter": {"info.name.first": "x"}}, UnknownFilterField),
        ({"filter": {SUBSCRIPTION: {"$startsWith": "U"}}}, UnsupportedFilterOperator),
        ({"queryFilter": {SUBSCRIPTION: "PERHAPS"}}, UnsupportedFilterValue),
    ],
)
async def test_what_cannot_be_is_refused(
    crm: Crm, options: dict[str, Any], error: type[ContactoryError]
) -> None:
    with pytest.raises(error):
        await crm.contacts.query_facets(options)


async def test_wrong_options_are_named(crm: Crm) -> None:
    both = {"filter": {SUBSCRIPTION: "PENDING"}, "queryFilter": {SUBSCRIPTION: "PENDING"}}
    for options, path in (
        (both, "queryFilter"),
        ({"language": 7}, "language"),
        ({"paging": 7}, "paging"),
        ({"omitCount": 7}, "omitCount"),
        ({"colour": 7}, "options.colour"),
    ):
        with pytest.raises(InvalidArgument) as refused:
            await crm.contacts.query_facets(options)
        assert fields_named(refused.value) == [path]
    with pytest.raises(InvalidArgument):
        await crm.contacts.list_facets({"filter": {}})
