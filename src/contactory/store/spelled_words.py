"""The words of sites that are known to be spelled out, so that nobody asks for them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from contactory.kit.ids import RowId

_MOST: Final = 50_000

_Word = tuple[RowId, str]


class SpelledWords:
    """Words whose spellings are committed, of all sites of a store; the latest ones.

    Spellings are never deleted, so what was known once stays true while the store is the same.
    """

    def __init__(self) -> None:
        self._words: dict[_Word, None] = {}

    def unknown(self, site: RowId, words: Iterable[str]) -> list[str]:
        """Those of which nothing is known."""
        return [word for word in words if (site, word) not in self._words]

    def learn(self, words: Sequence[_Word]) -> None:
        """Remember words whose spellings are committed."""
        if len(self._words) + len(words) > _MOST:
            self.forget()
        self._words |= dict.fromkeys(words)

    def forget(self) -> None:
        """Know nothing: the store may be another one from now on."""
        self._words.clear()
