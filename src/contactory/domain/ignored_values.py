"""The warning about what was sent and not stored."""

from __future__ import annotations

import warnings
from collections.abc import Sequence


class IgnoredValues(UserWarning):
    """Names were sent that are no part of a contact; their values were not stored."""


def warn_of_ignored(paths: Sequence[str]) -> None:
    """Report dropped values to the calling program."""
    warnings.warn(f"not stored, no such field: {', '.join(paths)}", IgnoredValues, stacklevel=2)
