"""Serves what pages import from `/web`, and answers the calls that they then make."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contactory.domain.errors import ContactoryError, NotFound
from contactory.http.answers import json_answer, report_ignored
from contactory.http.api import NOUNS
from contactory.http.errors import error_answer
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.http.web import WebModules
from contactory.http.web_arguments import check_arguments, check_call, read_arguments
from contactory.http.web_callers import CSRF_COOKIE, PageCaller, check_rate, page_caller
from contactory.http.web_module import (
    RUNTIME_PATH,
    contactory_module_text,
    page_module_text,
    runtime_text,
)
from contactory.ops.context import Context, entered
from contactory.ops.crm import Crm
from contactory.ops.operation import OPERATIONS, Bound
from contactory.ops.web_methods import WebMethod
from contactory.wire.route import Route as ApiRoute
from contactory.wire.routes import ROUTES
from contactory.wire.web_results import plain_result

_Called = Callable[[Context, Sequence[Any]], Awaitable[Any]]
_Endpoint = Callable[[Request], Awaitable[Response]]

_MODULE_HEADERS: Final = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}


def web_routes(
    crm: Crm, settings: HttpSettings, limit: RateLimit, web: WebModules
) -> list[BaseRoute]:
    """The ES modules, the calls of their functions, and the CSRF token of other origins' pages."""
    texts = {f"/web/{name}.js": page_module_text(name, web.modules[name]) for name in web.modules}
    texts |= {RUNTIME_PATH: runtime_text(), "/web/contactory.js": contactory_module_text()}
    calls = WebCalls(crm, settings, limit, web)
    return [
        *(Route(path, _serving(text), methods=["GET"]) for path, text in texts.items()),
        Route("/web/-/csrf", _csrf_token, methods=["GET"]),
        Route("/web/{module}/{function}", calls.answer, methods=["POST"]),
    ]


class WebCalls:
    """Answers `POST /web/<module>/<function>` with the result of one function."""

    def __init__(self, crm: Crm, settings: HttpSettings, limit: RateLimit, web: WebModules) -> None:
        self._crm = crm
        self._settings = settings
        self._limit = limit
        self._functions: Mapping[tuple[str, str], _Called] = {
            ("contactory", f"{route.module}.{route.function}"): _operation(route)
            for route in ROUTES
        } | {
            (module, name): _web_method(method)
            for module, methods in web.modules.items()
            for name, method in methods.items()
        }

    async def answer(self, request: Request) -> Response:
        """Call the function that the path names for whoever the request comes from."""
        check_call(request, self._settings)
        module, name = request.path_params["module"], request.path_params["function"]
        function = self._functions.get((module, name))
        if function is None:
            raise NotFound(f"There is no web method {name[:100]} in /web/{module[:100]}.js")
        request.scope["operation"] = f"web.{module}.{name}"
        caller = await page_caller(request, self._crm)
        answer = await self._answer(request, function, caller)
        caller.mark(request, answer)
        return answer

    async def _answer(self, request: Request, function: _Called, caller: PageCaller) -> Response:
        # Errors are answered here, so that they too tell the browser about its cookies.
        try:
            check_rate(request, self._crm, self._limit, caller.identity)
            given = await read_arguments(request, self._settings)
            ignored: list[str] = []
            context = self._context(caller, ignored)
            with entered(context):
                result = await function(context, given)
        except ContactoryError as error:
            return error_answer(error)
        answer = json_answer({"result": plain_result(result)})
        report_ignored(answer, ignored)
        return answer

    def _context(self, caller: PageCaller, ignored: list[str]) -> Context:
        return Context(
            store=self._crm.store,
            settings=self._crm.settings,
            site_id=self._crm.context.site_id,
            identity=caller.identity,
            report_ignored=ignored.extend,
        )


def _web_method(method: WebMethod) -> _Called:
    async def called(context: Context, given: Sequence[Any]) -> Any:
        method.require(context.identity)
        check_arguments(method.signature, given)
        return await method.result(context, *given)

    return called


def _operation(route: ApiRoute) -> _Called:
    noun: type[Bound] = NOUNS[route.noun]
    permission = OPERATIONS[route.operation].permission

    async def called(context: Context, given: Sequence[Any]) -> Any:
        if permission is not None:
            context.identity.require(permission)
        call = getattr(noun(context), route.method)
        check_arguments(inspect.signature(call), given)
        return await call(*given)

    return called


def _serving(text: str) -> _Endpoint:
    body = text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    async def serve(request: Request) -> Response:
        request.scope["operation"] = "web.module"
        headers = {**_MODULE_HEADERS, "etag": etag}
        known = request.headers.get("if-none-match", "").split(",")
        if etag in (entry.strip().removeprefix("W/") for entry in known):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/javascript")

    return serve


async def _csrf_token(request: Request) -> Response:
    """For pages of other origins that the operator trusts: others cannot read the answer."""
    answer = json_answer({"csrfToken": request.cookies.get(CSRF_COOKIE, "")})
    answer.headers["cache-control"] = "no-store"
    return answer
