"""Builds the ASGI application around an open store."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from contactory.http.api import api_places, nothing_else
from contactory.http.api_paths import ApiPaths
from contactory.http.cors import Cors
from contactory.http.docs import docs_routes
from contactory.http.errors import HANDLERS
from contactory.http.health import health_routes
from contactory.http.jwks import jwks_routes
from contactory.http.oauth import oauth_routes
from contactory.http.observing import Observing
from contactory.http.openapi import openapi_document
from contactory.http.pages import Pages
from contactory.http.rate_limit import RateLimit
from contactory.http.sessions import SessionFunctions
from contactory.http.settings import HttpSettings
from contactory.http.sign_in import SignIn
from contactory.http.web import WebModules
from contactory.http.web_calls import web_routes
from contactory.ops.crm import Crm


def build_app(
    crm: Crm,
    settings: HttpSettings,
    *,
    metrics_folder: str | None = None,
    web: WebModules | None = None,
    pages: Path | None = None,
    stopping: asyncio.Event | None = None,
) -> ASGIApp:
    """The whole HTTP surface of one open store. It does not close the store.

    `metrics_folder` is where several processes of one server keep their metrics; `web` are the web
    methods of the site, `pages` the folder of its pages; once `stopping` is set, answers
    that would go on for ever end. Raises NotFound without such a folder.
    """
    limit = RateLimit(settings.rate_limit)
    routes: list[BaseRoute] = [
        *nothing_else(),
        *oauth_routes(crm, settings, limit),
        *health_routes(crm, settings, metrics_folder),
        *jwks_routes(crm),
        *docs_routes(openapi_document()),
        *SessionFunctions(crm, settings, limit).routes(),
        *web_routes(crm, settings, limit, web or WebModules()),
        *SignIn(crm, settings, limit).routes(),
        Mount("/", Pages(pages)) if pages else Route("/", _front_page, methods=["GET"]),
    ]
    others = ExceptionMiddleware(Router(routes), HANDLERS)
    api = api_places(crm, settings, limit, stopping or asyncio.Event())
    return Observing(Cors(ApiPaths(api, others), settings))


async def _front_page(_request: Request) -> Response:
    return RedirectResponse("/docs")
