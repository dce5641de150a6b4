"""What labels and extended fields have in common: both are defined once, and used by contacts."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from contactory.domain.seed_names import to_seed_names
from contactory.kit.clock import Timestamp, decode_instant, encode_instant


class Definition(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """A label or an extended field. Those that every site has from the start have no dates."""

    namespace: str
    key: str
    display_name: str
    created_date: Timestamp | None = None
    updated_date: Timestamp | None = None

    @property
    def is_system(self) -> bool:
        """Whether every site has it from the start."""
        return self.created_date is None

    def to_rest(self) -> dict[str, Any]:
        """As JSON-able data in REST names (`createdDate`, …)."""
        plain: dict[str, Any] = msgspec.to_builtins(self, enc_hook=encode_instant)
        return plain

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able data in the seed's names (`_createdDate`, …)."""
        plain: dict[str, Any] = to_seed_names(self.to_rest())
        return plain

    def to_json(self) -> str:
        """As JSON in REST names."""
        return msgspec.json.encode(self, enc_hook=encode_instant).decode()

    @classmethod
    def from_rest(cls, plain: Any) -> Self:
        """Read what `to_rest` made. Raises msgspec.ValidationError."""
        return msgspec.convert(plain, cls, dec_hook=decode_instant)
