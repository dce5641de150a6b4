"""Which other origins' pages may call: the API with a token, `/web` with the session's cookie."""

from __future__ import annotations

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from contactory.http.heads import heads
from contactory.http.settings import HttpSettings

_API_HEADERS: Final = (
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "wix-account-id",
    "wix-site-id",
    "x-wix-bi-gateway",
    "x-wix-consistent",
)
_WEB_HEADERS: Final = ("authorization", "content-type", "x-csrf-token")
_EXPOSED: Final = (
    "contactory-ignored",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-wix-consistent",
    "x-wix-request-id",
)
_ONE_DAY_S: Final = 86_400


class Cors:
    """ASGI middleware: two sets of rules for two sets of paths."""

    def __init__(self, app: ASGIApp, settings: HttpSettings) -> None:
        self._app = app
        self._api = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=_API_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_ONE_DAY_S,
        )
        self._web = CORSMiddleware(
            app,
            allow_origins=settings.web_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST"],
            allow_headers=_WEB_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_ONE_DAY_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, or let the call through and mark its answer.

        Whoever names no origin is no page, and costs nothing here.
        """
        if scope["type"] != "http" or b"origin" not in heads(scope):
            await self._app(scope, receive, send)
            return
        is_web = scope["path"].startswith("/web/")
        await (self._web if is_web else self._api)(scope, receive, send)
