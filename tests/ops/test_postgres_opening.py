"""How a store on PostgreSQL is opened: once made, never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contactory.domain.errors import NotFound, StoreDamaged, Unavailable
from contactory.ops.crm import Crm
from contactory.store.opening import open_store, store_exists
from contactory.store.postgres import PostgresStore
from contactory.store.queries import migrations
from tests.stores import StoreUnderTest, new_store

pytestmark = pytest.mark.anyio


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[StoreUnderTest]:
    """A database without any tables."""
    with new_store("postgres", tmp_path, is_bare=True) as made:
        yield made


async def test_many_that_start_at_once_make_one_schema(bare: StoreUnderTest) -> None:
    assert not await store_exists(bare.url)
    opened = await asyncio.gather(*(PostgresStore.open(bare.url) for _ in range(8)))
    for store in opened:
        await store.close()
    assert await store_exists(bare.url)
    applied = bare.rows("SELECT number, name FROM schema_migrations ORDER BY number")
    assert applied == [(one.number, one.name) for one in migrations("postgres")]


async def test_the_tables_of_another_program_are_left_alone(bare: StoreUnderTest) -> None:
    bare.change("CREATE TABLE contacts (id integer)")
    with pytest.raises(StoreDamaged, match="another program"):
        await PostgresStore.open(bare.url)
    assert bare.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [
        ("contacts",)
    ]


async def test_a_store_of_a_newer_version_is_refused(bare: StoreUnderTest) -> None:
    await (await PostgresStore.open(bare.url)).close()
    bare.change("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')")
    with pytest.raises(StoreDamaged, match="upgrade contactory"):
        await PostgresStore.open(bare.url)


async def test_a_role_without_rights_of_an_administrator_is_enough(bare: StoreUnderTest) -> None:
    parts = urlsplit(bare.url)
    name = parts.path.removeprefix("/")
    role = f"plain_{name}"
    bare.change(f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    bare.change(f"ALTER DATABASE {name} OWNER TO {role}")
    url = parts._replace(netloc=f"{role}:secret@{parts.hostname}:{parts.port}").geturl()
    async with await Crm.open(url) as crm:
        contact = await crm.contacts.create_contact({"name": {"first": "Ada"}})
        assert await crm.contacts.get_contact(contact.id) == contact
        assert await crm.maintenance.check() == []
    bare.change(f"REASSIGN OWNED BY {role} TO {parts.username}")
    bare.change(f"DROP ROLE {role}")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
async def test_what_cannot_be_reached_is_named_without_its_password(scheme: str) -> None:
    url = f"{scheme}://ada:secret@127.0.0.1:1/contacts"
    with pytest.raises(Unavailable) as refused:
        await open_store(url)
    assert f"{scheme}://ada@127.0.0.1:1/contacts" in refused.value.message
    assert "secret" not in str(refused.value)
    with pytest.raises(Unavailable):
        await store_exists(url)


async def test_a_url_of_another_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="use sqlite:///FILE or postgresql://"):
        await open_store("mysql://localhost/contacts")
