"""The functions with which pages sign in and out, and ask who they are."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactory.domain.errors import Unauthenticated
from contactory.domain.identities import Identity
from contactory.domain.vouchers import voucher_origin
from contactory.http.answers import json_answer
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.http.web_arguments import check_arguments, check_call, read_arguments
from contactory.http.web_callers import (
    SESSION_COOKIE,
    address,
    begin_session,
    forget_session,
    page_caller,
)
from contactory.kit.ids import site_of_secret
from contactory.ops.authentication import session_caller
from contactory.ops.crm import Crm
from contactory.ops.sessions import NewSession

_OTHER_SITE = "The voucher cannot be used: it is for another site"


class SessionFunctions:
    """Answers `signIn`, `signInMember`, `signOut` and `currentIdentity` of `/web/contactory.js`."""

    def __init__(self, crm: Crm, settings: HttpSettings, limit: RateLimit) -> None:
        self._crm = crm
        self._settings = settings
        self._limit = limit

    def routes(self) -> list[Route]:
        """One route for each function."""
        functions: dict[str, Callable[..., Awaitable[Response]]] = {
            "signIn": self.sign_in,
            "signInMember": self.sign_in_member,
            "signOut": self.sign_out,
            "currentIdentity": self.current_identity,
        }
        return [
            Route(f"/web/contactory/{name}", self._endpoint(name, function), methods=["POST"])
            for name, function in functions.items()
        ]

    async def sign_in(self, request: Request, name: Any, password: Any) -> Response:
        """Sign a user in by name and password."""
        session = await self._crm.sessions.sign_in(name, password, address(request))
        return await self._begun(request, session)

    async def sign_in_member(self, request: Request, token: Any) -> Response:
        """Sign a member in by a voucher of the site's own program."""
        # One for another site is not used up here.
        if isinstance(token, str) and voucher_origin(token).site_id != self._crm.context.site_id:
            raise Unauthenticated(_OTHER_SITE)
        return await self._begun(request, await self._crm.sessions.sign_in_member(token))

    async def sign_out(self, request: Request) -> Response:
        """End the session, if there is one."""
        await page_caller(request, self._crm)
        await end_session(request, self._crm)
        answer = json_answer({"result": None})
        forget_session(answer)
        return answer

    async def current_identity(self, request: Request) -> Response:
        """Say who calls."""
        caller = await page_caller(request, self._crm)
        answer = json_answer({"result": _shown(caller.identity)})
        caller.mark(request, answer)
        return answer

    async def _begun(self, request: Request, session: NewSession) -> Response:
        found = await session_caller(self._crm.store, session.session)
        if found is None:
            raise Unauthenticated("The user or member is no longer there")
        answer = json_answer({"result": _shown(found[0].identity)})
        begin_session(request, answer, session)
        return answer

    def _endpoint(
        self, name: str, function: Callable[..., Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            request.scope["operation"] = f"web.contactory.{name}"
            check_call(request, self._settings)
            self._limit.check(self._crm.context.site_id, address(request))
            given = await read_arguments(request, self._settings)
            call = partial(function, request)
            check_arguments(inspect.signature(call), given)
            return await call(*given)

        return endpoint


async def end_session(request: Request, crm: Crm) -> None:
    """End the session that the request's cookie names."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret and site_of_secret(secret) == crm.context.site_id:
        await crm.sessions.sign_out(secret)


def _shown(identity: Identity) -> dict[str, str | None]:
    return {"type": identity.type.value, "id": identity.id}
