"""Promises of the named SQL and of the schema (DESIGN 5)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import apsw
import pytest

import contactory
from contactory.ops.crm import Crm
from contactory.store.queries import Migration, fingerprint, load, load_fragments, migrations
from tests.servers import store_url

LOOKING_ACROSS_SITES = {"list_sites", "find_client_site", "sites_with_bulk_jobs"}
"""Statements without a site, which take no locks; whoever adds one says why beside it."""

FULL_TEXT = "contact_search"
"""The index of words: a row goes by its contact's number, and its words bear the site's tag."""

QUERIES = load("sqlite")
FRAGMENTS = load_fragments("sqlite")
ON_ONE_SITE = {
    name
    for name in QUERIES.keys() - LOOKING_ACROSS_SITES
    if not name.startswith("check_")  # Those read a whole file.
}
COMPLETED_BY = {
    "contacts": ("count_where",),
    "contacts_found": ("count_where",),
    "contacts_by_words": ("count_where",),
    "contacts_by_value": ("is_of_value", "count_where"),
}
"""A source of rows, and the pieces with conditions that always go with it."""

SOURCE = Path(contactory.__file__).parent
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)(?:\s+(?!ON\b|SET\b|WHERE\b)([a-z]+))?"
)
_FULL_TEXT = re.compile(rf"\b(?:FROM|INTO) {FULL_TEXT}(?:_vocabulary w)?\b")
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


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_named_query_prepares(name: str, migrated: apsw.Connection) -> None:
    query = QUERIES[name]
    # EXPLAIN prepares the statement, and runs nothing of it.
    migrated.execute(f"EXPLAIN {query.sql}", (None,) * len(query.names))


@pytest.mark.parametrize("name", sorted(ON_ONE_SITE))
def test_every_table_of_a_query_is_bound_to_the_site(name: str) -> None:
    query = QUERIES[name]
    assert "site_id" in query.names or _FULL_TEXT.search(query.sql)
    unbound = _FULL_TEXT.sub("", query.sql)
    number = [*query.names, "site_id"].index("site_id") + 1
    parameter = rf"\?{number}(?![0-9])"
    references = _TABLE.findall(unbound)
    assert references or _FULL_TEXT.search(query.sql)
    for table, alias in references:
        bound = (
            rf"\b{alias}\.site_id = {parameter}" if alias else rf"(?<!\.)\bsite_id = {parameter}"
        )
        if _INSERTED.search(unbound) and f"INTO {table}" in unbound:
            unbound = _INSERTED.sub("", unbound, count=1)
            continue
        assert re.search(bound, unbound), f"{table} {alias} without its site"
        unbound = re.sub(bound, "", unbound, count=1)


@pytest.mark.parametrize("name", sorted(FRAGMENTS))
def test_every_table_of_a_fragment_is_bound_to_the_site(name: str) -> None:
    pieces = [FRAGMENTS[piece] for piece in (name, *COMPLETED_BY.get(name, ()))]
    text = _FULL_TEXT.sub("", " ".join(pieces)).replace("{name}", "k")
    for table, alias in _TABLE.findall(text):
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
