"""Events as a stream (server-sent events), for readers that keep a connection open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Final

import anyio
import msgspec
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from contactory.domain.errors import ContactoryError, Unavailable
from contactory.domain.event_feed import LATEST, AskedEvents, EventPage, read_asked
from contactory.domain.permissions import Permission
from contactory.http.answers import report_ignored
from contactory.http.callers import token_caller
from contactory.http.errors import error_answer
from contactory.http.heads import header
from contactory.http.query_strings import read_query
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.kit.clock import quick_encode_instant
from contactory.ops.context import Context
from contactory.ops.crm import Crm
from contactory.ops.event_reading import followed_events

STREAM_OPERATION: Final = "events.follow"
_MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}
_RETRY: Final = b"retry: 1000\n"
_RETRY_AFTER_S: Final = 5
_STALLED_S: Final = 60.0
_KNOWN: Final = frozenset({"after", "limit", "types"})

_encoder: Final = msgspec.json.Encoder(enc_hook=quick_encode_instant)


def wants_stream(scope: Scope) -> bool:
    """Whether the request asks for server-sent events."""
    return scope["method"] == "GET" and any(
        name == b"accept" and _MEDIA_TYPE.encode() in value.lower()
        for name, value in scope["headers"]
    )


class EventStreams:
    """An ASGI application. Each stream sends every event after its cursor, until one side ends it.

    The caller is looked up again with each heartbeat: who may no more is told no more.
    """

    def __init__(
        self, crm: Crm, settings: HttpSettings, limit: RateLimit, stopping: asyncio.Event
    ) -> None:
        self._crm = crm
        self._settings = settings
        self._limit = limit
        self._stopping = stopping
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request with a stream, or with the error that forbids it."""
        scope["operation"] = STREAM_OPERATION
        request = Request(scope, receive)
        try:
            context = await self._context(request)
            self._limit.check(context.site_id, context.identity.name)
            sent = read_query(request)
            with self._place():
                await self._answer(request, context, sent, send)
        except ContactoryError as error:
            await error_answer(error)(scope, receive, send)

    async def _context(self, request: Request) -> Context:
        """Who asks. Raises Unauthenticated, PermissionDenied."""
        caller = await token_caller(request, self._crm.callers)
        caller.identity.require(Permission.EVENTS_VIEW)
        return Context(
            store=self._crm.store,
            settings=self._crm.settings,
            site_id=caller.site_id,
            identity=caller.identity,
            in_process=False,
        )

    @contextmanager
    def _place(self) -> Iterator[None]:
        """One of the streams that may be open. Raises Unavailable where all are taken."""
        if self._open >= self._settings.max_streams:
            raise Unavailable(
                f"{self._open} streams are open, and there can be no more: list events, or wait",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _answer(
        self, request: Request, context: Context, sent: Mapping[str, Any], send: Send
    ) -> None:
        pages = followed_events(context, _asked(request, sent), idle_s=self._settings.heartbeat_s)
        async with aclosing(pages):
            # Whatever is wrong with the question shows before the answer begins.
            first = await anext(pages)
            answer = StreamingResponse((), media_type=_MEDIA_TYPE, headers=_HEADERS)
            report_ignored(answer, [name for name in sent if name not in _KNOWN])
            request.scope["is_stream"] = True
            await send(
                {"type": "http.response.start", "status": 200, "headers": answer.raw_headers}
            )
            await _send_part(send, _RETRY + _text_of(first))
            await self._go_on(request, pages, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _go_on(
        self, request: Request, pages: AsyncGenerator[EventPage, None], send: Send
    ) -> None:
        """Send what comes until the reader is gone, may no more, or the server stops."""
        async with anyio.create_task_group() as tasks:

            async def end_with(waiting: Any) -> None:
                await waiting()
                tasks.cancel_scope.cancel()

            tasks.start_soon(end_with, lambda: _gone(request))
            tasks.start_soon(end_with, self._stopping.wait)
            await self._send_all(request, pages, send)
            tasks.cancel_scope.cancel()

    async def _send_all(
        self, request: Request, pages: AsyncGenerator[EventPage, None], send: Send
    ) -> None:
        checked_at = time.monotonic()
        try:
            async for page in pages:
                if time.monotonic() - checked_at >= self._settings.heartbeat_s:
                    await self._context(request)
                    checked_at = time.monotonic()
                if not await _send_part(send, _text_of(page)):
                    return
        except ContactoryError:
            # It shows again, and can be told, when the reader comes back with its last cursor.
            return


def _asked(request: Request, sent: Mapping[str, Any]) -> AskedEvents:
    last = header(request, b"last-event-id")
    return read_asked(
        last or sent.get("after"), sent.get("limit"), sent.get("types"), default=LATEST
    )


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _send_part(send: Send, part: bytes) -> bool:
    """Send it; whether the reader took it in time."""
    with anyio.move_on_after(_STALLED_S) as waiting:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    return not waiting.cancelled_caught


def _text_of(page: EventPage) -> bytes:
    """The page as server-sent events; the last one has a cursor alone, and readers do not see it.

    It is a sign of life, and lets a reader of few types come back to where it was.
    """
    parts = [
        b"id: %b\nevent: %b\ndata: %b\n\n"
        % (event.cursor.encode(), event.type.encode(), _encoder.encode(event))
        for event in page.events
    ]
    if not page.events or page.events[-1].cursor != page.cursor:
        parts.append(b": so far\nid: %b\n\n" % page.cursor.encode())
    return b"".join(parts)
