"""Programs of users are checked as strictly as ours."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PROGRAM = """
import contactory

with contactory.connect_blocking("https://crm.example.com", key="key") as connection:
    crm = connection.crm
    {call}
"""


def checked(program: Path) -> str:
    """What the type checker says of a program of a user."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        check=False,
    )
    return done.stdout


def test_calls_are_typed_for_users() -> None:
    assert "Success" in checked(HERE / "typed_calls.py")


@pytest.mark.parametrize(
    ("call", "mistake"),
    [
        ("connection.call(crm.contacts.create_contact, 5)", "arg-type"),
        ("connection.call(crm.contacts.create_contact)", "call-arg"),
        ("connection.call(crm.contacts.delete)", "attr-defined"),
        ("connection.call(crm.keys.create_key)", "attr-defined"),
    ],
)
def test_mistakes_are_found_before_the_program_runs(
    tmp_path: Path, call: str, mistake: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(call=call))

    assert re.findall(r"\[([\w-]+)\]$", checked(program), re.MULTILINE) == [mistake]


def test_handlers_of_what_an_event_does_not_have_are_mistakes(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""
from contactory import Contact, HandledEvent, MergedEvent, on_contact_created, on_contact_deleted

@on_contact_deleted
def gone(event: HandledEvent[Contact]) -> None: ...

@on_contact_created
def merged(event: MergedEvent) -> None: ...
""")

    assert re.findall(r"\[([\w-]+)\]$", checked(program), re.MULTILINE) == ["type-var"] * 2
