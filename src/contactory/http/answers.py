"""JSON answers."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.responses import Response

from contactory.kit.clock import quick_encode_instant

_encoder: Final = msgspec.json.Encoder(enc_hook=quick_encode_instant)


def json_answer(value: Any, status: int = 200) -> Response:
    """The value as JSON; contacts and other structs show their wire names."""
    return Response(_encoder.encode(value), status, media_type="application/json")
