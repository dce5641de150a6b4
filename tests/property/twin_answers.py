"""Answers of two stores that are the same but for the ids and times that each of them chose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from contactory.domain.errors import ContactoryError

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?<=-)[a-z]{19}\b")
"""Also the letters that end a key of which there is another one already."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z")
_OPAQUE = frozenset({"cursors"})
"""What holds ids and times in a form of its own."""


class Twins:
    """Which id at the second store stands for which one at the first."""

    def __init__(self) -> None:
        self._there: dict[str, str] = {}
        self._back: dict[str, str] = {}

    def translated(self, value: Any) -> Any:
        """The value with the ids of the second store in place of those of the first."""
        match value:
            case str():
                return _ID.sub(lambda found: self._twin(found[0]), value)
            case dict():
                return {self.translated(key): self.translated(one) for key, one in value.items()}
            case list() | tuple():
                return type(value)(map(self.translated, value))
            case _:
                return value

    def differences(self, one: Any, other: Any) -> list[str]:
        """Where two answers do not say the same; ids that are new are twins from then on."""
        return list(self._differences("", _plain(one), _plain(other)))

    def _differences(self, path: str, one: Any, other: Any) -> Iterator[str]:
        match one, other:
            case str(), str() if self._same_text(one, other):
                return
            case dict(), dict() if len(one) == len(other):
                for name in one.keys() - _OPAQUE:
                    there = self.translated(name)
                    yield from self._differences(f"{path}.{name}", one[name], other.get(there))
            case ((list() | tuple()), (list() | tuple())) if len(one) == len(other):
                for at, both in enumerate(zip(one, other, strict=True)):
                    yield from self._differences(f"{path}[{at}]", *both)
            case _ if one != other or type(one) is not type(other):
                yield f"{path}: {one!r} is not {other!r}"

    def _same_text(self, one: str, other: str) -> bool:
        ids = _ID.findall(one), _ID.findall(other)
        return _without_ids(one) == _without_ids(other) and all(map(self._are_twins, *ids))

    def _are_twins(self, one: str, other: str) -> bool:
        return (
            self._there.setdefault(one, other) == other and self._back.setdefault(other, one) == one
        )

    def _twin(self, guid: str) -> str:
        twin = self._there.get(guid.lower(), guid)
        return twin.upper() if guid.isupper() else twin


class TranslatedCalls:
    """The calls of a site of the second store, made with ids of the first."""

    def __init__(self, called: Any, twins: Twins) -> None:
        self._called = called
        self._twins = twins

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._called, name)
        return self._call(found) if callable(found) else TranslatedCalls(found, self._twins)

    def _call(self, call: Callable[..., Any]) -> Callable[..., Any]:
        translated = self._twins.translated
        return lambda *given, **named: call(*translated(given), **translated(named))


def _without_ids(text: str) -> str:
    return _TIME.sub("TIME", _ID.sub("ID", text))


def _plain(answer: Any) -> Any:
    if isinstance(answer, ContactoryError):
        return [type(answer).__name__, answer.code, str(answer), _plain(answer.data)]
    return msgspec.to_builtins(answer, str_keys=True, enc_hook=_plain_part)


def _plain_part(part: Any) -> Any:
    return list(part) if isinstance(part, Sequence) else str(part)
