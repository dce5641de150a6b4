"""Whole answers of HTTP/1.1 in what a server has sent so far."""

from __future__ import annotations

import re
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_KEEP = re.compile(rb"\r\nconnection:[ \t]*keep-alive", re.IGNORECASE)
_WITHOUT_BODY = (204, 304)


class Answer(NamedTuple):
    """One answer: its status, its body, and whether the server ends the connection after it."""

    status: int
    body: bytes
    is_last: bool


def whole_answer(received: bytes, *, is_closed: bool = False) -> Answer | None:
    """The answer, or None as long as it is not complete.

    `is_closed` says that the server has closed the connection, which ends an answer that does not
    tell its length.
    """
    head, separator, rest = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    status = int(head[9:12])
    body = _body(head, rest, status, is_closed=is_closed)
    if body is None:
        return None
    return Answer(status, body, _is_last(head))


def _is_last(head: bytes) -> bool:
    if head.startswith(b"HTTP/1.0"):
        return not _KEEP.search(head)
    return bool(_CLOSE.search(head))


def _body(head: bytes, rest: bytes, status: int, *, is_closed: bool) -> bytes | None:
    length = _LENGTH.search(head)
    if length:
        size = int(length[1])
        return rest[:size] if len(rest) >= size else None
    if status in _WITHOUT_BODY:
        return b""
    if _CHUNKED.search(head):
        return _joined_chunks(rest)
    return rest if is_closed else None


def _joined_chunks(rest: bytes) -> bytes | None:
    """What the chunks hold, or None before the last one and its trailer came (RFC 9112, 7.1)."""
    chunks, at = list[bytes](), 0
    while True:
        end = rest.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(rest[at:end].split(b";", 1)[0], 16)
        at = end + 2
        if size == 0:
            # The trailer, if there is one, ends with an empty line as the head does.
            is_whole = rest.startswith(b"\r\n", at) or rest.find(b"\r\n\r\n", at) >= 0
            return b"".join(chunks) if is_whole else None
        if len(rest) < at + size + 2:
            return None
        chunks.append(rest[at : at + size])
        at += size + 2
