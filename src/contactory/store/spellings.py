"""The words of names and companies of a site, looked up in spite of a typo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from contactory.domain.spellings import is_one_typo, spellings
from contactory.kit.ids import RowId
from contactory.store.engine import Transaction

_MOST_A_SPELLING: Final = 500
MOST_MEANT: Final = 50


async def find_meant(
    tx: Transaction, site: RowId, words: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """For each word, known words that are one typo apart, at most 50.

    Those with the same first letter are preferred: people seldom mistake that one.
    """
    return {word: await _meant(tx, site, word) for word in words}


async def _meant(tx: Transaction, site: RowId, word: str) -> tuple[str, ...]:
    found: set[str] = set()
    for spelling in spellings(word):
        rows = await tx.rows("find_spelled", site_id=site, spelling=spelling, most=_MOST_A_SPELLING)
        found.update(meant for (meant,) in rows if is_one_typo(word, meant))
    likely = sorted(found, key=lambda meant: (meant[0] != word[0], meant))
    return tuple(likely[:MOST_MEANT])
