"""Which parts of a contact an answer shows: `fields` and `fieldsets` (CONTRACT D.6)."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.contacts import Contact
from contactory.domain.problems import Problems
from contactory.domain.seed_names import rest_key

_BASIC: Final = ("primaryInfo", "info.name")
_FIELDSETS: Final[dict[str, tuple[str, ...] | None]] = {
    "BASIC": _BASIC,
    "COMMUNICATION_DETAILS": (*_BASIC, "info.emails", "info.phones", "info.addresses"),
    "EXTENDED": (*_BASIC, "info.extendedFields"),
    "FULL": None,
}
# Other parts are shown whole or not at all: a piece of them would say something else.
_DIVISIBLE: Final = frozenset({"info", "name", "primaryInfo", "extendedFields"})
_MOST_FIELDS: Final = 100
_MOST_FIELDSETS: Final = 10

Projection = frozenset[str] | None
"""Paths to show; None shows everything."""


def read_projection(fields: Any, fieldsets: Any) -> Projection:
    """The paths that `fields` and `fieldsets` name together.

    Both may be lists or comma-separated strings. Unknown fields are ignored. Raises InvalidArgument
    for an unknown fieldset, for values of a wrong kind and for too many.
    """
    problems = Problems()
    named = _words(fields, "fields", _MOST_FIELDS, problems)
    words = _words(fieldsets, "fieldsets", _MOST_FIELDSETS, problems)
    sets = [problems.word(word.upper(), path, tuple(_FIELDSETS)) for path, word in words]
    problems.check()
    if not (named or sets):
        return None
    paths: set[str] = {rest_key(word) for _, word in named}
    for word in sets:
        shown = _FIELDSETS[word]
        if shown is None:
            return None
        paths.update(shown)
    return frozenset(paths)


def projected(contact: Contact, projection: Projection) -> Contact:
    """The contact with the paths of the projection; `id` and `revision` always show."""
    if projection is None:
        return contact
    paths = [path.split(".") for path in projection | {"id", "revision"}]
    return Contact.from_rest(_picked(contact.to_rest(), paths))


def _picked(value: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, part in value.items():
        deeper = [path[1:] for path in paths if path[0] == name]
        if not deeper:
            continue
        if name not in _DIVISIBLE or [] in deeper:
            kept[name] = part
        elif below := (_picked_fields if name == "extendedFields" else _picked)(part, deeper):
            kept[name] = below
    return kept


def _picked_fields(fields: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    """Keys of extended fields hold dots, and `items` may be left out of the path."""
    wanted = {".".join(path[1:] if path[0] == "items" else path) for path in paths}
    items = fields.get("items", {})
    found = {key: item for key, item in items.items() if "" in wanted or key in wanted}
    return {"items": found} if found else {}


def _words(sent: Any, path: str, most: int, problems: Problems) -> list[tuple[str, str]]:
    """The words, each with the path of the string that it stood in."""
    if sent is None:
        return []
    if isinstance(sent, str):
        sent = [sent]
    if not isinstance(sent, list | tuple):
        problems.wrong_kind(path, "a list of strings")
        return []
    words: list[tuple[str, str]] = []
    for at, item in enumerate(sent[:most]):
        if not isinstance(item, str):
            problems.wrong_kind(f"{path}[{at}]", "a string")
            continue
        words += [(f"{path}[{at}]", word.strip()) for word in item.split(",") if word.strip()]
    size = max(len(sent), len(words))
    if size > most:
        problems.too_large(path, size, most, "MAX_SIZE")
        return []
    return words
