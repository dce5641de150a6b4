"""What an operator can choose about the behaviour of operations."""

from __future__ import annotations

import msgspec

from contactory.domain.extended_fields import MOST_FIELDS
from contactory.domain.labels import DEFAULT_LABELS_QUOTA


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Choices that hold for a whole store.

    `strict_keys` refuses unknown custom label and field keys instead of making them (CONTRACT E.5).
    """

    strict_keys: bool = False
    labels_quota: int = DEFAULT_LABELS_QUOTA
    fields_quota: int = MOST_FIELDS
