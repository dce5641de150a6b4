"""The keys of labels and custom fields, made from their names (CONTRACT E.3, E.4)."""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Final

NAMESPACE: Final = "custom"
"""The namespace of what a site defines itself."""

LONGEST_KEY: Final = 80
_PREFIX: Final = f"{NAMESPACE}."
_KEY: Final = re.compile(r"custom\.[\w-]+(?:\.[\w-]+)*")
_BLANKS: Final = re.compile(r"\s+")
_DROPPED: Final = re.compile(r"[^\w-]")
_DASHES: Final = re.compile(r"-{2,}")
_RANDOM_LETTERS: Final = 19


def is_custom_key(key: str) -> bool:
    """Whether the key is one that a site's own label or field can have."""
    return len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def slug(display_name: str) -> str:
    """The name in lower case, with `-` for blanks, of letters, digits, `-` and `_` only.

    It may be empty: some names have no such character.
    """
    text = unicodedata.normalize("NFC", display_name.strip().lower())
    return _DASHES.sub("-", _DROPPED.sub("", _BLANKS.sub("-", text)))


def keys_for_label(display_name: str) -> Iterator[str]:
    """The keys that a new label may have, the best first: `custom.at-risk`, `custom.at-risk-1`."""
    base = slug(display_name) or _random_letters()
    yield _key(base)
    for number in count(1):
        yield _key(base, f"-{number}")


def keys_for_field(display_name: str) -> Iterator[str]:
    """The keys that a new field may have, the best first; the others end in random letters."""
    base = slug(display_name)
    # The SDK takes _id for a name of its own and sends id instead (CONTRACT 1.6).
    base = "id" if base == "_id" else base
    if base:
        yield _key(base)
    while True:
        yield _key(base, f"-{_random_letters()}" if base else _random_letters())


def slug_as_words(key: str) -> str:
    """`custom.at-risk` as "At Risk"."""
    words = key.split(".", 1)[1].replace("-", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words) or key


def names_for_key(key: str) -> Iterator[str]:
    """The names that something made on the fly may have: its slug as words, its key, numbered."""
    words = slug_as_words(key)
    yield words
    yield key
    for number in count(2):
        yield f"{words} {number}"


def _key(base: str, end: str = "") -> str:
    return f"{_PREFIX}{base[: LONGEST_KEY - len(_PREFIX) - len(end)]}{end}"


def _random_letters() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_RANDOM_LETTERS))
