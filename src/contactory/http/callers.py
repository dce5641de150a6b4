"""Who calls: from a request's headers to a caller known to the store (CONTRACT 1.2, G)."""

from __future__ import annotations

from starlette.requests import Request

from contactory.domain.errors import InvalidArgument, Unauthenticated, Violation
from contactory.http.heads import header
from contactory.kit.ids import as_guid
from contactory.ops.authentication import Caller, RecentCallers


def bearer(header: str) -> str:
    """The credential of an Authorization header, with or without the word Bearer."""
    word, _, rest = header.strip().partition(" ")
    return rest.strip() if word.lower() == "bearer" else header.strip()


async def token_caller(request: Request, callers: RecentCallers) -> Caller:
    """The caller that the API key or access token of the request stands for.

    Raises Unauthenticated without a valid one, PermissionDenied when it is for another site than
    the header `wix-site-id` names, InvalidArgument when that header is no GUID.
    """
    secret = bearer(header(request, b"authorization") or "")
    if not secret:
        raise Unauthenticated(
            "No credentials: send an API key or an access token in the header Authorization"
        )
    return await callers.authenticate(secret, site_id=_site_id(request))


def _site_id(request: Request) -> str | None:
    sent = header(request, b"wix-site-id")
    if not sent:
        return None
    guid = as_guid(sent)
    if guid is None:
        raise InvalidArgument(
            [Violation("wix-site-id", "is not a valid GUID", "FORMAT", {"type": "GUID"})]
        )
    return guid
