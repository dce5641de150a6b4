"""JSON answers."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.responses import Response

from contactory.kit.clock import quick_encode_instant

_encoder: Final = msgspec.json.Encoder(enc_hook=quick_encode_instant)


class JsonAnswer(Response):
    """A body that is JSON already, with the two headers that it needs."""

    def __init__(self, body: bytes, status: int) -> None:
        self.body = body
        self.status_code = status
        self.background = None
        length = str(len(body)).encode()
        self.raw_headers = [(b"content-length", length), (b"content-type", b"application/json")]


def json_answer(value: Any, status: int = 200) -> Response:
    """The value as JSON; contacts and other structs show their wire names."""
    return JsonAnswer(_encoder.encode(value), status)
