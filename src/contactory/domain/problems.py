"""Reads plain values and collects every problem of an input, each with its path.

Paths are rooted in the request body, with the names that were sent (CONTRACT C.2).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.errors import InvalidArgument, Violation
from contactory.kit.ids import as_guid, new_id

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_WRAPPER: Final = frozenset({"items"})
_MOST_DROPPED: Final = 1000
_LONGEST_NAME: Final = 100


class Problems:
    """A list of violations that grows while an input is read, then raised together.

    `dropped` names what was sent and means nothing here, at most 1000 of them.
    """

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.dropped: list[str] = []

    def add(self, path: str, rule: str, description: str, **data: Any) -> None:
        """Note one violation; `rule` is a word of CONTRACT C.4."""
        self.violations.append(Violation(path, description, rule, data or None))

    def add_other(self, path: str, rule_name: str, description: str) -> None:
        """Note a violation of a rule that CONTRACT C.4 has no word for."""
        self.violations.append(Violation(path, description, "OTHER", None, rule_name))

    def add_format(self, path: str, kind: str, description: str) -> None:
        """Note that a text is not of the kind it must be, such as EMAIL or GUID."""
        self.add(path, "FORMAT", description, type=kind)

    def wrong_kind(self, path: str, expected: str) -> None:
        """Note that a value has the wrong JSON kind."""
        self.add_other(path, "TYPE", f"has the wrong type: Expected {expected}")

    def too_large(self, path: str, size: int, most: int, rule: str) -> None:
        """Note that a length or count is over its limit."""
        self.add(path, rule, f"has size {size}, expected {most} or less", threshold=most)

    def check(self) -> None:
        """Raise InvalidArgument if anything was noted."""
        if self.violations:
            raise InvalidArgument(self.violations)

    def part(self, value: Any, path: str, known: frozenset[str]) -> Mapping[str, Any] | None:
        """The value as an object, also from a struct; None when it is null or no object.

        Names outside `known` are noted as dropped.
        """
        if value is None:
            return None
        item = _as_mapping(value)
        if item is None:
            self.wrong_kind(path, "an object")
        elif not known.issuperset(item):
            self._drop(path, [name for name in item if name not in known])
        return item

    def mapping(self, value: Any, path: str, known: frozenset[str]) -> Mapping[str, Any]:
        """The value as an object, which is empty when there is none."""
        found = self.part(value, path, known)
        return {} if found is None else found

    def items(self, value: Any, path: str, most: int) -> Sequence[Any]:
        """The list inside an `{"items": […]}` wrapper."""
        if isinstance(value, list | tuple):
            self.wrong_kind(path, 'an object {"items": [...]} around the list')
            return ()
        wrapper = self.mapping(value, path, _WRAPPER)
        items = wrapper.get("items")
        if items is None:
            if wrapper.keys() - _WRAPPER:
                # Taken for an empty list, it would clear what is there.
                self.wrong_kind(path, 'an object {"items": [...]} around the list')
            return ()
        if not isinstance(items, list | tuple):
            self.wrong_kind(f"{path}.items", "a list")
            return ()
        if len(items) > most:
            self.too_large(f"{path}.items", len(items), most, "MAX_SIZE")
            return ()
        return items

    def names(self, names: Iterable[Any], path: str) -> bool:
        """Whether all names of an object can be kept; notes at most one problem."""
        for name in names:
            if not isinstance(name, str):
                self.wrong_kind(path, "an object whose names are strings")
                return False
            if _UNSTORABLE.search(name):
                self.add_format(path, "TEXT", "has a name with NUL or unpaired surrogates in it")
                return False
        return True

    def text(self, value: Any, path: str, most: int) -> str | None:
        """A string of at most `most` characters; null, "" and blanks alone are None."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.wrong_kind(path, "a string")
            return None
        text = str.__str__(value)  # Encoders know no subclass of it.
        if len(text) > most:
            self.too_large(path, len(text), most, "MAX_LENGTH")
            return None
        return text if self.storable(text, path) and not text.isspace() else None

    def required(self, value: Any, path: str, most: int) -> str | None:
        """A trimmed string of 1 to `most` characters."""
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            self.add(path, "REQUIRED_FIELD", "must not be empty")
            return None
        return self.text(value, path, most)

    def storable(self, value: str, path: str) -> bool:
        """Whether every store and encoding can keep the text."""
        # The cheaper question comes first: neither character is printable.
        if value.isprintable() or not _UNSTORABLE.search(value):
            return True
        self.add_format(path, "TEXT", "must not hold NUL or unpaired surrogates")
        return False

    def guid(self, value: Any, path: str) -> str | None:
        """A GUID in lower case (CONTRACT 1.5)."""
        text = self.text(value, path, _LONGEST_NAME)
        guid = None if text is None else as_guid(text)
        if guid is None and text is not None:
            self.add_format(path, "GUID", "is not a valid GUID")
        return guid

    def item_id(self, item: Mapping[str, Any], path: str, taken: set[str]) -> str:
        """The id of an entry of a list, a new one where none was sent; joins those `taken`."""
        if "id" not in item and "_id" not in item:
            return new_id()
        name = sent_name(item, "id", "_id")
        guid = self.guid(item.get(name), f"{path}.{name}") or new_id()
        if guid in taken:
            self.add_other(f"{path}.{name}", "UNIQUE", "is the id of another item too")
        taken.add(guid)
        return guid

    def word(self, value: Any, path: str, words: tuple[str, ...]) -> str:
        """One of the words of an enumeration, the first where none was sent."""
        if value is None or value == "":
            return words[0]
        if value not in words:
            listed = ", ".join(f"{word}({at})" for at, word in enumerate(words))
            self.add(
                path, "INVALID_ENUM_VALUE", f"enum must be in [{listed}]", supported=list(words)
            )
            return words[0]
        return str.__str__(value)

    def flag(self, value: Any, path: str) -> bool | None:
        """A boolean; the strings "true" and "false" count (the seed sends them)."""
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        self.wrong_kind(path, "a boolean")
        return None

    def number(self, value: Any, path: str, low: int, high: int) -> float | None:
        """A finite number between `low` and `high`."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong_kind(path, "a number")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.wrong_kind(path, "a finite number")
            return None
        return float(value) if self._within(value, path, low, high) else None

    def whole(self, value: Any, path: str, low: int, high: int) -> int | None:
        """A whole number between `low` and `high`; its decimal digits count (CONTRACT 1.5)."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong_kind(path, "a whole number")
            return None
        return int(value) if self._within(value, path, low, high) else None

    def _within(self, value: float, path: str, low: int, high: int) -> bool:
        if value < low:
            self.add(path, "MIN", f"must be greater than or equal to {low}", threshold=low)
        elif value > high:
            self.add(path, "MAX", f"must be less than or equal to {high}", threshold=high)
        return low <= value <= high

    def _drop(self, path: str, names: list[Any]) -> None:
        if self.names(names, path):
            room = _MOST_DROPPED - len(self.dropped)
            self.dropped += [f"{path}.{name[:_LONGEST_NAME]}" for name in names[:room]]


def sent_name(item: Mapping[str, Any], rest_name: str, seed_name: str) -> str:
    """Which of two names of one member was used; the REST name where neither or both were."""
    empty = item.get(rest_name) is None or item[rest_name] == ""
    return seed_name if empty and item.get(seed_name) is not None else rest_name


def _as_mapping(value: Any) -> Mapping[str, Any] | None:
    if type(value) is dict:  # What JSON gives; the other questions cost more.
        return value
    if isinstance(value, msgspec.Struct):  # Under the names that its members have in JSON.
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        return {name: getattr(value, field) for name, field in names}
    return value if isinstance(value, Mapping) else None
