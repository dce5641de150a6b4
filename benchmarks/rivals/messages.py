"""Requests to rivals: whole HTTP/1.1 messages for connections that are kept open."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

JSON: Final = {"content-type": "application/json"}


def message(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """One request as it goes over the wire; its length is added."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in {"POST", "PUT"}:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def basic(user: str, password: str) -> str:
    """The value of an `Authorization` header for a name and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
