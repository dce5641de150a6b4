"""The public keys of apps where receivers look for them (RFC 7517)."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactory.domain.errors import NotFound
from contactory.http.answers import json_answer
from contactory.kit.ids import as_guid
from contactory.kit.signing_keys import public_jwk
from contactory.ops.crm import Crm
from contactory.ops.webhook_signing import public_keys

_PATH: Final = "/.well-known/contactory/{site_id}/{app_id}/jwks.json"
_KEPT_FOR_S: Final = 300


def jwks_routes(crm: Crm) -> list[Route]:
    """The keys of one app, for anybody: they verify, no more."""

    async def jwks(request: Request) -> Response:
        site_id, app_id = (as_guid(request.path_params[name]) for name in ("site_id", "app_id"))
        keys = (
            await public_keys(crm.store, crm.settings, site_id, app_id)
            if site_id and app_id
            else []
        )
        if not keys:
            raise NotFound("There is no such app with webhooks")
        answer = json_answer({"keys": [public_jwk(key.public_key) for key in keys]})
        answer.headers["cache-control"] = f"public, max-age={_KEPT_FOR_S}"
        return answer

    return [Route(_PATH, jwks, methods=["GET"])]
