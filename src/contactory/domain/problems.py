"""Collects every problem of an input, and every value that had to be dropped, with its path."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from contactory.domain.errors import InvalidArgument, Violation

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MOST_REPORTED: Final = 200


class Problems:
    """A list of violations that grows while an input is read, then raised together."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.dropped: list[str] = []

    def add(self, path: str, rule: str, description: str, **data: Any) -> None:
        """Note one violation; `rule` is a word of CONTRACT C.4."""
        if len(self.violations) < _MOST_REPORTED:
            self.violations.append(Violation(path, description, rule, data or None))

    def wrong_kind(self, path: str, expected: str) -> None:
        """Note that a value has the wrong JSON kind."""
        if len(self.violations) < _MOST_REPORTED:
            self.violations.append(
                Violation(path, f"has the wrong type: Expected {expected}", "OTHER", None, "TYPE")
            )

    def check(self) -> None:
        """Raise InvalidArgument if anything was noted."""
        if self.violations:
            raise InvalidArgument(self.violations)

    def mapping(self, value: Any, path: str, known: frozenset[str]) -> Mapping[str, Any]:
        """The value as an object; names outside `known` are noted as dropped."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong_kind(path, "an object")
            return {}
        if not known.issuperset(value):
            self.dropped += [f"{path}.{name}" for name in value if name not in known]
        return value

    def items(self, value: Any, path: str, most: int) -> Sequence[Any]:
        """The list inside an `{"items": […]}` wrapper."""
        wrapper = self.mapping(value, path, _WRAPPER)
        items = wrapper.get("items")
        if items is None:
            return ()
        if not isinstance(items, list | tuple):
            self.wrong_kind(f"{path}.items", "a list")
            return ()
        if len(items) > most:
            self.too_large(f"{path}.items", len(items), most, "MAX_SIZE")
            return ()
        return items

    def text(self, value: Any, path: str, most: int) -> str | None:
        """A string of at most `most` characters; null and the empty string are None."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.wrong_kind(path, "a string")
            return None
        if len(value) > most:
            self.too_large(path, len(value), most, "MAX_LENGTH")
            return None
        if _UNSTORABLE.search(value):
            self.add(path, "FORMAT", "must not hold NUL or unpaired surrogates", type="TEXT")
            return None
        return value

    def flag(self, value: Any, path: str) -> bool | None:
        """A boolean; the strings "true" and "false" count (the seed sends them)."""
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        self.wrong_kind(path, "a boolean")
        return None

    def number(self, value: Any, path: str, low: float, high: float) -> float | None:
        """A finite number between `low` and `high`."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong_kind(path, "a number")
            return None
        if not (math.isfinite(value) and low <= value <= high):
            self.add(path, "OTHER", f"must be between {low:g} and {high:g}")
            return None
        return value

    def too_large(self, path: str, size: int, most: int, rule: str) -> None:
        """Note that a length or count is over its limit."""
        self.add(path, rule, f"has size {size}, expected {most} or less", threshold=most)


_WRAPPER: Final = frozenset({"items"})
