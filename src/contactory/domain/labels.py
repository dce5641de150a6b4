"""Labels: which keys exist from the start, and how keys look (CONTRACT A.9, E.3, E.5)."""

from __future__ import annotations

import re
from typing import Final

from contactory.domain.errors import LabelNotFound

DEFAULT_LABELS_QUOTA: Final = 1000
SYSTEM_LABELS: Final = frozenset({"contacts.contacted-me", "contacts.customers"})
LONGEST_KEY: Final = 80
_KEY: Final = re.compile(r"custom\.[\w-]+(?:\.[\w-]+)*")


def check_label_keys(keys: tuple[str, ...]) -> list[str]:
    """The custom keys among those given; they must exist, or be made.

    Raises LabelNotFound naming every key that neither exists nor could.
    """
    unknown = [key for key in keys if key not in SYSTEM_LABELS and not _KEY.fullmatch(key)]
    if unknown:
        raise LabelNotFound(unknown)
    return [key for key in keys if key not in SYSTEM_LABELS]
