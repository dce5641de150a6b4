"""JSON answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from contactory.domain.contact_documents import ContactDocuments
from contactory.kit.clock import quick_encode_instant

_MOST_IGNORED: Final = 20


def _json_form(value: Any) -> Any:
    if isinstance(value, ContactDocuments):
        return [msgspec.Raw(one) for one in value.in_json]
    return quick_encode_instant(value)


_encoder: Final = msgspec.json.Encoder(enc_hook=_json_form)


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


def report_ignored(answer: Response, ignored: Sequence[str]) -> None:
    """Names that are no part of the call go into a header, so that a misspelt one is noticed."""
    if ignored:
        shown = ignored[:_MOST_IGNORED]
        named = [quote(path[:200], safe=" .[]_-$", errors="replace") for path in shown]
        answer.headers["contactory-ignored"] = ", ".join(named)
