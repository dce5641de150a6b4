"""Tables and names in the documents are those of the code; links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import contactory
from contactory.cli.commands import COMMANDS, load
from contactory.cli.exit_codes import EXIT_CODES
from contactory.domain.errors import ERRORS, InvalidArgument
from contactory.http.errors import STATUS
from contactory.wire.routes import ROUTES
from tests.e2e.docs.markdown import DOCUMENTS, ROOT

OPERATIONS = (ROOT / "docs/operations.md").read_text()
HTTP = (ROOT / "docs/http.md").read_text()
ALL_DOCUMENTS = [
    *DOCUMENTS,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs/adr").glob("*.md")),
]
SOURCES = ("src", "tests", "docs", "examples", "benchmarks", ".ci")

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
    for options, variables, keys, *_ in table_below(OPERATIONS, "option"):
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
    shown = {row[0]: row[3] for row in table_below(OPERATIONS, "option")}
    for parameter in serve_options():
        default = parameter.default
        if isinstance(default, str | int) and not isinstance(default, bool):
            told = shown[parameter.opts[0]]
            assert told.partition(", no limit")[0] == str(default), parameter.opts[0]


def test_every_command_is_named_in_operations() -> None:
    rows = " ".join(row[0] for row in table_below(OPERATIONS, "command"))
    for name, entry in COMMANDS.items():
        below = getattr(load(entry), "commands", None)
        for command in [f"{name} {sub}" for sub in below] if below else [name]:
            assert re.search(rf"\b{command}\b", rows), f"{command} is not in the table"


def test_exit_codes_are_all_told() -> None:
    (told,) = re.findall(r"^Exit codes: (.+)$", OPERATIONS, re.MULTILINE)
    listed = {int(number) for number in re.findall(r"(?:^|; )(\d+) ", told)}
    assert listed >= set(EXIT_CODES.values())


def test_error_table_has_every_code_with_its_status() -> None:
    shown = {row[0]: int(row[1]) for row in table_below(HTTP, "code")}
    outside = {"STORE_DAMAGED", "NO_CONTEXT", "REMOTE_ERROR"}
    real = {code: STATUS[kind] for code, kind in ERRORS.items() if code not in outside}
    assert shown == real
    assert STATUS[InvalidArgument] == 400


def test_every_route_is_told() -> None:
    rows = table_below(HTTP, "call")
    for route in ROUTES:
        assert [row for row in rows if row[0] == route.function and route.path in row[1]]


@pytest.mark.parametrize("name", sorted(set(contactory.__all__) - {"__version__"}))
def test_every_public_name_is_told(name: str) -> None:
    told = (ROOT / "docs/library.md").read_text() + (ROOT / "docs/web-methods.md").read_text()
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
