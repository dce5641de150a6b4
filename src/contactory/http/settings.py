"""What an operator can choose about the HTTP surface."""

from __future__ import annotations

import msgspec


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and origins of the server.

    `max_body_bytes` and `max_depth` bound what is read of a request; `rate_limit` is calls a
    minute for each caller, 0 for no limit; `cors_origins` are pages of other origins that may call
    the API with a token of their own, `web_origins` those that may call web methods; `metrics` says
    whether `/metrics` is served. `max_streams` is how many streams of events a process keeps open,
    `heartbeat_s` after how long each says that it lives, and its caller is looked up again.
    """

    max_body_bytes: int = 1024 * 1024
    max_depth: int = 32
    rate_limit: int = 0
    cors_origins: tuple[str, ...] = ("*",)
    web_origins: tuple[str, ...] = ()
    metrics: bool = True
    max_streams: int = 100
    heartbeat_s: float = 15
