"""Labels and extended fields through a server: the same results and errors as in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

import contactory
from contactory import errors
from contactory.domain.definition_reading import DefinitionOptions, ListLabelsOptions
from contactory.domain.field_definitions import ExtendedField, FoundField
from contactory.domain.labels import FoundLabel, Label, LabelNamespace, LabelsList, LabelsPage
from contactory.ops.crm import Crm
from contactory.remote.crm import RemoteCrm
from tests.servers import Server, new_key, store_url

pytestmark = pytest.mark.anyio


@pytest.fixture
async def remote(server: Server) -> AsyncIterator[RemoteCrm]:
    async with contactory.connect(server.url, key=server.key) as crm:
        yield crm


@pytest.fixture
async def embedded(server: Server) -> AsyncIterator[Crm]:
    """The server's own store, opened beside it."""
    async with contactory.connect(store_url(server.store)) as crm:
        yield crm


async def test_labels_through_a_server_are_those_of_its_store(
    remote: RemoteCrm, embedded: Crm
) -> None:
    found = await remote.labels.find_or_create_label("At Risk")
    assert type(found) is FoundLabel
    assert type(found.label) is Label
    assert found.new_label
    assert found.label == await embedded.labels.get_label("custom.at-risk")
    again = await remote.labels.find_or_create_label(" At Risk ", {"language": "es"})
    assert again == await embedded.labels.find_or_create_label("At Risk", {"language": "es"})

    renamed = await remote.labels.rename_label("custom.at-risk", "Needs care")
    assert renamed == await embedded.labels.get_label("custom.at-risk")
    assert renamed == await remote.labels.get_label("custom.at-risk", DefinitionOptions())

    spanish = await remote.labels.get_label("contacts.customers", {"language": "es"})
    assert spanish.display_name == "Clientes"
    renamed = await remote.labels.rename_label("custom.at-risk", "X", {"language": "es"})
    assert renamed.namespace_display_name == "Etiquetas"

    assert await remote.labels.delete_label("custom.at-risk") is None
    with pytest.raises(errors.NotFound, match="no such label"):
        await remote.labels.get_label("custom.at-risk")


@pytest.mark.parametrize(
    "options",
    [
        None,
        {"labelType": "SYSTEM", "language": "es"},
        {"starts_with": "B", "namespace": "custom"},
        {"sort": {"fieldName": "displayName", "order": "DESC"}, "paging": {"limit": 2}},
        ListLabelsOptions(label_type="USER_DEFINED", paging={"offset": 1}),
    ],
)
async def test_lists_are_the_same(remote: RemoteCrm, embedded: Crm, options: Any) -> None:
    for name in ("Alpha", "Beta", "Ça va & more"):
        await embedded.labels.find_or_create_label(name)
    found = await remote.labels.list_labels(options)
    assert type(found) is LabelsList
    assert found == await embedded.labels.list_labels(options)
    assert found.labels


async def test_queries_are_the_same(remote: RemoteCrm, embedded: Crm) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        await embedded.labels.find_or_create_label(name)
    query = {"filter": {"labelType": "USER_DEFINED"}, "sort": {"fieldName": "displayName"}}
    found = await remote.labels.find_labels(query)
    assert type(found) is LabelsPage
    assert found == await embedded.labels.find_labels(query)

    since = datetime(2020, 1, 1, tzinfo=UTC)
    for crm in (remote, embedded):
        built = crm.labels.query_labels().gt("_createdDate", since).descending("displayName")
        result = await built.limit(2).find()
        assert [label.display_name for label in result.items] == ["Gamma", "Beta"]
        assert [label.display_name for label in (await result.next()).items] == ["Alpha"]
        assert [label.display_name async for label in built.limit(1)] == ["Gamma", "Beta", "Alpha"]


async def test_keys_of_all_scripts_can_be_asked_for(remote: RemoteCrm) -> None:
    for name in ("Größe", "お客様"):
        made = (await remote.labels.find_or_create_label(name)).label
        assert await remote.labels.get_label(made.key) == made
        await remote.labels.delete_label(made.key)


async def test_namespaces_are_the_same(remote: RemoteCrm, embedded: Crm) -> None:
    found = await remote.labels.list_label_namespaces({"language": "es"})
    assert found == await embedded.labels.list_label_namespaces({"language": "es"})
    assert all(type(one) is LabelNamespace for one in found)


async def test_fields_through_a_server_are_those_of_its_store(
    remote: RemoteCrm, embedded: Crm
) -> None:
    found = await remote.extended_fields.find_or_create_extended_field("Age", "NUMBER")
    assert type(found) is FoundField
    assert found.new_field
    assert found.field == await embedded.extended_fields.get_extended_field("custom.age")
    renamed = await remote.extended_fields.rename_extended_field("custom.age", "Years")
    assert type(renamed) is ExtendedField
    assert renamed == await remote.extended_fields.get_extended_field("custom.age")
    spanish = await remote.extended_fields.get_extended_field("invoices.vatId", {"language": "es"})
    assert spanish.display_name == "NIF/IVA"
    options = {"paging": {"limit": 3}, "language": "es"}
    listed = await remote.extended_fields.list_extended_fields(options)
    assert listed == await embedded.extended_fields.list_extended_fields(options)
    query = {"filter": {"dataType": "NUMBER"}}
    page = await remote.extended_fields.find_extended_fields(query)
    assert page == await embedded.extended_fields.find_extended_fields(query)
    built = await remote.extended_fields.query_extended_fields().eq("fieldType", "USER_DEFINED")
    assert built.items == [renamed]
    assert await remote.extended_fields.delete_extended_field("custom.age") is None
    assert not (await remote.extended_fields.query_extended_fields().eq("key", "custom.age")).items


CALLS: list[Any] = [
    lambda crm: crm.labels.find_or_create_label("", {"language": "?"}),
    lambda crm: crm.labels.find_or_create_label("x" * 181),
    lambda crm: crm.labels.rename_label("contacts.customers", "X"),
    lambda crm: crm.labels.rename_label("custom.one", "Two"),
    lambda crm: crm.labels.rename_label("custom.none", "X"),
    lambda crm: crm.labels.delete_label("contacts.customers"),
    lambda crm: crm.labels.get_label(""),
    lambda crm: crm.labels.get_label("../contacts"),
    lambda crm: crm.labels.list_labels({"paging": {"limit": 2001}, "labelType": "MINE"}),
    lambda crm: crm.labels.list_labels({"nonsense": 1}),
    lambda crm: crm.labels.list_labels({"sort": {"fieldName": "key"}}),
    lambda crm: crm.labels.find_labels({"filter": {"key": {"$contains": "x"}}}),
    lambda crm: crm.labels.find_labels({"paging": {"limit": -1}, "cursorPaging": {"limit": 1}}),
    lambda crm: crm.labels.query_labels().contains("displayName", "x").find(),
    lambda crm: crm.extended_fields.find_or_create_extended_field("New"),
    lambda crm: crm.extended_fields.find_or_create_extended_field("New", "WORD"),
    lambda crm: crm.extended_fields.delete_extended_field("invoices.vatId"),
    lambda crm: crm.extended_fields.get_extended_field("custom.none"),
    lambda crm: crm.extended_fields.find_extended_fields({"sort": "displayName"}),
]


@pytest.mark.parametrize("call", CALLS)
async def test_refusals_are_the_same(remote: RemoteCrm, embedded: Crm, call: Any) -> None:
    for name in ("One", "Two"):
        await embedded.labels.find_or_create_label(name)
    told: list[Any] = []
    for crm in (remote, embedded):
        with pytest.raises(errors.ContactoryError) as refused:
            await call(crm)
        error = refused.value
        found = getattr(error, "violations", None)
        told.append((type(error), str(error), error.data, found))
    assert told[0] == told[1]


async def test_a_key_without_the_permission_is_denied(server: Server) -> None:
    key = new_key(server.store, "CONTACTS_LABELS.VIEW")
    async with contactory.connect(server.url, key=key) as crm:
        assert (await crm.labels.query_labels().find()).total_count == 2
        with pytest.raises(errors.PermissionDenied):
            await crm.labels.find_or_create_label("VIP")
        with pytest.raises(errors.PermissionDenied):
            await crm.extended_fields.query_extended_fields()
