"""Reads the fenced blocks of the documents, and the notes in HTML comments before them.

`<!-- not run: reason -->` leaves a block out, `<!-- file: web/contacts.py -->` saves it for the
blocks that follow, `<!-- answer -->` says that it shows what the block before it printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^( *)```(\S*)$")
_NOTE = re.compile(r"^ *<!-- (not run|file|answer)(?:: (.+))? -->$")


class Block(NamedTuple):
    """One fenced block: where it stands, its language, its text, its notes by their word."""

    place: str
    language: str
    text: str
    notes: dict[str, str]


def blocks_of(document: Path) -> list[Block]:
    """The fenced blocks in their order."""
    found: list[Block] = []
    notes: dict[str, str] = {}
    lines = iter(enumerate(document.read_text().splitlines(), start=1))
    for number, line in lines:
        if note := _NOTE.match(line):
            notes[note[1]] = note[2] or ""
        elif fence := _FENCE.match(line):
            text = _until_closed(lines, fence[1])
            found.append(Block(f"{document.name}:{number}", fence[2], text, notes))
            notes = {}
        elif line.strip():
            assert not notes, f"{document.name}:{number}: a note stands before no block"
    return found


def _until_closed(lines: Iterator[tuple[int, str]], indent: str) -> str:
    taken: list[str] = []
    for _, line in lines:
        if line == f"{indent}```":
            break
        taken.append(line.removeprefix(indent))
    return "\n".join(taken) + "\n"
