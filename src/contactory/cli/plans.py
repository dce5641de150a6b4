"""Everything that `serve` was told, as processes that serve need it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from contactory.cli.logs import LogLevel
from contactory.http.settings import HttpSettings
from contactory.ops.settings import Settings


class Tls(msgspec.Struct, frozen=True):
    """Files in PEM: the certificate with its chain, and its key."""

    certificate: Path
    key: Path


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to serve, and how. It can be sent to another process."""

    store: str
    site: str | None
    settings: Settings
    http: HttpSettings
    web: tuple[str, ...]
    pages: Path | None
    tls: Tls | None
    forwarded_allow_ips: str
    log_level: LogLevel
    has_worker: bool = True
    metrics_folder: str | None = None
