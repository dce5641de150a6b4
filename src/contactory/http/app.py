"""Builds the ASGI application around an open store."""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from contactory.http.api import api_routes
from contactory.http.docs import docs_routes
from contactory.http.errors import HANDLERS
from contactory.http.health import health_routes
from contactory.http.oauth import oauth_routes
from contactory.http.observing import Observing
from contactory.http.openapi import openapi_document
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.ops.crm import Crm

_ALLOWED: Final = (
    "authorization",
    "content-type",
    "idempotency-key",
    "wix-account-id",
    "wix-site-id",
    "x-wix-bi-gateway",
    "x-wix-consistent",
)
_EXPOSED: Final = (
    "contactory-ignored",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-wix-consistent",
    "x-wix-request-id",
)


def build_app(crm: Crm, settings: HttpSettings, *, metrics_folder: str | None = None) -> Starlette:
    """The whole HTTP surface of one open store. It does not close the store.

    `metrics_folder` is where several processes of one server keep their metrics.
    """
    limit = RateLimit(settings.rate_limit)
    routes: list[BaseRoute] = [
        *api_routes(crm, settings, limit),
        *oauth_routes(crm, settings, limit),
        *health_routes(crm, metrics_folder),
        *docs_routes(openapi_document()),
        Route("/", _front_page, methods=["GET"]),
    ]
    return Starlette(
        routes=routes,
        exception_handlers=HANDLERS,
        middleware=[
            Middleware(Observing),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=_ALLOWED,
                expose_headers=_EXPOSED,
                max_age=86_400,
            ),
        ],
    )


async def _front_page(_request: Request) -> Response:
    return RedirectResponse("/docs")
