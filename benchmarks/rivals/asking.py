"""Calls to a rival one by one: to set it up, to fill it, and to look at what it answers."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from contextlib import closing

_PATIENCE_S = 600


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """The body of an answer of 2xx; raises RuntimeError with the answer for another status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)) as connection:
        connection.request(method, path, body or None, dict(headers or {}))
        answer = connection.getresponse()
        told = answer.read()
    if not 200 <= answer.status < 300:
        raise RuntimeError(
            f"{method} {path}: {answer.status} {told[:500].decode(errors='replace')}"
        )
    return told


def send(port: int, request: bytes) -> bytes:
    """The same for a whole message, as the loads send it."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    headers.pop("content-length", None)
    return ask(port, method, path, body, headers)
