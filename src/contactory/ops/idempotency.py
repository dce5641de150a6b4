"""Idempotency keys, as callers send them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.errors import MalformedRequest
from contactory.ops.context import Context
from contactory.store.idempotency_keys import IdempotentCall

_LONGEST_KEY: Final = 255


def idempotent_call(
    context: Context, key: str | None, info: Any, allow_duplicates: bool
) -> IdempotentCall | None:
    """The call that the key stands for. Raises MalformedRequest."""
    if key is None:
        return None
    if not (isinstance(key, str) and 1 <= len(key) <= _LONGEST_KEY and key.isprintable()):
        raise MalformedRequest("An idempotency key has 1 to 255 printable characters")
    try:
        asked = json.dumps([info, allow_duplicates], sort_keys=True, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedRequest(
            f"With an idempotency key, info must have a form in JSON: {error}"
        ) from error
    digest = hashlib.sha256(asked.encode()).digest()
    return IdempotentCall(f"create_contact {context.identity.name}", key, digest)


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value, enc_hook=repr)
    return dict(value) if isinstance(value, Mapping) else repr(value)
