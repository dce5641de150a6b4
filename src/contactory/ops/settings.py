"""What an operator can choose about the behaviour of operations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from contactory.domain.contacts import Source
from contactory.domain.extended_fields import MOST_FIELDS
from contactory.domain.identities import IdentityType
from contactory.domain.labels import DEFAULT_LABELS_QUOTA

SOURCES: Final = MappingProxyType(
    {
        IdentityType.API_KEY: Source(source_type="ADMIN"),
        IdentityType.USER: Source(source_type="ADMIN"),
        IdentityType.APP: Source(source_type="WIX_APP"),
        IdentityType.MEMBER: Source(source_type="WIX_FORMS"),
        IdentityType.VISITOR: Source(source_type="WIX_FORMS"),
    }
)
"""What a contact's source says of its creator (CONTRACT A.2); an app's id is added."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Choices that hold for a whole store.

    `strict_keys` refuses unknown custom label and field keys instead of making them (CONTRACT E.5).
    `sources` says where contacts made by each kind of caller came from; kinds that it leaves out
    have those of `SOURCES`.
    """

    strict_keys: bool = False
    labels_quota: int = DEFAULT_LABELS_QUOTA
    fields_quota: int = MOST_FIELDS
    sources: Mapping[IdentityType, Source] = SOURCES
