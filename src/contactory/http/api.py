"""The API's routes: decode, call one operation, encode. Made from the route table alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
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
from contactory.http.query_strings import read_query
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context
from contactory.ops.crm import Crm
from contactory.ops.extended_fields import ExtendedFields
from contactory.ops.labels import Labels
from contactory.ops.operation import Bound
from contactory.wire.route import Route
from contactory.wire.routes import PREFIXES, ROUTES

NOUNS: Final[dict[str, type[Bound]]] = {
    "contacts": Contacts,
    "labels": Labels,
    "extended_fields": ExtendedFields,
}
"""The classes whose operations the API offers, by the noun of the route table."""

_MOST_IGNORED: Final = 20


def api_routes(crm: Crm, settings: HttpSettings, limit: RateLimit) -> list[Served]:
    """Every route of the table under every prefix."""
    served = [
        (path, Served(prefix + path, _Endpoint(route, crm, settings, limit), methods=[route.verb]))
        for prefix in PREFIXES
        for route in ROUTES
        for path in (route.path, *route.aliases)
    ]
    # A brace sorts after letters: fixed paths come before those that take any word there.
    return [route for _, route in sorted(served, key=itemgetter(0))]


class _Endpoint:
    """One route, as an ASGI application of its own: the framework's wrapping costs a fifth more."""

    def __init__(self, route: Route, crm: Crm, settings: HttpSettings, limit: RateLimit) -> None:
        self._route = route
        self._crm = crm
        self._settings = settings
        self._limit = limit
        self._noun = NOUNS[route.noun]
        self._known = {*route.arguments, *route.options, *route.in_path}

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
        arguments = _arguments(route, request, sent)
        result = await call(*arguments, **_keywords(route, request))
        answer = json_answer(route.body(result, arguments[0] if arguments else None))
        report_ignored(answer, ignored)
        return answer

    async def _sent(self, request: Request) -> Mapping[str, Any]:
        verb, unwraps = self._route.verb, self._route.unwraps
        if verb == "GET":
            return read_query(request)
        sent = await read_json_object(request, self._settings)
        if verb == "DELETE":
            return _union(read_query(request), sent)
        inner = sent.get(unwraps) if unwraps else None
        if not isinstance(inner, dict):
            return sent
        return {**inner, **{name: value for name, value in sent.items() if name != unwraps}}


def _union(query: Mapping[str, Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both at once: the SDK sends a query string, others a body (CONTRACT 1.4)."""
    both = {**query, **body}
    for name in query.keys() & body.keys():
        if isinstance(query[name], list) and isinstance(body[name], list):
            both[name] = [*query[name], *body[name]]
    return both


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
