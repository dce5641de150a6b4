"""The overview and the help of each command."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from contactory.cli.commands import COMMANDS, load
from contactory.cli.main import run


def all_commands() -> list[tuple[str, ...]]:
    """The words of every command: `serve`, `keys create`, …"""
    found: list[tuple[str, ...]] = []
    for name, entry in COMMANDS.items():
        command: Any = load(entry)
        found += [(name, below) for below in getattr(command, "commands", {})] or [(name,)]
    return found


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(list(words)) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_overview_groups_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--help")

    for name, entry in COMMANDS.items():
        assert name in text
        assert entry.about in text
        assert entry.panel in text


def test_all_commands_of_the_design_are_there() -> None:
    assert set(all_commands()) == {
        tuple(words.split())
        for words in (
            "contacts list, contacts query, contacts search, contacts count, contacts facets, "
            "contacts update, contacts delete, contacts label, contacts unlabel, contacts upsert, "
            "contacts submit, contacts merge, contacts unmerge, contacts merges, labels create, "
            "labels list, labels get, labels rename, "
            "labels delete, fields create, fields list, fields get, fields rename, fields delete, "
            "serve, contacts create, contacts get, sites create, sites list, keys create, "
            "keys list, keys revoke, apps create, apps list, apps code, apps delete, "
            "clients create, clients list, clients delete, users create, users list, "
            "users password, users link, users delete, members trust, members create-key, "
            "members list, members revoke, backup, restore, copy, check, db distribute, "
            "worker, jobs list, jobs get, jobs watch, contacts bulk-delete, contacts bulk-update, "
            "contacts bulk-label, events list, events tail, webhooks create, webhooks list, "
            "webhooks update, webhooks delete, webhooks public-keys, webhooks rotate-key, "
            "handlers list, handlers delete, deliveries list, deliveries retry, deliveries drop, "
            "deliveries pause, deliveries resume"
        ).split(", ")
    }


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_a_command_says_what_it_does_with_an_example(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, *words, "--help")

    assert f"Usage: contactory {' '.join(words)}" in text
    assert f"Example: contactory {' '.join(words)}" in text
    # What is copied, and where to, is no setting.
    store = ("FROM", "TO") if words == ("copy",) else ("--store",)
    for option in (*store, "--config", "--json"):
        assert option in text


def test_nothing_is_loaded_for_the_overview_that_only_serving_needs() -> None:
    code = (
        "import sys; from contactory.cli.main import run; run(['--help']);"
        "sys.exit('uvicorn' in sys.modules or 'starlette' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--version").startswith("contactory 0.")


@pytest.mark.parametrize("words", [[], ["keys"]], ids=["contactory", "contactory keys"])
def test_without_a_command_help_is_shown(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert "Usage: contactory" in capsys.readouterr().out
