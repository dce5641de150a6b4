"""Structured logs on standard error: JSON lines, or coloured text on a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any

import msgspec
import structlog


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def start_logs(level: LogLevel) -> None:
    """Send our logs and those of libraries to standard error from this level on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    is_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_rendering(is_terminal=is_terminal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=(
            structlog.PrintLoggerFactory(sys.stderr)
            if is_terminal
            else structlog.BytesLoggerFactory(sys.stderr.buffer)
        ),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forwarding()], level=max(number, logging.INFO), force=True)
    # What it says of each start and stop of a process is of use only to those who look for a fault.
    logging.getLogger("uvicorn.error").setLevel(max(number, logging.WARNING))


def _rendering(*, is_terminal: bool) -> list[structlog.typing.Processor]:
    if is_terminal:
        # The default shows the values of variables, among them people's data and secrets.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(colors=True, exception_formatter=plain)]
    return [structlog.processors.format_exc_info, _as_json_line]


def _as_json_line(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> bytes:
    return msgspec.json.encode(dict(entry), enc_hook=repr)


class _Forwarding(logging.Handler):
    """Gives what libraries log to the structured log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        structlog.get_logger().log(
            record.levelno,
            record.getMessage(),
            logger=record.name,
            exc_info=record.exc_info or None,
        )
