"""What every request gets: an id, one line in the log, and its place in the metrics."""

from __future__ import annotations

import time
from functools import cache
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contactory.http.answers import json_answer
from contactory.kit.ids import new_id
from contactory.wire.errors import INTERNAL_ERROR

_REQUESTS: Final = Counter(
    "contactory_requests_total", "Requests answered.", ["operation", "status"]
)
_SECONDS: Final = Histogram(
    "contactory_request_seconds",
    "Time from a request's head to the end of its answer.",
    ["operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_IN_FLIGHT: Final = Gauge(
    "contactory_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum"
)
_STREAMS: Final = Gauge(
    "contactory_event_streams", "Streams of events that are open.", multiprocess_mode="livesum"
)
_VERBS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_log = structlog.get_logger("contactory.http")


class Observing:
    """ASGI middleware. Logs hold no path, query, body or address: they could name a person."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = _log.bind()  # Found anew at each line otherwise.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens below."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id()
        header = (b"x-wix-request-id", request_id.encode())
        started = time.perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], header]
                if "is_stream" in scope:
                    # What follows takes as long as the reader wants: it is no slow answer.
                    _STREAMS.inc()
                    _IN_FLIGHT.dec()
                    self._note(scope, request_id, status, time.perf_counter() - started)
            await send(message)

        scope["request_id"] = request_id
        # Routes that find this raise what is wrong, and our handlers answer it.
        scope["app"] = self._app
        _IN_FLIGHT.inc()
        try:
            await self._app(scope, receive, observed)
        except Exception:
            self._log.exception("fault", request_id=request_id)
            if status == 0:
                await json_answer(INTERNAL_ERROR, 500)(scope, receive, observed)
        finally:
            if "is_stream" in scope:
                _STREAMS.dec()
                self._log.info("stream ended", request_id=request_id)
            else:
                _IN_FLIGHT.dec()
                self._note(scope, request_id, status, time.perf_counter() - started)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        operation = scope.get("operation", "other")
        count, duration = _measures(operation, status)
        count.inc()
        duration.observe(seconds)
        self._log.info(
            "request",
            request_id=request_id,
            verb=scope["method"] if scope["method"] in _VERBS else "other",
            operation=operation,
            status=status,
            ms=round(seconds * 1000, 2),
        )


@cache
def _measures(operation: str, status: int) -> tuple[Counter, Histogram]:
    return _REQUESTS.labels(operation, str(status)), _SECONDS.labels(operation)
