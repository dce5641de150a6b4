"""Field masks: exactly which parts of an `info` an update writes (CONTRACT B.10, E.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.contact_reading import INFO_NAMES, NAME_NAMES
from contactory.domain.extended_fields import READ_ONLY, VAT_ID
from contactory.domain.problems import Problems
from contactory.domain.seed_names import rest_key

_PATHS_NAMES: Final = frozenset({"paths"})
_WRAPPERS: Final = frozenset(
    f"{name}.items"
    for name in (
        "emails",
        "phones",
        "addresses",
        "labelKeys",
        "locations",
        "assignedUserIds",
        "extendedFields",
    )
)
_FIELD: Final = re.compile(r"extendedFields\.(?:items\.)?(.+)")
_MOST_PATHS: Final = 1000
_LONGEST_PATH: Final = 200
_PATH: Final = "fieldMask"


class FieldMask(msgspec.Struct, frozen=True):
    """The names of an `info` that are written whole, and which pieces of its two maps.

    `halves` are names such as `last`; `field_keys` are keys of extended fields in REST spelling.
    """

    whole: frozenset[str] = frozenset()
    halves: frozenset[str] = frozenset()
    field_keys: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """The names of an `info` of which anything is written."""
        found = set(self.whole)
        if self.halves:
            found.add("name")
        if self.field_keys:
            found.add("extendedFields")
        return frozenset(found)


def read_field_mask(sent: Any, problems: Problems) -> FieldMask | None:
    """The mask in `"a,b"`, `["a", "b"]` or `{"paths": ["a", "b"]}`; None where it names nothing.

    Paths are `info.company`, `info.name.last`, `info.extendedFields.items.custom.x` and the like;
    `info.` and `items.` may be left out. Lists are masked whole. A path that is none of these is
    noted as a problem of `fieldMask`.
    """
    if isinstance(sent, Mapping):
        if sent and sent.keys() != _PATHS_NAMES:
            # A mask that is overlooked would let everything be written.
            problems.wrong_kind(_PATH, 'a list of paths, or {"paths": [...]} and nothing else')
            return None
        sent = sent.get("paths")
    if sent is None:
        return None
    if isinstance(sent, str):
        sent = [sent]
    if not isinstance(sent, list | tuple) or not all(isinstance(item, str) for item in sent):
        problems.wrong_kind(_PATH, "a list of paths such as info.name.last")
        return None
    paths = dict.fromkeys(
        path for item in sent for text in item.split(",") if (path := text.strip())
    )
    if len(paths) > _MOST_PATHS:
        problems.too_large(_PATH, len(paths), _MOST_PATHS, "MAX_SIZE")
        return None
    return _mask_of(paths, problems) if paths else None


def _mask_of(paths: Mapping[str, None], problems: Problems) -> FieldMask:
    whole, halves, field_keys = set[str](), set[str](), set[str]()
    for path in paths:
        name = path.removeprefix("info.")
        if name in _WRAPPERS:
            name = name.removesuffix(".items")
        if name in INFO_NAMES:
            whole.add(name)
        elif (half := name.removeprefix("name.")) != name and half in NAME_NAMES:
            halves.add(half)
        elif (key := _field_key(name)) is not None:
            field_keys.add(key)
        else:
            shown = ascii(path[:_LONGEST_PATH])[1:-1]
            problems.add_other(_PATH, "UNKNOWN_PATH", f"has no field that can be written: {shown}")
    if "extendedFields" in whole:
        field_keys.clear()
    return FieldMask(frozenset(whole), frozenset(halves), frozenset(field_keys))


def _field_key(name: str) -> str | None:
    found = _FIELD.fullmatch(name)
    if found is None:
        return None
    key = rest_key(found[1])
    return key if key == VAT_ID or key in READ_ONLY or key.startswith("custom.") else None
