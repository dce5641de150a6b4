"""The API's routes: decode, call one operation, encode. Made from the route table alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Served
from starlette.types import Receive, Scope, Send

from contactory.domain.errors import ContactoryError
from contactory.http.answers import json_answer
from contactory.http.bodies import read_json_object
from contactory.http.callers import token_caller
from contactory.http.errors import error_answer
from contactory.http.heads import header
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context
from contactory.ops.crm import Crm
from contactory.wire.routes import PREFIXES, ROUTES, Route

NOUNS: Final = {"contacts": Contacts}
"""The classes whose operations the API offers, by the noun of the route table."""

_MOST_IGNORED: Final = 20
_IN_PATH: Final = re.compile(r"\{(\w+)\}")


def api_routes(crm: Crm, settings: HttpSettings, limit: RateLimit) -> list[Served]:
    """Every route of the table under every prefix."""
    return [
        Served(prefix + route.path, _Endpoint(route, crm, settings, limit), methods=[route.verb])
        for prefix in PREFIXES
        for route in ROUTES
    ]


class _Endpoint:
    """One route, as an ASGI application of its own: the framework's wrapping costs a fifth more."""

    def __init__(self, route: Route, crm: Crm, settings: HttpSettings, limit: RateLimit) -> None:
        self._route = route
        self._crm = crm
        self._settings = settings
        self._limit = limit
        self._noun = NOUNS[route.noun]
        self._known = {*route.arguments, *route.options, *_IN_PATH.findall(route.path)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["operation"] = self._route.operation
        try:
            answer = await self._answer(Request(scope, receive))
        except ContactoryError as error:
            answer = error_answer(error)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        route = self._route
        caller = await token_caller(request, self._crm.callers)
        self._limit.check(caller.site_id, caller.identity.name)
        sent = await self._sent(request)
        ignored = [key for key in sent if key not in self._known]
        context = Context(
            store=self._crm.store,
            settings=self._crm.settings,
            site_id=caller.site_id,
            identity=caller.identity,
            in_process=False,
            report_ignored=ignored.extend,
        )
        call = getattr(self._noun(context), route.method)
        result = await call(*_arguments(route, request, sent), **_keywords(route, request))
        answer = json_answer({route.envelope: result, **route.beside})
        report_ignored(answer, ignored)
        return answer

    async def _sent(self, request: Request) -> Mapping[str, Any]:
        if self._route.verb == "GET":
            return read_query(request)
        return await read_json_object(request, self._settings)


def read_query(request: Request) -> dict[str, list[str]]:
    """The query string: repeated names are lists (CONTRACT 1.4)."""
    return {
        key.removesuffix("[]"): request.query_params.getlist(key) for key in request.query_params
    }


def _arguments(route: Route, request: Request, sent: Mapping[str, Any]) -> Sequence[Any]:
    values = [request.path_params.get(name, sent.get(name)) for name in route.arguments]
    options = {name: sent[name] for name in route.options if name in sent}
    return [*values, options] if options else values


def _keywords(route: Route, request: Request) -> dict[str, Any]:
    if not route.takes_idempotency_key:
        return {}
    return {"idempotency_key": header(request, b"idempotency-key")}


def report_ignored(answer: Response, ignored: Sequence[str]) -> None:
    """Names that are no part of the call go into a header, so that a misspelt one is noticed."""
    if ignored:
        shown = ignored[:_MOST_IGNORED]
        named = [quote(path[:200], safe=" .[]_-$", errors="replace") for path in shown]
        answer.headers["contactory-ignored"] = ", ".join(named)
