"""Calls about contacts through a server: the same results and errors as in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

import contactory
from contactory import Contact, ContactInfo, errors
from contactory.domain.contact_options import (
    BulkUpsertOptions,
    FindContactsOptions,
    ListContactsOptions,
    UpdateContactOptions,
)
from contactory.domain.contact_query import ContactsPage
from contactory.domain.contact_search import SearchedContacts
from contactory.domain.contact_upserting import BulkUpsertResults, UpsertAction
from contactory.domain.facets import FacetsPage, ListFacetsOptions, QueryFacetsOptions
from contactory.domain.submissions import SubmitAnswer, SubmittedAs
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm
from tests.servers import Server, new_key, store_url

pytestmark = pytest.mark.anyio

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[RemoteCrm]:
    async with contactory.connect(server.url, key=server.key) as crm:
        yield crm


@pytest.fixture
async def embedded(server: Server) -> AsyncIterator[Crm]:
    """The server's own store, opened beside it."""
    async with contactory.connect(store_url(server.store)) as crm:
        yield crm


def person(first: str, last: str, **more: Any) -> dict[str, Any]:
    address = f"{first}.{last}@example.com".lower()
    name = {"first": first, "last": last}
    return {"name": name, "emails": {"items": [{"email": address}]}, **more}


async def test_a_contact_is_changed_labelled_and_deleted(remote: RemoteCrm, embedded: Crm) -> None:
    phones = {"items": [{"phone": "6465676359", "countryCode": "US"}]}
    made = await remote.contacts.create_contact(person("Ada", "Byron", phones=phones))
    await remote.labels.find_or_create_label("Hot")
    changed = await remote.contacts.update_contact(made.id, {"name": {"last": "Lovelace"}}, 1)
    assert type(changed) is Contact
    assert changed == await embedded.contacts.get_contact(made.id)
    assert (changed.revision, changed.info.name.last) == (2, "Lovelace")

    # Of a struct, what stands at its default is not named: phones stay.
    changed = await remote.contacts.update_contact(made.id, ContactInfo(company="Engines"), 2)
    assert changed.info.phones.items == made.info.phones.items
    assert changed.info.company == "Engines"

    masked = UpdateContactOptions(field_mask=["company"])
    with pytest.warns(contactory.IgnoredValues, match=r"info\.jobTitle"):
        changed = await remote.contacts.update_contact(made.id, {"jobTitle": "X"}, 3, masked)
    assert (changed.info.company, changed.info.job_title) == (None, None)
    with pytest.raises(errors.ContactAlreadyChanged):
        await remote.contacts.update_contact(made.id, {"company": "X"}, 1)

    labelled = await remote.contacts.label_contact(made.id, ["custom.hot", "contacts.customers"])
    assert labelled.info.label_keys.items == ("custom.hot", "contacts.customers")
    keys = ["custom.hot", "contacts.customers"]
    assert (await remote.contacts.unlabel_contact(made.id, keys)).info.label_keys.items == ()
    with pytest.raises(errors.LabelNotFound):
        await remote.contacts.label_contact(made.id, ["custom.nothing"])

    assert await remote.contacts.delete_contact(made.id) is None
    with pytest.raises(errors.ContactNotFound):
        await remote.contacts.delete_contact(made.id)
    with pytest.raises(errors.ContactNotFound):
        await remote.contacts.update_contact(NOBODY, {"company": "X"}, 1)


async def test_lists_and_queries_are_those_of_the_store(remote: RemoteCrm, embedded: Crm) -> None:
    for first, last in (("Ada", "Byron"), ("Bob", "Doe"), ("Cy", "Doe")):
        await embedded.contacts.create_contact(person(first, last))

    options = ListContactsOptions(
        sort={"fieldName": "info.name.first", "order": "DESC"},
        paging={"limit": 2, "offset": 1},
        fieldsets=["BASIC"],
    )
    listed = await remote.contacts.list_contacts(options)
    assert type(listed) is ContactsPage
    assert listed == await embedded.contacts.list_contacts(options)
    assert [contact.info.name.first for contact in listed.contacts] == ["Bob", "Ada"]
    walked = await remote.contacts.list_contacts({"cursor_paging": {"limit": 2}})
    assert walked.paging_metadata.cursors is not None
    cursor = walked.paging_metadata.cursors.next
    rest = await remote.contacts.list_contacts({"cursorPaging": {"limit": 2, "cursor": cursor}})
    assert [contact.info.name.first for contact in rest.contacts] == ["Cy"]

    query = {"filter": {"info.name.last": {"$startsWith": "d"}}}
    found = await remote.contacts.find_contacts(query, FindContactsOptions(search="Cy Doe"))
    assert found == await embedded.contacts.find_contacts(query, {"search": "Cy Doe"})
    assert found.paging_metadata.total == 1
    uncounted = await remote.contacts.find_contacts(query, {"omit_total": True})
    assert uncounted.paging_metadata.total is None
    with pytest.raises(errors.UnknownFilterField):
        await remote.contacts.find_contacts({"filter": {"info.nothing": 1}})
    assert await remote.contacts.count_contacts() == await embedded.contacts.count_contacts()

    built = remote.contacts.query_contacts().eq("info.name.last", "Doe").limit(1)
    result = await built.descending("info.name.first").find()
    assert [contact.info.name.first for contact in result.items] == ["Cy"]
    assert (result.total_count, result.has_next()) == (2, True)
    assert [contact.info.name.first for contact in (await result.next()).items] == ["Bob"]
    everybody = [contact.info.name.first async for contact in remote.contacts.query_contacts()]
    assert everybody == ["Ada", "Bob", "Cy"]


async def test_searches_and_facets_are_those_of_the_store(remote: RemoteCrm, embedded: Crm) -> None:
    await embedded.contacts.create_contact(
        person("Zoë", "Smith", labelKeys={"items": ["custom.hot"]})
    )
    found = await remote.contacts.search_contacts("zoe smi")
    assert type(found) is SearchedContacts
    assert found == await embedded.contacts.search_contacts("zoe smi")
    assert len(found.contacts) == 1
    nothing = {"search": {"expression": "smtih"}, "paging": {"limit": 5}}
    assert await remote.contacts.search_contacts(nothing) == (
        await embedded.contacts.search_contacts(nothing)
    )
    fuzzy = {"search": {"expression": "smtih", "fuzzy": True}, "paging": {"limit": 5}}
    by_offset = await remote.contacts.search_contacts(fuzzy)
    assert by_offset == await embedded.contacts.search_contacts(fuzzy)
    assert by_offset.paging_metadata is not None
    assert by_offset.paging_metadata.total == 1

    listed = await remote.contacts.list_facets(ListFacetsOptions(paging={"limit": 3, "offset": 1}))
    assert type(listed) is FacetsPage
    assert listed == await embedded.contacts.list_facets({"paging": {"limit": 3, "offset": 1}})
    assert listed.facets[0].facet_key == "custom.hot"
    status = {"info.extendedFields.emailSubscriptions.subscriptionStatus": "SUBSCRIBED"}
    queried = await remote.contacts.query_facets(QueryFacetsOptions(filter=status, language="es"))
    assert queried == await embedded.contacts.query_facets({"filter": status, "language": "es"})
    assert queried.facets[0].count == 0
    with pytest.raises(errors.IllegalLimit):
        await remote.contacts.list_facets({"paging": {"limit": 1001}})


async def test_upserts_and_submits_answer_as_in_process(remote: RemoteCrm, embedded: Crm) -> None:
    made = await remote.contacts.upsert_contact(person("Ada", "Byron"))
    assert made.action is UpsertAction.CREATED
    assert made.contact == await embedded.contacts.get_contact(made.contact.id)
    again = await remote.contacts.upsert_contact(person("Ada", "Lovelace"))
    assert again.action is UpsertAction.CREATED
    many = await remote.contacts.bulk_upsert_contacts(
        [person("Ada", "Byron"), {}], BulkUpsertOptions(return_full_entity=True)
    )
    assert type(many) is BulkUpsertResults
    first, second = many.results
    assert first.contact == await embedded.contacts.get_contact(made.contact.id)
    assert second.metadata.error is not None
    assert second.metadata.error.code == "INSUFFICIENT_CONTACT_DATA"

    submitted = await remote.submitted_contact.append_or_create_contact(
        {"info": {"company": "Engines"}, "contact_id": made.contact.id}
    )
    assert type(submitted) is SubmitAnswer
    assert submitted.contact_id == made.contact.id
    assert submitted.identity_type is SubmittedAs.CONTACT
    assert submitted.new_contact is False
    shown = await embedded.contacts.get_contact(made.contact.id)
    assert shown.info.company == "Engines"
    with pytest.raises(errors.InsufficientContactData):
        await remote.submitted_contact.append_or_create_contact()


async def test_the_permission_that_is_missing_is_told(server: Server) -> None:
    key = new_key(server.store, "CONTACTS.SUBMIT")
    async with contactory.connect(server.url, key=key) as remote:
        with pytest.raises(errors.InsufficientPermission) as refused:
            await remote.submitted_contact.append_or_create_contact(
                {"info": person("Ada", "Byron"), "contactId": NOBODY}
            )
        assert refused.value.data == {"permission": "CONTACTS.SUBMIT_WITH_OVERRIDES"}
        with pytest.raises(errors.PermissionDenied):
            await remote.contacts.search_contacts("ada")
