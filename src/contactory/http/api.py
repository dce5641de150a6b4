"""The API's routes: decode, call one operation, encode. Made from the route table alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as Served
from starlette.types import ASGIApp, Receive, Scope, Send

from contactory.domain.errors import ContactoryError, InvalidArgument
from contactory.http.answers import json_answer, report_ignored
from contactory.http.bodies import read_json_object
from contactory.http.callers import token_caller
from contactory.http.errors import HANDLERS, answer_fault, answer_http_error, error_answer
from contactory.http.event_streams import EventStreams, wants_stream
from contactory.http.heads import header
from contactory.http.misplaced import misplaced
from contactory.http.query_strings import read_query
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.ops.contacts import Contacts
from contactory.ops.context import Context
from contactory.ops.crm import Crm
from contactory.ops.events import Events
from contactory.ops.extended_fields import ExtendedFields
from contactory.ops.labels import Labels
from contactory.ops.operation import OPERATIONS, Bound
from contactory.ops.submitted_contact import SubmittedContact
from contactory.ops.subscriptions import Subscriptions
from contactory.ops.webhooks import Webhooks
from contactory.wire.route import Route
from contactory.wire.routes import PREFIXES, ROUTES

NOUNS: Final[dict[str, type[Bound]]] = {
    "contacts": Contacts,
    "labels": Labels,
    "extended_fields": ExtendedFields,
    "submitted_contact": SubmittedContact,
    "subscriptions": Subscriptions,
    "webhooks": Webhooks,
    "events": Events,
}
"""The classes whose operations the API offers, by the noun of the route table."""

_START: Final = "/contacts/v4"
_IN_BRACES: Final = re.compile(r"\{\w+\}")


def api_places(
    crm: Crm, settings: HttpSettings, limit: RateLimit, stopping: asyncio.Event
) -> dict[str, ASGIApp]:
    """What answers at each path of the table, under every prefix, its own errors too.

    Answers that go on for ever end when the server is stopping.
    """
    streams = ExceptionMiddleware(EventStreams(crm, settings, limit, stopping), HANDLERS)
    places: dict[str, dict[str, _Endpoint]] = {}
    for route in ROUTES:
        endpoint = _Endpoint(route, crm, settings, limit, streams if route.streams else None)
        for path in (route.path, *route.aliases):
            places.setdefault(_shape(path), {})[route.verb] = endpoint
    return {prefix + shape: _Place(calls) for prefix in PREFIXES for shape, calls in places.items()}


def nothing_else() -> list[BaseRoute]:
    """Below the API's start there are no other paths.

    They are neither redirected to another spelling, nor looked for among a site's pages.
    """
    return [
        Served(prefix + _START + rest, _Nothing())
        for prefix in PREFIXES
        for rest in ("", "/{rest:path}")
    ]


def _shape(path: str) -> str:
    """The path whose parameters are named by their places: calls of other verbs name them anew."""
    parts = _IN_BRACES.split(path)
    return parts[0] + "".join(f"{{at_{at}}}{part}" for at, part in enumerate(parts[1:]))


class _Place:
    """One path as an ASGI application: its calls, by verb. HEAD asks as GET does."""

    def __init__(self, calls: Mapping[str, _Endpoint]) -> None:
        self._calls = dict(calls)
        if "GET" in calls:
            self._calls["HEAD"] = calls["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with 405 where it has another verb."""
        call = self._calls.get(scope["method"])
        if call is None:
            refused = HTTPException(405, headers={"allow": ", ".join(self._calls)})
            answer = await answer_http_error(Request(scope), refused)
            await answer(scope, receive, send)
            return
        await call(scope, receive, send)


class _Nothing:
    """A path without calls, as an ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raise HTTPException 404."""
        raise HTTPException(404)


class _Endpoint:
    """One route, as an ASGI application of its own: the framework's wrapping costs a fifth more."""

    def __init__(
        self,
        route: Route,
        crm: Crm,
        settings: HttpSettings,
        limit: RateLimit,
        streams: ASGIApp | None,
    ) -> None:
        self._route = route
        self._streams = streams
        self._crm = crm
        self._settings = settings
        self._limit = limit
        self._noun = NOUNS[route.noun]
        self._in_path = route.in_path
        self._known = {*route.arguments, *route.options, *route.in_path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._streams is not None and wants_stream(scope):
            await self._streams(scope, receive, send)
            return
        scope["operation"] = self._route.operation
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ContactoryError as error:
            answer = error_answer(error)
        except Exception as error:
            answer = await answer_fault(request, error)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
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
        try:
            answer = await self._called(request, context, sent)
        except ContactoryError as error:
            answer = error_answer(error)
        report_ignored(answer, ignored)
        return answer

    async def _called(
        self, request: Request, context: Context, sent: Mapping[str, Any]
    ) -> Response:
        route = self._route
        if violations := misplaced(route.operation, sent):
            # Whoever may not call is told so first.
            if (permission := OPERATIONS[route.operation].permission) is not None:
                context.identity.require(permission)
            raise InvalidArgument(violations)
        found = request.path_params
        in_path = {name: found[f"at_{at}"] for at, name in enumerate(self._in_path)}
        arguments = _arguments(route, in_path, sent)
        call = getattr(self._noun(context), route.method)
        try:
            result = await call(*arguments, **_keywords(route, request))
        except InvalidArgument as error:
            raise _where_sent(error, sent) from error
        return json_answer(route.body(result, arguments[0] if arguments else None))

    async def _sent(self, request: Request) -> Mapping[str, Any]:
        verb, unwraps = self._route.verb, self._route.unwraps
        if verb == "GET":
            return read_query(request)
        sent = await read_json_object(request, self._settings)
        if verb == "DELETE":
            return _union(read_query(request), sent)
        inner = sent.get(unwraps) if unwraps else None
        return _Unwrapped(unwraps, inner, sent) if unwraps and isinstance(inner, dict) else sent


class _Unwrapped(dict[str, Any]):
    """A body whose member's own members count as if they stood beside it."""

    def __init__(self, name: str, inner: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
        beside = {member: value for member, value in sent.items() if member != name}
        super().__init__({**inner, **beside})
        self._name = name
        self._beside = beside.keys()

    def path(self, path: str) -> str:
        """The path in the body as it was sent (CONTRACT C.2)."""
        return path if path.partition(".")[0] in self._beside else f"{self._name}.{path}"


def _where_sent(error: InvalidArgument, sent: Mapping[str, Any]) -> InvalidArgument:
    if not isinstance(sent, _Unwrapped):
        return error
    return InvalidArgument(
        [msgspec.structs.replace(one, field=sent.path(one.field)) for one in error.violations]
    )


def _union(query: Mapping[str, Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Both at once: the SDK sends a query string, others a body (CONTRACT 1.4)."""
    both = {**query, **body}
    for name in query.keys() & body.keys():
        more = [body[name]] if isinstance(body[name], str) else body[name]
        if isinstance(query[name], list) and isinstance(more, list):
            both[name] = [*query[name], *more]
    return both


def _arguments(route: Route, in_path: Mapping[str, str], sent: Mapping[str, Any]) -> Sequence[Any]:
    """The path wins over copies elsewhere (CONTRACT 1.4)."""
    named = {**sent, **in_path}
    values = [named.get(name) for name in route.arguments]
    options = {name: named[name] for name in route.options if name in named}
    return [*values, options] if options else values


def _keywords(route: Route, request: Request) -> dict[str, Any]:
    if not route.takes_idempotency_key:
        return {}
    return {"idempotency_key": header(request, b"idempotency-key")}
