"""Queries of contacts find what a plain evaluation of the same tree finds (CONTRACT D)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contacts import Contact
from contactory.domain.emails import email_key
from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import CONTACT_FIELDS, contact_lookup
from contactory.domain.filter_matching import matches, ordered
from contactory.domain.filter_reading import read_filter
from contactory.domain.filters import Field, Kind, SortEntry, Value
from contactory.domain.sorting import read_sort
from contactory.kit.clock import Timestamp
from contactory.ops.crm import Crm
from contactory.store import contact_pages, contact_plans
from contactory.store.email_statuses import record_email_status
from tests.property.filter_strategies import filters, pooled, sorts
from tests.stores import KINDS, StoreUnderTest, new_store

TYPES = {
    "custom.text": FieldType.TEXT,
    "custom.url": FieldType.URL,
    "custom.number": FieldType.NUMBER,
    "custom.date": FieldType.DATE,
}
LOOKUP = contact_lookup(TYPES)
EVERY_ORDER = [
    [{"fieldName": path, "order": order}]
    for path in (
        *(path for path, field in CONTACT_FIELDS.items() if field.is_sortable),
        *(f"info.extendedFields.{key}" for key in TYPES),
    )
    for order in ("ASC", "DESC")
]
TEXTS = ("Doe", "doe", "DOE", "Dow", "Straße", "STRASSE", "Ünal", "d", "東京", "x y", "D" * 300)
EMAILS = ("john@example.com", "John@example.com", "j@müller.de", "joe@example.com", "a@b.co")
PHONES = (("6465676359", "US"), ("+1 646 567 6359", "US"), ("112", None), ("0553343434", "IL"))
STATUSES = ("NOT_SET", "PENDING", "SUBSCRIBED", "UNSUBSCRIBED")
DELIVERABILITY = ("NOT_SET", "VALID", "BOUNCED")
PHONE_PATHS = ("primaryInfo.phone", "primaryPhone.phone", "info.phones.phone")
MOST_PAGES = 20
EXAMPLES = {"sqlite": 25, "postgres": 8}
GUIDS = ("0a9c2f1b-75d1-4c5c-9f2b-00000000000a", "0a9c2f1b-75d1-4c5c-9f2b-000000000001")


def some(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


def items(values: Sequence[Any], name: str) -> st.SearchStrategy[Any]:
    places = st.lists(st.integers(0, len(values) - 1), max_size=2, unique=True)
    return places.map(lambda found: {"items": [{name: values[at]} for at in found]})


def phones() -> st.SearchStrategy[Any]:
    chosen = st.lists(st.sampled_from(PHONES), max_size=2, unique=True)
    return chosen.map(
        lambda found: {
            "items": [
                {"phone": phone} | ({"countryCode": country} if country else {})
                for phone, country in found
            ]
        }
    )


INFOS = st.fixed_dictionaries(
    {
        "name": st.fixed_dictionaries({"first": some(TEXTS), "last": st.sampled_from(TEXTS)}),
        "emails": items(EMAILS, "email"),
        "phones": phones(),
        "addresses": items(
            [
                {"city": "Doe", "country": "US", "subdivision": "US-NY", "addressLine": "Do 1"},
                {"city": "doe"},
                {"country": "DE", "addressLine": "Straße"},
            ],
            "address",
        ),
        "company": some(TEXTS),
        "jobTitle": some(TEXTS),
        "birthdate": some(("1980-02-28", "1980-02-29", "2001-12-31")),
        "locale": some(("en", "de-DE", "doe")),
        "labelKeys": st.lists(st.sampled_from(("custom.a", "custom.b")), max_size=2).map(
            lambda keys: {"items": keys}
        ),
        "locations": st.lists(st.sampled_from(GUIDS), max_size=1).map(lambda ids: {"items": ids}),
        "extendedFields": st.fixed_dictionaries(
            {
                "custom.text": some(TEXTS),
                "custom.url": some(("Doe", "https://d.example")),
                "custom.number": some((-1, 0, 0.5, 24, 25)),
                "custom.date": some(("2026-11-24", "2026-11-24T10:30:00.001Z")),
            }
        ).map(lambda values: {"items": values}),
    }
)


def values_of(contact: Contact) -> Any:
    """The values of a contact by field, from what it shows."""
    shown = contact.to_rest()

    def values(field: Field) -> Sequence[Value]:
        return [form(field, value) for value in found(shown, field.path) if value not in (None, "")]

    return values


def form(field: Field, value: Any) -> Value:
    if field.kind is Kind.INSTANT:
        return Timestamp.parse(str(value)).ms
    if field.kind is Kind.EMAIL:
        return email_key(str(value))
    return value  # type: ignore[no-any-return]


def found(shown: dict[str, Any], path: str) -> list[Any]:
    """What stands at the path; of lists, what stands there in each entry."""
    if path in PHONE_PATHS:
        return phone_forms(shown, primary_only=path != "info.phones.phone")
    if path.startswith("info.extendedFields."):
        fields = shown["info"]["extendedFields"]["items"]
        return [fields.get(path.removeprefix("info.extendedFields."))]
    at = shown
    *outer, last = path.replace("addresses.street", "addresses.addressLine").split(".")
    for part in outer:
        at = at.get(part, {})
    if "items" in at:
        return [entry.get("address", entry).get(last) for entry in at["items"]]
    value = at.get(last)
    return value.get("items", []) if isinstance(value, dict) else [value]


def phone_forms(shown: dict[str, Any], *, primary_only: bool) -> list[Any]:
    entries = shown["info"]["phones"].get("items", [])
    chosen = [entry for entry in entries if entry["primary"] or not primary_only]
    forms = [entry.get(name) for entry in chosen for name in ("phone", "e164Phone")]
    return [*forms, shown["primaryInfo"].get("phone")]


def expected(contacts: list[Contact], sent: Any, order: Any) -> list[str]:
    tree = read_filter(sent, LOOKUP)
    kept = [contact for contact in contacts if matches(tree, values_of(contact))]
    sort = list(read_sort(order, LOOKUP))
    # Nobody is made at the same time as another one: where created, the order by id goes on.
    for at, entry in enumerate(sort):
        if entry.field.path == "createdDate":
            by_id = Field("id", Kind.GUID, frozenset())
            sort = [*sort[:at], SortEntry(by_id, is_descending=entry.is_descending)]
            break
    return [one.id for one in ordered(kept, sort, values_of, lambda contact: contact.id)]


@pytest.fixture(scope="module", params=KINDS)
def store_of_all(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoreUnderTest]:
    """One for all, which have sites of their own."""
    with new_store(request.param, tmp_path_factory.mktemp("queries")) as store:
        yield store


@pytest.fixture(scope="module")
def loop_and_crm(store_of_all: StoreUnderTest) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        crm = runner.run(Crm.open(store_of_all.url))
        yield runner, crm
        runner.run(crm.close())


async def filled(crm: Crm, infos: list[Any], statuses: dict[str, EmailStatus]) -> Crm:
    """A site of its own with these contacts."""
    site = await crm.sites.create_site("one")
    here = await crm.at_site(site.site_id)
    for key, kind in TYPES.items():
        name = key.removeprefix("custom.")
        await here.extended_fields.find_or_create_extended_field(name, kind.value)
    for label in ("a", "b"):
        await here.labels.find_or_create_label(label)
    for at, (email, status) in enumerate(statuses.items()):
        if at % 2:  # Some are recorded before there is a contact, the others afterwards.
            await record(here, email, status)
    for info in infos:
        await here.contacts.create_contact(info, {"allowDuplicates": True})
    for at, (email, status) in enumerate(statuses.items()):
        if not at % 2:
            await record(here, email, status)
    return here


async def record(crm: Crm, email: str, status: EmailStatus) -> None:
    site, now = crm.context.site, Timestamp.current()
    await crm.store.write(lambda tx: record_email_status(tx, site, email_key(email), status, now))


async def walked(crm: Crm, query: dict[str, Any], limit: int) -> list[str]:
    """All ids, page after page by cursor."""
    ids: list[str] = []
    paging: dict[str, Any] = {"limit": limit}
    for _ in range(MOST_PAGES):
        page = await crm.contacts.find_contacts({**query, "cursorPaging": paging})
        ids += [contact.id for contact in page.contacts]
        cursors = page.paging_metadata.cursors
        assert cursors is not None
        assert page.paging_metadata.has_next is (cursors.next is not None)
        if cursors.next is None:
            return ids
        paging = {"limit": limit, "cursor": cursors.next}
    raise AssertionError("a walk without end")


async def checked(
    crm: Crm, contacts: list[Contact], sent: Any, order: Any, limit: int, offset: int
) -> None:
    query = {"filter": sent, "sort": order}
    ids = expected(contacts, sent, order)
    page = await crm.contacts.find_contacts({**query, "paging": {"limit": 100}})
    assert [contact.id for contact in page.contacts] == ids
    assert page.paging_metadata.total == len(ids)
    paging = {"limit": limit, "offset": offset}
    page = await crm.contacts.find_contacts({**query, "paging": paging})
    assert [contact.id for contact in page.contacts] == ids[offset : offset + limit]
    assert page.paging_metadata.total == len(ids)
    assert await walked(crm, query, limit) == ids


@pytest.mark.slow
@pytest.mark.parametrize(
    ("few", "walks"),
    [(0, (1, 3, 1_000)), (0, (2,)), (3, (1_000,)), (100, ())],
    ids="walking losing-patience deciding sorting".split(),
)
def test_a_query_finds_what_a_plain_evaluation_finds(
    loop_and_crm: Any,
    store_of_all: StoreUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    walks: tuple[int, ...],
) -> None:
    runner, crm = loop_and_crm
    monkeypatch.setattr(contact_pages, "walks", lambda *_: iter(walks))
    for module in (contact_plans, contact_pages):
        monkeypatch.setattr(module, "sortable_number", lambda *_: few)

    @settings(
        max_examples=EXAMPLES[store_of_all.kind],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(INFOS, min_size=2, max_size=8),
        st.dictionaries(
            st.sampled_from(("john@example.com", "j@müller.de", "a@b.co")),
            st.builds(EmailStatus, st.sampled_from(STATUSES), st.sampled_from(DELIVERABILITY)),
            max_size=3,
        ),
        st.lists(st.tuples(filters(LOOKUP, pooled), sorts(LOOKUP)), min_size=4, max_size=4),
        st.integers(1, 4),
        st.integers(0, 5),
    )
    def finds(infos: Any, statuses: Any, asked: Any, limit: int, offset: int) -> None:
        async def run() -> None:
            here = await filled(crm, infos, statuses)
            contacts = list((await here.contacts.list_contacts()).contacts)
            for sent, order in asked:
                await checked(here, contacts, sent, order, limit, offset)
            for order in EVERY_ORDER:
                await checked(here, contacts, asked[0][0], order, limit, offset)
                await checked(here, contacts, {}, order, limit, offset)

        runner.run(run())

    finds()
