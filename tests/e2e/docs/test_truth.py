"""Tables and names in the documents are those of the code; links lead somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import contactory
from contactory.cli.commands import COMMANDS, load
from contactory.cli.exit_codes import EXIT_CODES
from contactory.domain.bulk_jobs import BulkJobStatus
from contactory.domain.contact_options import MOST_LABEL_KEYS
from contactory.domain.contact_search import SearchedContacts
from contactory.domain.emails import LONGEST_EMAIL
from contactory.domain.errors import ERRORS, ContactoryError
from contactory.domain.event_types import EVENT_TYPES
from contactory.domain.extended_fields import FieldType
from contactory.domain.field_definitions import LONGEST_NAME as LONGEST_FIELD_NAME
from contactory.domain.filter_fields import (
    CONTACT_FIELDS,
    EXTENDED_FIELD_FIELDS,
    LABEL_FIELDS,
    contact_field,
)
from contactory.domain.filter_forms import LONGEST_COMPARED, MOST_COMPARED_BYTES
from contactory.domain.filter_reading import (
    DEEPEST,
    MOST_CONDITIONS,
    MOST_VALUES,
    MOST_VALUES_TOGETHER,
)
from contactory.domain.filters import Field
from contactory.domain.labels import LONGEST_NAME as LONGEST_LABEL_NAME
from contactory.domain.paging import MOST_ITEMS
from contactory.domain.permissions import GRANTABLE, NAMED_GRANTS, permission_ids
from contactory.domain.query_building import Query, QueryResult
from contactory.domain.search_reading import COLUMN_OF, LONGEST_EXPRESSION
from contactory.domain.sorting import MOST_ENTRIES
from contactory.http.api import NOUNS
from contactory.http.errors import STATUS
from contactory.ops.contact_upserting import MOST_UPSERTS
from contactory.ops.event_delivering import MOST_WAITING
from contactory.ops.operation import OPERATIONS
from contactory.ops.settings import HANDLER_DELAYS_S, RETRY_DELAYS_S
from contactory.wire.route import Route
from contactory.wire.routes import ROUTES
from contactory.wire.webhooks import SUBSCRIPTION_ROUTES, WEBHOOK_ROUTES
from tests.e2e.docs.markdown import DOCUMENTS, ROOT, blocks_of

EVENTS = (ROOT / "docs/events.md").read_text()
OPERATING = (ROOT / "docs/operations.md").read_text()
HTTP = (ROOT / "docs/http.md").read_text()
CALLS = blocks_of(ROOT / "docs/calls.md")
LIBRARY = (ROOT / "docs/library.md").read_text()
QUERIES = (ROOT / "docs/query-language.md").read_text()
FAILURES = (ROOT / "docs/errors.md").read_text()
ALL_DOCUMENTS = [
    *DOCUMENTS,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs/adr").glob("*.md")),
]
SOURCES = ("src", "tests", "docs", "examples", "benchmarks", ".ci")

NEVER_OVER_HTTP = {"STORE_DAMAGED", "NO_CONTEXT", "REMOTE_ERROR"}
BEYOND_THE_SDK = {
    "searchContacts",
    "countContacts",
    "upsertContact",
    "bulkUpsertContacts",
    "unmergeContacts",
    "previewUnmergeContacts",
    "listMerges",
    "getBulkJob",
    "listBulkJobs",
    "listLabelNamespaces",
    "listEvents",
    *(route.function for route in (*WEBHOOK_ROUTES, *SUBSCRIPTION_ROUTES)),
}
"""Calls that the vendor's packages have no function for."""

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def table_below(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table whose head has this cell, code marks left out."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("|") and heading in _cells(line):
            next(lines)
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    break
                rows.append(_cells(row))
            return rows
    raise AssertionError(f"no table has a column {heading}")


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def serve_options() -> Iterator[Any]:
    for parameter in load(COMMANDS["serve"]).params:
        if parameter.envvar:
            yield parameter


def test_settings_table_has_every_option_of_serve_with_variable_and_key() -> None:
    shown = set()
    for options, variables, keys, *_ in table_below(OPERATING, "option"):
        names = options.split(", ")
        shown |= set(zip(names, variables.split(", "), _padded(keys, len(names)), strict=True))
    real = set()
    for parameter in serve_options():
        name = parameter.opts[0]
        key = "" if name == "--config" else name.removeprefix("--").replace("-", "_")
        real.add((name, parameter.envvar, key))
    assert shown == real


def _padded(keys: str, length: int) -> list[str]:
    return keys.split(", ") if keys else [""] * length


def test_settings_table_has_the_defaults_of_serve() -> None:
    shown = {row[0]: row[3] for row in table_below(OPERATING, "option")}
    for parameter in serve_options():
        default = parameter.default
        if isinstance(default, str | int) and not isinstance(default, bool):
            told = shown[parameter.opts[0]]
            assert told.partition(", no limit")[0] == str(default), parameter.opts[0]


def test_every_command_is_named_in_operations() -> None:
    rows = " ".join(row[0] for row in table_below(OPERATING, "command"))
    for name, entry in COMMANDS.items():
        below = getattr(load(entry), "commands", None)
        for command in [f"{name} {sub}" for sub in below] if below else [name]:
            assert re.search(rf"\b{command}\b", rows), f"{command} is not in the table"


def test_exit_codes_are_all_told() -> None:
    (told,) = re.findall(r"^Exit codes: (.+)$", OPERATING, re.MULTILINE)
    listed = {int(number) for number in re.findall(r"(?:^|; )(\d+) ", told)}
    assert listed >= set(EXIT_CODES.values())


def test_error_table_has_every_code_with_status_exit_code_and_class() -> None:
    shown = {row[0]: tuple(row[1:4]) for row in table_below(FAILURES, "class in Python")}
    assert shown == {code: _told(kind) for code, kind in ERRORS.items()}
    assert set(STATUS) == set(EXIT_CODES) == set(ERRORS.values())


def _told(kind: type[ContactoryError]) -> tuple[str, str, str]:
    status = "" if kind.code in NEVER_OVER_HTTP else str(STATUS[kind])
    return status, str(EXIT_CODES[kind]), kind.__name__


def test_table_of_calls_has_every_route_with_its_permission() -> None:
    shown = [(row[0], row[1], row[4]) for row in table_below(HTTP, "call")]
    assert shown == [
        (
            route.function,
            f"{route.verb} {route.path}",
            str(OPERATIONS[route.operation].permission),
        )
        for route in ROUTES
    ]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.function)
def test_table_of_calls_names_what_a_call_takes(route: Route) -> None:
    (told,) = (row[2] for row in table_below(HTTP, "call") if row[0] == route.function)
    accepted = {"passThroughData"}  # Taken and dropped: nothing to offer.
    for name in {*route.arguments, *route.options} - set(route.in_path) - accepted:
        assert re.search(rf"\b{name}\b", told), name


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.function)
def test_every_call_has_an_example_of_each_kind(route: Route) -> None:
    texts = {
        kind: "\n".join(block.text for block in CALLS if block.language == kind)
        for kind in ("python", "sh", "js")
    }
    noun = rf"(crm\.)?{route.noun}\."
    assert re.search(rf"{noun}{route.method}\(", texts["python"])
    path = route.path.removeprefix("/contacts/v4/")
    shape = re.sub(r"\{\w+\}", r"[^/\\s\"`]+", path)
    assert re.search(rf"api {route.verb} \"?{shape}[\s\"?)]", texts["sh"])
    if route.function in BEYOND_THE_SDK:
        assert re.search(rf"call\(\"{route.verb}\", [\"`]{shape}[\"`]", texts["js"])
    else:
        assert re.search(rf"\bclient\s*\.{route.module}\s*\.{route.function}\(", texts["js"])


@pytest.mark.skipif(shutil.which("node") is None, reason="NOT TESTED: Node is missing")
def test_examples_of_the_calls_are_one_program(tmp_path: Path) -> None:
    program = tmp_path / "calls.mjs"
    program.write_text("".join(block.text for block in CALLS if block.language == "js"))
    done = subprocess.run(
        ["node", "--check", str(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def fields_below(heading: str) -> dict[str, tuple[str, set[str], bool]]:
    """What a table of fields says: by path the kind, the operators, and whether it sorts."""
    return {
        path: (kind, set(operators.split()), sorts == "yes")
        for path, kind, operators, sorts in table_below(QUERIES, heading)
    }


def told_of(field: Field) -> tuple[str, set[str], bool]:
    return field.kind.lower(), set(field.operators), field.is_sortable


def test_tables_of_fields_have_every_field_with_kind_operators_and_sort() -> None:
    contacts = {path: told_of(field) for path, field in CONTACT_FIELDS.items()}
    path = "info.extendedFields.custom.KEY"
    for kind in FieldType:
        field = contact_field(path, {"custom.KEY": kind})
        assert field
        name = "a TEXT or URL" if kind in (FieldType.TEXT, FieldType.URL) else f"a {kind}"
        contacts[f"{path}, {name}"] = told_of(field)
    assert fields_below("field") == contacts
    labels = {path: told_of(field) for path, field in LABEL_FIELDS.items()}
    assert fields_below("field of a label") == labels
    fields = {path: told_of(field) for path, field in EXTENDED_FIELD_FIELDS.items()}
    assert fields_below("field of an extended field") == fields


def test_every_operator_step_and_searched_field_is_told() -> None:
    operators = " ".join(row[0] for row in table_below(QUERIES, "operator"))
    for field in (*CONTACT_FIELDS.values(), *LABEL_FIELDS.values()):
        assert not [name for name in field.operators if name not in operators]
    for kind in (Query, QueryResult):
        for name, part in vars(kind).items():
            if not name.startswith("_") and (callable(part) or isinstance(part, property)):
                assert re.search(rf"\b{name}\b", QUERIES), name
    for name in COLUMN_OF:
        assert f"`{name}`" in QUERIES


def test_limits_are_those_of_the_code() -> None:
    assert {row[0]: row[1] for row in table_below(QUERIES, "what")} == {
        "conditions in a filter": f"{MOST_CONDITIONS}",
        "levels of a filter": f"{DEEPEST}",
        "values in a list": f"{MOST_VALUES}, all lists of a filter together {MOST_VALUES_TOGETHER}",
        "a text to compare with": (
            f"{LONGEST_COMPARED} characters and {MOST_COMPARED_BYTES} bytes; "
            f"an e-mail {LONGEST_EMAIL} characters"
        ),
        "entries of a sort": f"{MOST_ENTRIES}",
        "items on a page": f"{MOST_ITEMS}; 2000 in lists of labels",
        "search, an expression": f"{LONGEST_EXPRESSION} characters",
        "fields, fieldsets": "100, 10",
    }
    limits = {row[0]: row[1] for row in table_below(HTTP, "what")}
    names = f"{LONGEST_LABEL_NAME}, {LONGEST_FIELD_NAME} characters"
    assert limits["names of labels, of extended fields"] == names
    assert limits["labels in one call"] == str(MOST_LABEL_KEYS)
    assert limits["contacts in a bulk upsert"] == str(MOST_UPSERTS)


def test_types_of_events_are_told() -> None:
    told = " ".join(row[0] for row in table_below(EVENTS, "type"))
    assert set(told.replace(",", "").split()) == set(EVENT_TYPES)


def test_delays_after_failures_are_told() -> None:
    seconds = {"min": 60, "h": 3600}
    told = [row[1].split() for row in table_below(EVENTS, "after failure")]
    assert tuple(int(number) * seconds[unit] for number, unit in told) == RETRY_DELAYS_S
    (handlers,) = [
        row[3] for row in table_below(OPERATING, "option") if row[0] == "--handler-retry"
    ]
    assert tuple(map(int, handlers.split(", "))) == HANDLER_DELAYS_S
    assert f"While {MOST_WAITING} events or more wait" in EVENTS


def test_groups_of_permissions_and_single_ones_are_told() -> None:
    shown = {row[0]: sorted(row[1].split(", ")) for row in table_below(HTTP, "group")}
    assert shown == {name: permission_ids(granted) for name, granted in NAMED_GRANTS.items()}
    for permission in GRANTABLE:
        assert f"`{permission}`" in HTTP, permission


def test_every_method_of_the_library_is_told() -> None:
    shown = {row[0].removeprefix("crm."): row[1] for row in table_below(LIBRARY, "noun")}
    for noun, kind in NOUNS.items():
        methods = {name for name in vars(kind) if not name.startswith("_")}
        assert set(re.findall(r"\w+", shown[noun])) == methods


def test_states_of_jobs_and_shapes_of_searches_are_told() -> None:
    text = (ROOT / "docs/calls.md").read_text()
    assert not [state for state in BulkJobStatus if f"`{state}`" not in text]
    assert not [name for name in SearchedContacts.__struct_encode_fields__ if name not in HTTP]


@pytest.mark.parametrize("name", sorted(set(contactory.__all__) - {"__version__"}))
def test_every_public_name_is_told(name: str) -> None:
    others = ("docs/web-methods.md", "docs/events.md")
    told = LIBRARY + "".join((ROOT / name).read_text() for name in others)
    assert re.search(rf"\b{name}\b", told)


@pytest.mark.parametrize("document", ALL_DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_to_files_and_headings(document: Path) -> None:
    for link in _LINK.findall(document.read_text()):
        if ":" in link:
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_nothing_names_a_developers_machine_or_a_package_host() -> None:
    words = ("/work" + "/", "/root" + "/", "registry." + "npmjs", "python" + "hosted.org")
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    assert len(files) > 100
    skipped = {"node_modules", "__pycache__"}
    for file in files:
        if skipped.isdisjoint(file.parts) and ".db" not in file.name:
            text = file.read_text("utf-8", "replace")
            assert not [word for word in words if word in text], file
