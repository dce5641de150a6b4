"""Sign-in and sign-out for people without scripts: forms, and where they lead next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from contactory.domain.errors import (
    ContactoryError,
    InvalidArgument,
    RateLimited,
    Unauthenticated,
)
from contactory.http.bodies import read_form
from contactory.http.errors import STATUS
from contactory.http.rate_limit import RateLimit
from contactory.http.sessions import end_session
from contactory.http.settings import HttpSettings
from contactory.http.sign_in_page import link_page, password_page
from contactory.http.web_callers import address, begin_session, check_origin, forget_session
from contactory.kit.ids import site_of_secret
from contactory.ops.crm import Crm
from contactory.ops.sessions import NewSession

_LONGEST_PATH: Final = 2000
_SHOWN: Final = (InvalidArgument, RateLimited, Unauthenticated)
"""What a person at the form can do something about."""

_Form = dict[str, Any]


class SignIn:
    """The pages `/sign-in`, `/sign-in/link` and the target `/sign-out`."""

    def __init__(self, crm: Crm, settings: HttpSettings, limit: RateLimit) -> None:
        self._crm = crm
        self._settings = settings
        self._limit = limit

    def routes(self) -> list[Route]:
        """All routes of these pages."""
        return [
            Route("/sign-in", self.show_password_form, methods=["GET"]),
            Route("/sign-in", self.take_password, methods=["POST"]),
            Route("/sign-in/link", self.show_link_form, methods=["GET"]),
            Route("/sign-in/link", self.take_link, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show_password_form(self, request: Request) -> Response:
        """The form for name and password."""
        return password_page(own_path(request.query_params.get("next")))

    async def take_password(self, request: Request) -> Response:
        """Sign in and go on, or show the form again with what is wrong."""
        form = await self._form(request)
        name, password = form.get("name", ""), form.get("password", "")

        def again(problem: str, status: int) -> Response:
            return password_page(
                own_path(form.get("next")), name=name, problem=problem, status=status
            )

        async def attempt() -> NewSession:
            return await self._crm.sessions.sign_in(name, password, address(request))

        return await self._begin(request, form, attempt, again)

    async def show_link_form(self, request: Request) -> Response:
        """The form that uses the link up: opening it alone must not, as mail scanners do that."""
        sent = request.query_params
        return link_page(own_path(sent.get("next")), sent.get("token", ""))

    async def take_link(self, request: Request) -> Response:
        """Use the link up, set a new password where one is given, and go on."""
        form = await self._form(request)
        token = form.get("token", "")

        def again(problem: str, status: int) -> Response:
            return link_page(own_path(form.get("next")), token, problem=problem, status=status)

        async def attempt() -> NewSession:
            # One for another site is not used up here.
            if site_of_secret(token) != self._crm.context.site_id:
                raise Unauthenticated("This sign-in link is wrong or for another site")
            new_password = form.get("newPassword") or None
            return await self._crm.sessions.sign_in_with_link(token, new_password)

        return await self._begin(request, form, attempt, again)

    async def sign_out(self, request: Request) -> Response:
        """End the session and go on. Its origin is checked; more harm than this it cannot do."""
        form = await self._form(request)
        await end_session(request, self._crm)
        answer = RedirectResponse(own_path(form.get("next")), 303)
        forget_session(answer)
        return answer

    async def _form(self, request: Request) -> _Form:
        request.scope["operation"] = f"pages{request.url.path.replace('/', '.')}"
        check_origin(request, self._settings)
        return await read_form(request, self._settings)

    async def _begin(
        self,
        request: Request,
        form: _Form,
        attempt: Callable[[], Awaitable[NewSession]],
        again: Callable[[str, int], Response],
    ) -> Response:
        try:
            self._limit.check(self._crm.context.site_id, address(request))
            session = await attempt()
        except _SHOWN as error:
            answer = again(_told(error), STATUS[type(error)])
            if isinstance(error, RateLimited):
                answer.headers["retry-after"] = str(error.retry_after_s)
            return answer
        answer = RedirectResponse(own_path(form.get("next")), 303)
        answer.headers["cache-control"] = "no-store"
        begin_session(request, answer, session)
        return answer


def own_path(sent: str | None) -> str:
    """The path when it stays on this server, whatever a browser makes of it; `/` otherwise.

    Browsers read a backslash as a slash, and leave out tabs and line breaks (WHATWG URL).
    """
    path = sent or "/"
    stays = path.startswith("/") and not path.startswith("//") and len(path) <= _LONGEST_PATH
    return path if stays and "\\" not in path and path.isprintable() else "/"


def _told(error: ContactoryError) -> str:
    if isinstance(error, InvalidArgument):
        return "; ".join(f"The password {violation.description}" for violation in error.violations)
    return error.message
