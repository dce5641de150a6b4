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
_MOST_FIELDS: Final = 100
_MOST_FIELDSETS: Final = 10

Projection = frozenset[str] | None
"""Paths to show; None shows everything."""


def read_projection(fields: Any, fieldsets: Any) -> Projection:
    """The paths that `fields` and `fieldsets` name together.

    Both may be lists or comma-separated strings. Unknown fields are ignored; an unknown fieldset
    raises InvalidArgument.
    """
    problems = Problems()
    named = _words(fields, "fields", _MOST_FIELDS, problems)
    sets = [word.upper() for word in _words(fieldsets, "fieldsets", _MOST_FIELDSETS, problems)]
    for at, word in enumerate(sets):
        if word not in _FIELDSETS:
            listed = ", ".join(f"{name}({code})" for code, name in enumerate(_FIELDSETS))
            problems.add(
                f"fieldsets[{at}]",
                "INVALID_ENUM_VALUE",
                f"enum must be in [{listed}]",
                supported=list(_FIELDSETS),
            )
    problems.check()
    if not (named or sets):
        return None
    paths: set[str] = set(map(rest_key, named))
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
        if any(not path for path in deeper) or (deeper and not isinstance(part, dict)):
            kept[name] = part
        elif deeper:
            below = (
                _picked_fields(part, deeper) if name == "extendedFields" else _picked(part, deeper)
            )
            if below:
                kept[name] = below
    return kept


def _picked_fields(fields: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    """Keys of extended fields hold dots, and `items` may be left out of the path."""
    wanted = {".".join(path[1:] if path[0] == "items" else path) for path in paths}
    items = fields.get("items", {})
    found = {key: item for key, item in items.items() if "" in wanted or key in wanted}
    return {"items": found} if found else {}


def _words(sent: Any, path: str, most: int, problems: Problems) -> list[str]:
    if sent is None:
        return []
    if isinstance(sent, str):
        sent = [sent]
    if not isinstance(sent, list | tuple):
        problems.wrong_kind(path, "a list of strings")
        return []
    if len(sent) > most:
        problems.too_large(path, len(sent), most, "MAX_SIZE")
        return []
    words: list[str] = []
    for at, item in enumerate(sent):
        if not isinstance(item, str):
            problems.wrong_kind(f"{path}[{at}]", "a string")
            continue
        words += [word.strip() for word in item.split(",") if word.strip()]
    return words
