"""Reads request bodies within limits, and strictly: what two readers could take differently is
refused."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from contactory.domain.errors import MalformedRequest, RequestTooLarge
from contactory.http.heads import header
from contactory.http.settings import HttpSettings

_UNUSABLE: Final = re.compile("[\x00\ud800-\udfff]")
_BRACKET_OR_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]')


async def read_body(request: Request, settings: HttpSettings) -> bytes:
    """The whole body.

    Raises RequestTooLarge as soon as more arrives than the limit, and MalformedRequest for one that
    is compressed or breaks off.
    """
    encoding = header(request, b"content-encoding") or "identity"
    if encoding.lower() != "identity":
        raise MalformedRequest("The body is compressed: send it without Content-Encoding")
    most = settings.max_body_bytes
    declared = header(request, b"content-length") or ""
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    body = bytearray()
    is_whole = False
    while not is_whole:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise MalformedRequest("The request ended before its body did")
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        is_whole = not message.get("more_body", False)
    return bytes(body)


async def read_json_object(request: Request, settings: HttpSettings) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object.

    Raises MalformedRequest for anything that is not strict JSON (RFC 8259) in UTF-8, has a name
    twice in one object, or is nested too deep; RequestTooLarge.
    """
    body = await read_body(request, settings)
    if not body:
        return {}
    sent = parse_json(body, settings.max_depth)
    if not isinstance(sent, dict):
        raise MalformedRequest("Expected an object: the body must be a JSON object")
    if any(map(_UNUSABLE.search, sent)):
        raise MalformedRequest("The body has a name with NUL or unpaired surrogates in it")
    return sent


def parse_json(body: bytes, max_depth: int) -> Any:
    """The JSON value of the bytes; raises MalformedRequest."""
    if body.count(b"{") + body.count(b"[") > max_depth and _depth(body) > max_depth:
        raise MalformedRequest(f"The JSON is nested deeper than {max_depth} levels")
    with suppress(msgspec.DecodeError, UnicodeError, OverflowError):
        # Most clients write what we would write: then no name stands twice, at a third of the cost.
        value = msgspec.json.decode(body)
        if msgspec.json.encode(value) == body:
            return value
    try:
        return _decoder.decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"The body is not UTF-8: byte {error.start} is wrong") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedRequest(f"The body is not JSON: {error.msg} at {place}") from error
    except ValueError as error:
        raise MalformedRequest(f"The body is not JSON: {error}") from error


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for found in _BRACKET_OR_STRING.finditer(body):
        sign = found[0]
        if sign in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif sign in (b"}", b"]"):
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedRequest(f"The JSON has the name {twice[:80]!r} twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise MalformedRequest(f"The body is not JSON: {name} is no JSON number")


def _integer(digits: str) -> int | float:
    # Longer ones mean nothing here, and cost quadratic time to read.
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


_MOST_DIGITS: Final = 400
_decoder: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer
)


def _too_large(most: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {most} bytes")


async def read_form(request: Request, settings: HttpSettings) -> dict[str, Any]:
    """The body as a form (`application/x-www-form-urlencoded`); the last of equal names counts.

    Raises MalformedRequest, RequestTooLarge.
    """
    body = await read_body(request, settings)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise MalformedRequest(f"The body is not a form: {error}") from error
    return dict(pairs)
