"""Promises of the named SQL and of the schema (DESIGN 5)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import apsw
import asyncpg
import pytest

import contactory
from contactory.ops.crm import Crm
from contactory.store.queries import (
    Dialect,
    Migration,
    fingerprint,
    load,
    load_fragments,
    migrations,
)
from tests.servers import store_url
from tests.stores import new_store
from tests.waiting import wait_for

LOOKING_ACROSS_SITES = {
    "list_sites",
    "find_client_site",
    "sites_with_bulk_jobs",
    "sites_with_unplaced_events",
    "subscriptions_with_work",
    "handlers_known",
    "sites_without_handler",
    "handlers_of_other_types",
}
"""Statements without a site, which take no locks; whoever adds one says why beside it."""

FULL_TEXT = "contact_search"
"""The index of words: a row goes by its contact's number, and its words bear the site's tag."""

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")
QUERIES = {dialect: load(dialect) for dialect in DIALECTS}
FRAGMENTS = {dialect: load_fragments(dialect) for dialect in DIALECTS}
ON_ONE_SITE = [
    (dialect, name)
    for dialect, queries in QUERIES.items()
    for name in sorted(queries.keys() - LOOKING_ACROSS_SITES)
    if not name.startswith("check_")  # Those read a whole store.
]
COMPLETED_BY = {
    "contacts": ("count_where",),
    "contacts_found": ("count_where",),
    "contacts_by_words": ("count_where",),
    "contacts_by_value": ("is_of_value", "count_where"),
}
"""A source of rows, and the pieces with conditions that always go with it."""

SOURCE = Path(contactory.__file__).parent
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)\b(?!\()(?:\s+(?!ON\b|SET\b|WHERE\b)([a-z]+))?"
)
_FULL_TEXT = re.compile(rf"\b(?:FROM|INTO) {FULL_TEXT}(?:_vocabulary w)?\b")
_NAMED_HERE = re.compile(r"\bWITH (\w+) AS\b")
"""Rows of other tables, which are bound to the site themselves."""

_UNIQUE_INDEXES = """
    SELECT t.relname, i.indexrelid::regclass::text AS index, a.attname AS first
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace
    AND t.relname <> 'schema_migrations'
"""
_FOREIGN_KEYS = """
    SELECT c.conname, a.attname AS first FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
"""
_TABLES_WITHOUT_SITE = """
    SELECT t.relname FROM pg_class t
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'site_id'
        AND a.attnotnull
    )
"""
_NOTHING = re.compile("(?!)")
_OF_EVENTS = re.compile(r"^(?!SELECT '|DELETE FROM deliveries).*\b(?:outbox|deliveries)\b")
"""Not checks of a whole store, nor what deletes old deliveries, which come first."""

_READS_ALL = re.compile(
    r"SCAN (?:outbox|deliveries|[onldw])$"
    r"|SEARCH (?:outbox|deliveries|[onldw]) USING (?:COVERING )?(?:PRIMARY KEY|INDEX sqlite_\w+)"
    r" \(site_id=\?(?: AND subscription_id=\?)?\)"
)
_INSERTED = re.compile(r"INSERT INTO [a-z_]+\s*\(\s*site_id\b")
_STATEMENT = re.compile(
    r"\s*(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s|ALTER\s|DROP\s"
    r"|PRAGMA\s|BEGIN\b|COMMIT\b|ROLLBACK\b|SAVEPOINT\s|WITH\s+\w+\s+AS)",
    re.DOTALL,
)


@pytest.fixture
def migrated() -> Iterator[apsw.Connection]:
    """An empty database with the newest schema."""
    with apsw.Connection(":memory:") as connection:
        for migration in migrations("sqlite"):
            for statement in migration.statements:
                connection.execute(statement)
        yield connection


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[asyncpg.Connection]:
    """A connection to an empty database with the newest schema."""
    with new_store("postgres", tmp_path_factory.mktemp("queries")) as store:
        connection = wait_for(asyncpg.connect(store.url))
        yield connection
        wait_for(connection.close())


@pytest.mark.parametrize("name", sorted(QUERIES["sqlite"]))
def test_every_named_query_prepares(name: str, migrated: apsw.Connection) -> None:
    query = QUERIES["sqlite"][name]
    # EXPLAIN prepares the statement, and runs nothing of it.
    migrated.execute(f"EXPLAIN {query.sql}", (None,) * len(query.names))


@pytest.mark.parametrize(
    "name", [name for name, one in QUERIES["sqlite"].items() if _OF_EVENTS.search(one.sql)]
)
def test_no_query_reads_all_events_or_deliveries(name: str, migrated: apsw.Connection) -> None:
    """They are the longest tables, and are looked at with each write and each delivery."""
    query = QUERIES["sqlite"][name]
    plan = migrated.execute(f"EXPLAIN QUERY PLAN {query.sql}", (None,) * len(query.names))
    steps = [str(row[3]) for row in plan]
    assert [step for step in steps if _READS_ALL.search(step)] == []


@pytest.mark.parametrize("name", sorted(QUERIES["postgres"]))
def test_every_named_query_prepares_on_postgresql(name: str, database: asyncpg.Connection) -> None:
    query = QUERIES["postgres"][name]
    prepared = wait_for(database.prepare(query.sql))
    assert len(prepared.get_parameters()) == len(query.names)


def test_a_query_is_missing_only_where_it_would_have_nothing_to_ask() -> None:
    assert QUERIES["sqlite"].keys() - QUERIES["postgres"].keys() == {"find_search_word"}
    assert QUERIES["postgres"].keys() <= QUERIES["sqlite"].keys()


@pytest.mark.parametrize(("dialect", "name"), ON_ONE_SITE)
def test_every_table_of_a_query_is_bound_to_the_site(dialect: Dialect, name: str) -> None:
    query = QUERIES[dialect][name]
    # The index of words of PostgreSQL is a table like any other.
    full_text = _FULL_TEXT if dialect == "sqlite" else _NOTHING
    assert "site_id" in query.names or full_text.search(query.sql)
    unbound = full_text.sub("", query.sql)
    number = [*query.names, "site_id"].index("site_id") + 1
    parameter = rf"[?$]{number}(?![0-9])"
    references = _TABLE.findall(unbound)
    assert references or full_text.search(query.sql)
    for table, alias in references:
        bound = (
            rf"\b{alias}\.site_id = {parameter}" if alias else rf"(?<!\.)\bsite_id = {parameter}"
        )
        if _INSERTED.search(unbound) and f"INTO {table}" in unbound:
            unbound = _INSERTED.sub("", unbound, count=1)
            continue
        assert re.search(bound, unbound), f"{table} {alias} without its site"
        unbound = re.sub(bound, "", unbound, count=1)


@pytest.mark.parametrize(
    ("dialect", "name"), [(dialect, name) for dialect in DIALECTS for name in FRAGMENTS[dialect]]
)
def test_every_table_of_a_fragment_is_bound_to_the_site(dialect: Dialect, name: str) -> None:
    pieces = [FRAGMENTS[dialect][piece] for piece in (name, *COMPLETED_BY.get(name, ()))]
    is_own = name in ("contacts_by_words", "is_by_words")  # Of SQLite's index alone.
    full_text = _FULL_TEXT if dialect == "sqlite" or is_own else _NOTHING
    text = full_text.sub("", " ".join(pieces)).replace("{name}", "k")
    named_here = set(_NAMED_HERE.findall(text))
    for table, alias in _TABLE.findall(text):
        if table in named_here:
            continue
        assert alias, f"{table} without a name of its own"
        bound = f"{alias}.site_id = :site_id"
        assert bound in text, f"{table} {alias} without its site"
        text = text.replace(bound, "", 1)


def test_statements_that_look_across_sites_say_so_where_they_stand() -> None:
    folder = files("contactory.store") / "sql"
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")]
    blocks = [block for text in texts for block in text.split("-- name: ")[1:]]
    saying = {block.split("\n")[0] for block in blocks if "-- Looks across sites" in block}
    assert saying == LOOKING_ACROSS_SITES


def test_site_leads_every_primary_key_and_unique_index(migrated: apsw.Connection) -> None:
    tables = migrated.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert ("contacts",) in tables
    for (table,) in tables:
        if table.startswith(FULL_TEXT):
            continue
        columns = migrated.execute(f"PRAGMA table_info({table})").fetchall()
        # The number of a contact is what SQLite's index of words knows it by.
        first = "number" if table == "contacts" else "site_id"
        assert [name for _, name, *_, place in columns if place == 1] == [first], table
        for _, index, unique, *_ in migrated.execute(f"PRAGMA index_list({table})").fetchall():
            first = migrated.execute(f"PRAGMA index_info({index})").fetchall()[0]
            assert not unique or first[2] == "site_id", index


def test_site_leads_every_unique_index_and_foreign_key_on_postgresql(
    database: asyncpg.Connection,
) -> None:
    indexes = wait_for(database.fetch(_UNIQUE_INDEXES))
    assert {row["relname"] for row in indexes} > {"contacts", "contact_emails", "outbox"}
    assert [row["index"] for row in indexes if row["first"] != "site_id"] == []
    references = wait_for(database.fetch(_FOREIGN_KEYS))
    assert references
    assert [row["conname"] for row in references if row["first"] != "site_id"] == []
    tables = wait_for(database.fetch(_TABLES_WITHOUT_SITE))
    assert [row["relname"] for row in tables] == ["schema_migrations"]


@pytest.mark.anyio
async def test_a_fresh_store_has_the_number_of_the_last_migration(tmp_path: Path) -> None:
    store = tmp_path / "contacts.db"
    async with await Crm.open(store_url(store)):
        pass
    numbers = [migration.number for migration in migrations("sqlite")]
    assert numbers == list(range(1, len(numbers) + 1))
    connection = apsw.Connection(str(store))
    assert connection.pragma("user_version") == len(numbers)
    assert connection.pragma("application_id") == fingerprint(migrations("sqlite"))


def test_the_fingerprint_tells_other_tables_but_not_another_layout() -> None:
    step = Migration(1, "contacts", ("CREATE TABLE a (b text)",))
    laid_out = Migration(1, "contacts", ("CREATE TABLE a\n    (b text)",))
    other = Migration(1, "contacts", ("CREATE TABLE a (c text)",))
    assert fingerprint([step]) == fingerprint([laid_out])
    assert len({fingerprint([step]), fingerprint([other]), fingerprint([step, other])}) == 3
    assert 0 < fingerprint([step]) < 2**31


@pytest.mark.anyio
async def test_opening_a_store_again_changes_nothing_in_its_schema(tmp_path: Path) -> None:
    schemas = []
    for _ in range(2):
        async with await Crm.open(store_url(tmp_path / "contacts.db")):
            pass
        connection = apsw.Connection(str(tmp_path / "contacts.db"))
        schemas.append(connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall())
        connection.close()
    assert schemas[0] == schemas[1]


def test_no_file_outside_the_store_holds_sql() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {text[:60]!r}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] != "store"
        for text in _strings(path)
        if _STATEMENT.match(text)
    ]
    assert found == []


def test_the_files_of_the_stores_nouns_hold_no_sql() -> None:
    engines = ("sqlite", "postgres", "queries")
    files_of_nouns = [
        path for path in (SOURCE / "store").glob("*.py") if not path.name.startswith(engines)
    ]
    assert len(files_of_nouns) > 5
    found = [path.name for path in files_of_nouns if any(map(_STATEMENT.match, _strings(path)))]
    assert found == []


def _strings(path: Path) -> Iterator[str]:
    """All literal strings of the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
