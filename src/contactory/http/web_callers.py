"""Who calls from a page: a token, a session's cookie, or a visitor (docs/adr/0006)."""

from __future__ import annotations

import hmac
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from contactory.domain.errors import PermissionDenied
from contactory.domain.identities import Identity, IdentityType
from contactory.http.callers import token_caller
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.kit.clock import Timestamp
from contactory.kit.ids import as_guid, digest, new_id
from contactory.ops.authentication import session_caller
from contactory.ops.crm import Crm
from contactory.ops.sessions import NewSession

SESSION_COOKIE: Final = "contactory_session"
CSRF_COOKIE: Final = "contactory_csrf"
VISITOR_COOKIE: Final = "contactory_visitor"
CSRF_HEADER: Final = "x-csrf-token"

_ONE_YEAR_S: Final = 365 * 24 * 60 * 60


class PageCaller(msgspec.Struct, frozen=True):
    """Who calls, and what the answer must do about cookies."""

    identity: Identity
    is_new_visitor: bool = False
    is_session_over: bool = False

    def mark(self, request: Request, answer: Response) -> None:
        """Let the browser know a new visitor's id, and forget a session that is over."""
        if self.is_new_visitor:
            _set_cookie(request, answer, VISITOR_COOKIE, self.identity.id or "", _ONE_YEAR_S)
        if self.is_session_over:
            forget_session(answer)


async def page_caller(request: Request, crm: Crm) -> PageCaller:
    """The caller of a request that `check_origin` let through.

    Raises Unauthenticated for a wrong token, and PermissionDenied for a token of another site or a
    session without its CSRF token.
    """
    site_id = crm.context.site_id
    if request.headers.get("authorization"):
        caller = await token_caller(request, crm.callers)
        if caller.site_id != site_id:
            raise PermissionDenied("These credentials are for another site")
        return PageCaller(caller.identity)
    secret = request.cookies.get(SESSION_COOKIE)
    found = await session_caller(crm.store, secret) if secret else None
    if found is None or found[0].site_id != site_id:
        return _visitor(request, is_session_over=secret is not None)
    caller, csrf_digest = found
    if not hmac.compare_digest(digest(request.headers.get(CSRF_HEADER, "")), csrf_digest):
        raise PermissionDenied("Send the value of the cookie contactory_csrf as X-CSRF-Token")
    return PageCaller(caller.identity)


def check_origin(request: Request, settings: HttpSettings) -> None:
    """Raise PermissionDenied for a call that a page of a foreign origin caused.

    Browsers say where a POST comes from in `Origin`, or else in `Sec-Fetch-Site`; a program that
    says neither has no business with cookies.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        is_ours = origin.lower() == own_origin(request) or origin in settings.web_origins
    elif (site := request.headers.get("sec-fetch-site")) is not None:
        is_ours = site == "same-origin"
    else:
        is_ours = "cookie" not in request.headers
    if not is_ours:
        raise PermissionDenied("Pages of this origin may not call here")


def own_origin(request: Request) -> str:
    """The origin of pages that this server serves, as this request reached it."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}".lower()


def check_rate(request: Request, crm: Crm, limit: RateLimit, identity: Identity) -> None:
    """Count a call; visitors by their address, as they choose their ids. Raises RateLimited."""
    is_visitor = identity.type is IdentityType.VISITOR
    limit.check(crm.context.site_id, address(request) if is_visitor else identity.name)


def address(request: Request) -> str:
    """Where the request comes from."""
    return request.client.host if request.client else "-"


def begin_session(request: Request, answer: Response, session: NewSession) -> None:
    """Give the browser a session: a cookie scripts cannot read, and one with the CSRF token."""
    seconds = max(1, (session.expires_date.ms - Timestamp.current().ms) // 1000)
    _set_cookie(request, answer, SESSION_COOKIE, session.session, seconds)
    _set_cookie(request, answer, CSRF_COOKIE, session.csrf_token, seconds, is_readable=True)


def forget_session(answer: Response) -> None:
    """Have the browser forget its session."""
    answer.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    answer.delete_cookie(CSRF_COOKIE, path="/", samesite="lax")


def _visitor(request: Request, *, is_session_over: bool) -> PageCaller:
    known = as_guid(request.cookies.get(VISITOR_COOKIE, ""))
    return PageCaller(
        Identity.visitor(known or new_id()),
        is_new_visitor=known is None,
        is_session_over=is_session_over,
    )


def _set_cookie(
    request: Request,
    answer: Response,
    name: str,
    value: str,
    max_age_s: int,
    *,
    is_readable: bool = False,
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=max_age_s,
        path="/",
        secure=request.url.scheme == "https",
        httponly=not is_readable,
        samesite="lax",
    )
