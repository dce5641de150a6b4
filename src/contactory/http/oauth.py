"""The token endpoints that the SDK's strategies call (CONTRACT G.4, WIRE 5)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactory.domain.errors import InvalidArgument
from contactory.domain.problems import Problems
from contactory.http.answers import json_answer
from contactory.http.bodies import read_form, read_json_object
from contactory.http.callers import bearer
from contactory.http.rate_limit import RateLimit
from contactory.http.settings import HttpSettings
from contactory.ops.crm import Crm
from contactory.ops.tokens import Tokens
from contactory.wire.routes import PREFIXES

_LONGEST_PARAMETER: Final = 10_000
_CAPITAL: Final = re.compile("(?<=[a-z0-9])([A-Z])")


class Grant(msgspec.Struct, frozen=True):
    """One way to a token: the operation, and the parameters it takes in their order."""

    operation: Callable[..., Awaitable[Any]]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_Grants = Mapping[str, Grant]


def token_grants(tokens: Tokens) -> _Grants:
    """The grants of `/oauth2/token` by their type."""
    return {
        "anonymous": Grant(tokens.anonymous, ("client_id",)),
        "refresh_token": Grant(tokens.refresh, ("client_id", "refresh_token")),
        "authorization_code": Grant(
            tokens.authorization_code, ("client_id", "redirect_uri", "code", "code_verifier")
        ),
        "authorized_client": Grant(
            tokens.authorized_client, ("visitor_token", "api_key", "member_id")
        ),
        "client_credentials": Grant(
            tokens.client_credentials, ("client_id", "client_secret"), ("instance_id",)
        ),
        "strip_bound_session": Grant(tokens.strip_bound_session, ("client_secret", "access_token")),
    }


def app_grants(tokens: Tokens) -> _Grants:
    """The grants of `/oauth/access`, which only apps use."""
    return {
        "refresh_token": Grant(tokens.app_refresh, ("client_id", "client_secret", "refresh_token")),
        "authorization_code": Grant(tokens.app_code, ("client_id", "client_secret", "code")),
    }


def oauth_routes(crm: Crm, settings: HttpSettings, limit: RateLimit) -> list[Route]:
    """`/oauth2/token`, `/oauth2/token-info` and `/oauth/access`, at the root and below `/_api`."""

    async def token_info(request: Request) -> Response:
        request.scope["operation"] = "tokens.token_info"
        limit.check("tokens", _address(request))
        sent = _snake_cased(await _parameters(request, settings))
        (token,) = _required(sent, ("token",))
        return json_answer(await crm.tokens.token_info(token))

    served = {
        "/oauth2/token": _token_endpoint(token_grants(crm.tokens), settings, limit),
        "/oauth/access": _token_endpoint(app_grants(crm.tokens), settings, limit),
        "/oauth2/token-info": token_info,
    }
    return [
        Route(prefix + path, endpoint, methods=["POST"])
        for prefix in PREFIXES
        for path, endpoint in served.items()
    ]


def _token_endpoint(
    grants: _Grants, settings: HttpSettings, limit: RateLimit
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.scope["operation"] = "tokens.grant"
        limit.check("tokens", _address(request))
        sent = _snake_cased(await _parameters(request, settings))
        grant = _chosen(grants, sent)
        visitor_token, _, api_key = request.headers.get("authorization", "").partition(",")
        sent |= {"visitor_token": bearer(visitor_token), "api_key": api_key.strip()}
        values = _required(sent, grant.required)
        answer = await grant.operation(*values, *(sent.get(name) for name in grant.optional))
        return json_answer(answer)

    return endpoint


async def _parameters(request: Request, settings: HttpSettings) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return await read_form(request, settings)
    return await read_json_object(request, settings)


def _chosen(grants: _Grants, sent: Mapping[str, Any]) -> Grant:
    wanted = sent.get("grant_type")
    grant = grants.get(wanted) if isinstance(wanted, str) else None
    if grant is not None:
        return grant
    problems = Problems()
    listed = ", ".join(grants)
    problems.add(
        "grantType", "INVALID_ENUM_VALUE", f"enum must be in [{listed}]", supported=list(grants)
    )
    raise InvalidArgument(problems.violations)


def _required(sent: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    problems = Problems()
    values = []
    for name in names:
        value = sent.get(name)
        if value in (None, ""):
            problems.add(name, "REQUIRED_FIELD", "must not be empty")
        values.append(problems.text(value, name, _LONGEST_PARAMETER) or "")
    problems.check()
    return values


def _snake_cased(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {_CAPITAL.sub(r"_\1", name).lower(): value for name, value in sent.items()}


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"
