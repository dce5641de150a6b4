"""Copies of stores, backups of databases, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from contactory.domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    NotFound,
    StoreDamaged,
    Unavailable,
)
from contactory.ops.crm import Crm
from contactory.ops.event_delivering import DeliveryQueue
from contactory.ops.maintenance import copy, restore
from contactory.store.copying import Progress
from contactory.store.queries import Migration, fingerprint, migrations
from contactory.store.shown_urls import shown_url
from contactory.store.sqlite_tables import copied_tables
from tests.ops.merges_made import attach, merged, three
from tests.ops.surroundings import call, mail
from tests.stores import KINDS, SqliteFile, StoreUnderTest, new_store, sqlite_only

pytestmark = pytest.mark.anyio

TABLES = {table.name: table for table in copied_tables()}
MADE_ANEW = {"contacts": {"number"}}
"""Columns that each store makes for itself."""

OTHER_TABLES = {"schema_migrations", "contact_search", "contact_search_vocabulary"}
REST = {
    "email_statuses": "SELECT site_id, 'x@example.com', 'SUBSCRIBED', 'VALID', 5 FROM sites",
    "sign_in_failures": "SELECT site_id, digest, 2, 1000, 5 FROM api_keys",
    "used_vouchers": "SELECT site_id, site_id, 'once', 5 FROM sites",
    "web_cache_versions": "SELECT site_id, 'prices', 5 FROM sites",
    "forgotten_events": "SELECT site_id, 1, 5 FROM sites",
    "subscriptions": (
        "SELECT site_id, id, 'webhook', 'https://example.com/', id, '', 1, 5, 6, 7, 'slow', id, 8 "
        "FROM apps"
    ),
    "deliveries": (
        "SELECT site_id, id, 1, id, 'a/b', 'a_created', 'WAITING', 2, 6, 5, 500, 'answered 500', 9 "
        "FROM apps"
    ),
    "signing_keys": "SELECT site_id, id, 'k', 'private', 'public', 5, 6 FROM apps",
}
"""Rows for tables that nothing else here fills."""

KEYS = (
    "INSERT INTO idempotency_keys "
    "SELECT site_id, 'caller', CASE WHEN i % 2 = 0 THEN 'k' ELSE 'K' END || ((i * 7919) % 12007), "
    "digest, '{}', i FROM api_keys, (SELECT column1 AS i FROM (VALUES "
    + ", ".join(f"({number})" for number in range(1, 12_001))
    + ") v) n"
)
"""More rows than are copied at one go, neither in the order of their keys nor all in capitals."""

QUERIES: list[dict[str, Any]] = [
    {},
    {"sort": [{"fieldName": "info.name.last", "order": "DESC"}]},
    {"sort": [{"fieldName": "info.extendedFields.custom.food"}]},
    {"filter": {"info.labelKeys": {"$hasSome": ["custom.vip"]}}},
    {"filter": {"info.extendedFields.custom.food": {"$startsWith": "c"}}},
    {"filter": {"primaryInfo.email": {"$eq": "ZOË@exämple.com"}}},
    {"filter": {"info.addresses.city": {"$eq": "London"}}},
]
WORDS = ("ada", "zoe", "omega", "你", "engin", "2025550111", "example.com", "nobody")


class Interrupted(Exception):
    """Somebody ended the copy."""


@pytest.fixture(params=[(one, other) for one in KINDS for other in KINDS], ids=" to ".join)
def pair(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[StoreUnderTest, StoreUnderTest]]:
    """A source, and a target where nothing is yet."""
    with ExitStack() as stack:
        folders = [tmp_path / "source", tmp_path / "target"]
        made = []
        for folder, kind in zip(folders, request.param, strict=True):
            folder.mkdir()
            made.append(stack.enter_context(new_store(kind, folder, is_bare=folder is folders[1])))
        yield made[0], made[1]


@pytest.fixture
def target(store: StoreUnderTest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """A store of the kind that the store is not."""
    folder = tmp_path / "target"
    folder.mkdir()
    (kind,) = {*KINDS} - {store.kind}
    with new_store(kind, folder) as made:
        yield made


async def fill(store: StoreUnderTest) -> None:
    """Put something into every table."""
    async with await Crm.open(store.url) as crm:
        target, first, second = await three(crm)
        await attach(crm, "visitor-1", first)
        await merged(crm, target, first, second)
        food = {"extendedFields": {"items": {"custom.food": "Crêpe", "custom.score": -0.5}}}
        await crm.extended_fields.find_or_create_extended_field("Score", "NUMBER")
        zoe = mail("zoë@exämple.com", name={"first": "Zoë", "last": "Ωmega 你好"})
        await crm.contacts.create_contact(zoe | food, idempotency_key="once")
        site = await crm.sites.create_site("elsewhere")
        elsewhere = await crm.at_site(site.site_id)
        await elsewhere.contacts.create_contact(call("2025550111", name={"first": "Ada"}))
        await crm.contacts.bulk_delete_contacts({"filter": {"info.company": {"$eq": "None"}}})
        await crm.keys.create_key()
        await crm.apps.create_app("app")
        await crm.clients.create_client("client")
        user = await crm.users.create_user("ada")
        await crm.users.create_sign_in_link(user.user_id)
        await crm.members.create_member_key()
        await DeliveryQueue(crm.store, crm.settings).place_all()
    for table, rows in REST.items():
        store.change(f"INSERT INTO {table} {rows}")
    assert [name for name, rows in content(store).items() if not rows] == []


def content(store: StoreUnderTest) -> dict[str, list[Any]]:
    """All rows of all tables, and what the index of words has."""
    found = {
        name: sorted(store.rows(f"SELECT {', '.join(table.columns)} FROM {name}"), key=repr)
        for name, table in TABLES.items()
    }
    return found | {"words": store.words()}


async def answers(url: str) -> list[Any]:
    """What the store answers to queries and searches, and what is wrong with it."""
    async with await Crm.open(url) as crm:
        found: list[Any] = [await crm.maintenance.check()]
        for query in QUERIES:
            page = await crm.contacts.find_contacts(query)
            assert page.contacts
            found += [page.paging_metadata, list(page.contacts)]
        for words in WORDS:
            page = await crm.contacts.search_contacts(words)
            found.append([words, [contact.id for contact in page.contacts]])
        return found


async def interrupted(source: StoreUnderTest, target: StoreUnderTest, table: str) -> None:
    """Begin a copy that ends in the middle of a table."""

    def end(progress: Progress) -> None:
        if progress.table == table:
            raise Interrupted

    with pytest.raises(Interrupted):
        await copy(source.url, target.url, end)


async def test_a_copy_has_all_that_its_source_has_and_answers_alike(
    pair: tuple[StoreUnderTest, StoreUnderTest],
) -> None:
    source, target = pair
    await fill(source)
    before = content(source)

    copied = await copy(source.url, target.url)

    assert copied == {name: len(rows) for name, rows in before.items() if name in TABLES}
    assert content(target) == content(source) == before
    asked = await answers(source.url)
    assert asked[0] == []
    assert await answers(target.url) == asked


async def test_a_copy_back_is_the_first_store_again(
    store: StoreUnderTest, target: StoreUnderTest, tmp_path: Path
) -> None:
    await fill(store)
    await copy(store.url, target.url)
    (tmp_path / "back").mkdir()
    with new_store(store.kind, tmp_path / "back") as back:
        await copy(target.url, back.url)
        assert content(back) == content(store)
        numbers = "SELECT number, id FROM contacts ORDER BY 1"
        assert back.rows(numbers) == target.rows(numbers) == store.rows(numbers)


async def test_a_copy_is_a_store_like_any_other(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    await copy(store.url, target.url)
    async with await Crm.open(target.url) as crm:
        contact = (await crm.contacts.search_contacts("zoe")).contacts[0]
        renamed = {"name": {"first": "Renamed"}}
        await crm.contacts.update_contact(contact.id, renamed, contact.revision)
        created = await crm.contacts.create_contact({"name": {"first": "New"}})
        await crm.contacts.delete_contact(created.id)
        assert (await crm.contacts.search_contacts("renamed")).contacts
        assert not (await crm.contacts.search_contacts("new")).contacts
        assert await crm.maintenance.check() == []


@pytest.fixture
async def opened(store: StoreUnderTest) -> StoreUnderTest:
    """A store with the newest tables."""
    async with await Crm.open(store.url):
        return store


async def test_no_table_or_column_is_left_out(opened: StoreUnderTest) -> None:
    there = columns(opened)
    for name in [name for name in there if name in OTHER_TABLES or "contact_search_" in name]:
        del there[name]
    copied = {name: {*table.columns, *MADE_ANEW.get(name, ())} for name, table in TABLES.items()}
    assert there == copied


def columns(store: StoreUnderTest) -> dict[str, set[str]]:
    """The columns of each table, as the database itself lists them."""
    if store.kind == "postgres":
        listed = store.rows(
            "SELECT table_name::text, column_name::text FROM information_schema.columns "
            "JOIN pg_tables ON schemaname = table_schema AND tablename = table_name "
            "WHERE table_schema = 'public'"
        )
    else:
        listed = store.rows(
            "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c "
            "WHERE s.type = 'table'"
        )
    return {table: {name for of, name in listed if of == table} for table, _ in listed}


async def test_rows_come_from_a_file_in_order_without_sorting(tmp_path: Path) -> None:
    with new_store("sqlite", tmp_path) as file:
        await fill(file)
        for name, table in TABLES.items():
            sql = f"SELECT {', '.join(table.columns)} FROM {name} ORDER BY {', '.join(table.key)}"
            steps = [step[3] for step in file.rows(f"EXPLAIN QUERY PLAN {sql}")]
            assert not [step for step in steps if "TEMP B-TREE" in step], name


@pytest.mark.parametrize("table", ["contact_documents", "idempotency_keys"])
async def test_an_interrupted_copy_goes_on_and_is_no_store_until_it_is_done(
    pair: tuple[StoreUnderTest, StoreUnderTest], table: str
) -> None:
    source, target = pair
    await fill(source)
    source.change(KEYS)
    await interrupted(source, target, table)
    there = target.value(f"SELECT count(*) FROM {table}")
    assert 0 < there <= source.value(f"SELECT count(*) FROM {table}")
    with pytest.raises(StoreDamaged, match="not finished: run `contactory copy` again"):
        await Crm.open(target.url)

    await copy(source.url, target.url)

    assert content(target) == content(source)
    assert (await answers(target.url))[0] == []


async def test_what_was_copied_before_an_interruption_is_not_written_again(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    await interrupted(store, target, "contact_documents")
    target.change("UPDATE contacts SET company_text = 'Tampered with'")

    with pytest.raises(FailedPrecondition, match="other rows in contacts than") as refused:
        await copy(store.url, target.url)

    assert "copy again while nobody writes" in refused.value.message
    with pytest.raises(StoreDamaged):
        await Crm.open(target.url)


async def test_a_source_that_changed_since_an_interruption_is_told_of(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    await interrupted(store, target, "outbox")
    async with await Crm.open(store.url) as crm:
        contact = (await crm.contacts.search_contacts("zoe")).contacts[0]
        await crm.contacts.update_contact(contact.id, {"company": "Looms"}, contact.revision)
        await crm.contacts.create_contact(mail("later@example.com"))

    with pytest.raises(FailedPrecondition, match="written to since the copy began"):
        await copy(store.url, target.url)


async def test_a_copy_of_another_store_does_not_go_on_with_what_was_begun(
    store: StoreUnderTest, another_store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    await fill(another_store)
    await interrupted(store, target, "outbox")
    before = content(target)

    with pytest.raises(AlreadyExists, match="unfinished copy") as refused:
        await copy(another_store.url, target.url)

    assert store.url.rpartition("/")[2] in refused.value.message
    assert content(target) == before


async def test_a_target_with_contacts_is_refused_and_left_as_it_is(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    async with await Crm.open(target.url) as crm:
        await crm.contacts.create_contact(mail("here@example.com"))
    before = content(target)

    with pytest.raises(AlreadyExists, match="not empty, it holds 1 sites, 1 contacts"):
        await copy(store.url, target.url)

    assert content(target) == before
    async with await Crm.open(target.url) as crm:
        assert await crm.maintenance.check() == []


async def test_a_target_with_nothing_but_a_site_becomes_the_copy(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    async with await Crm.open(target.url):
        pass
    await copy(store.url, target.url)
    assert content(target) == content(store)


async def test_a_target_with_a_key_is_refused(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    async with await Crm.open(store.url), await Crm.open(target.url) as crm:
        await crm.keys.create_key()
    with pytest.raises(AlreadyExists, match="1 api_keys"):
        await copy(store.url, target.url)


@sqlite_only
async def test_of_two_copies_at_once_one_is_refused(
    store: StoreUnderTest, target: StoreUnderTest
) -> None:
    await fill(store)
    copies = [copy(store.url, target.url) for _ in range(2)]
    outcomes = await asyncio.gather(*copies, return_exceptions=True)
    (refused,) = [outcome for outcome in outcomes if not isinstance(outcome, dict)]
    assert isinstance(refused, AlreadyExists | Unavailable)
    assert content(target) == content(store)


async def test_what_postgresql_takes_in_no_text_is_copied_as_calls_would_send_it(
    pair: tuple[StoreUnderTest, StoreUnderTest],
) -> None:
    source, target = pair
    await fill(source)
    if source.kind == "sqlite":
        source.change("UPDATE web_cache_versions SET tag = ?", "a\0b")
    await copy(source.url, target.url)
    copied = {tag for (tag,) in target.rows("SELECT tag FROM web_cache_versions")}
    stored = {tag for (tag,) in source.rows("SELECT tag FROM web_cache_versions")}
    if target.kind == "postgres":
        stored = {tag.replace("\0", "\ufdd0") for tag in stored}
    assert copied == stored


async def test_a_source_must_be_a_finished_store_of_this_version(
    store: StoreUnderTest, target: StoreUnderTest, tmp_path: Path
) -> None:
    (tmp_path / "third").mkdir()
    with new_store(store.kind, tmp_path / "third") as third:
        await fill(store)
        await interrupted(store, target, "outbox")
        with pytest.raises(StoreDamaged, match="not finished"):
            await copy(target.url, third.url)
        steps = migrations("sqlite")
        let_say(store, steps[:-1])
        with pytest.raises(FailedPrecondition, match="from an older version"):
            await copy(store.url, third.url)
        let_say(store, [*steps, Migration(steps[-1].number + 1, "later", ())])
        with pytest.raises(StoreDamaged, match="from a newer version"):
            await copy(store.url, third.url)


def let_say(store: StoreUnderTest, steps: list[Migration]) -> None:
    """Let the store say that its tables were made by these steps."""
    if store.kind == "postgres":
        store.change("DELETE FROM schema_migrations")
        for step in steps:
            store.change(
                f"INSERT INTO schema_migrations (number, name) VALUES ({step.number}, 'step')"
            )
        return
    store.change(f"PRAGMA user_version = {len(steps)}")
    store.change(f"PRAGMA application_id = {fingerprint(steps)}")


async def test_nothing_comes_of_a_source_that_is_not_there(
    bare_store: StoreUnderTest, tmp_path: Path
) -> None:
    made = tmp_path / "made.db"
    for source in (bare_store.url, "http://127.0.0.1/"):
        with pytest.raises(NotFound):
            await copy(source, f"sqlite:///{made}")
    assert not made.exists()


async def test_a_store_is_not_copied_into_itself(opened: StoreUnderTest) -> None:
    before = content(opened)
    with pytest.raises(FailedPrecondition, match="into itself"):
        await copy(opened.url, opened.url)
    assert content(opened) == before


@sqlite_only
async def test_a_file_of_another_program_is_neither_source_nor_target(
    opened: StoreUnderTest, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"anything but a database" * 100)
    for source, target in ((f"sqlite:///{other}", tmp_path / "new.db"), (opened.url, other)):
        with pytest.raises(StoreDamaged):
            await copy(source, f"sqlite:///{target}")
    assert other.read_bytes().startswith(b"anything but a database")


async def test_a_database_is_backed_up_into_a_store_and_restored(
    store: StoreUnderTest, tmp_path: Path
) -> None:
    await fill(store)
    folder = tmp_path / "backup"
    backup = SqliteFile(folder / "backup.db")
    async with await Crm.open(store.url) as crm:
        size = await crm.maintenance.backup(backup.path)
    assert sizes(folder) == {"backup.db": size}
    assert backup.value("PRAGMA journal_mode") == "delete"
    assert content(backup) == content(store)

    (tmp_path / "again").mkdir()
    with new_store(store.kind, tmp_path / "again") as again:
        assert await restore(again.url, backup.path) == size
        assert content(again) == content(store)
        assert (await answers(again.url))[0] == []
        with pytest.raises(AlreadyExists):
            await restore(again.url, backup.path)


def sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.iterdir()}


async def test_a_backup_that_is_no_store_makes_none(
    bare_store: StoreUnderTest, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    with pytest.raises(NotFound, match="no backup"):
        await restore(bare_store.url, other)
    other.write_bytes(b"anything but a database" * 300)
    with pytest.raises(StoreDamaged):
        await restore(bare_store.url, other)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:secret@db:5432/crm", "postgresql://ada@db:5432/crm"),
        ("postgresql://db/crm?password=secret", "postgresql://db/crm?"),
        ("postgresql://db/crm?password=secret&user=ada", "postgresql://db/crm?user=ada"),
        ("postgresql://db/crm?user=ada&sslpassword=secret", "postgresql://db/crm?user=ada&"),
        ("sqlite:////srv/contacts.db", "sqlite:////srv/contacts.db"),
    ],
)
def test_urls_are_shown_without_passwords(url: str, shown: str) -> None:
    assert shown_url(url) == shown


async def test_events_without_a_place_get_one_in_a_file(tmp_path: Path) -> None:
    with new_store("postgres", tmp_path) as store:
        async with await Crm.open(store.url) as crm:
            await three(crm)
        placed = store.value("SELECT count(position) FROM outbox")
        copied = SqliteFile(tmp_path / "copied.db")
        await copy(store.url, copied.url)
        rows = copied.rows("SELECT position FROM outbox ORDER BY id")
    assert placed == 0
    assert rows == [(at,) for at in range(1, len(rows) + 1)]
    assert rows
