"""Ends a process whose threads do not: functions of a site's own may hang."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Final

import structlog

_PATIENCE_S: Final = 1.0

_log = structlog.get_logger("contactory.cli")


def leave_threads() -> None:
    """Wait a moment for other threads; where some go on, end the process without them.

    To be called last, with the store closed: then nothing of ours is left to do.
    """
    ends = time.monotonic() + _PATIENCE_S
    others = [one for one in threading.enumerate() if _is_waited_for(one)]
    for one in others:
        one.join(max(0, ends - time.monotonic()))
    left = sum(one.is_alive() for one in others)
    if left:
        _log.warning("left threads behind that do not end", threads=left)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _is_waited_for(thread: threading.Thread) -> bool:
    """Whether the interpreter would not end before it."""
    return not thread.daemon and thread is not threading.current_thread()
