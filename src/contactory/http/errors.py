"""The one table from errors to statuses, and the answers made of it (CONTRACT C.3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contactory.domain import errors
from contactory.domain.errors import ContactoryError
from contactory.http.advice import advice
from contactory.http.answers import json_answer
from contactory.wire.errors import INTERNAL_ERROR, error_body

STATUS: Final[dict[type[ContactoryError], int]] = {
    errors.InvalidArgument: 400,
    errors.MalformedRequest: 400,
    errors.RequestTooLarge: 413,
    errors.InsufficientContactData: 400,
    errors.InsufficientUpdateContactData: 400,
    errors.MultiplePrimaryInfo: 400,
    errors.InvalidExtendedFieldValue: 400,
    errors.DuplicateContact: 409,
    errors.ContactIdAlreadyExists: 409,
    errors.ContactNotFound: 404,
    errors.ContactAlreadyChanged: 409,
    errors.CannotUpdateMemberEmail: 428,
    errors.CannotDeleteMember: 428,
    errors.IllegalMerge: 400,
    errors.FailedPrecondition: 428,
    errors.LabelNotFound: 404,
    errors.LabelsQuotaReached: 428,
    errors.FieldsQuotaExceeded: 429,
    errors.SystemDefinition: 403,
    errors.MalformedFilter: 400,
    errors.UnsupportedFilter: 400,
    errors.UnknownFilterField: 400,
    errors.UnsupportedFilterField: 400,
    errors.UnsupportedFilterOperator: 400,
    errors.UnsupportedFilterValue: 400,
    errors.UnsupportedFilterValueType: 400,
    errors.UnsupportedSortField: 400,
    errors.InvalidSort: 400,
    errors.IllegalLimit: 400,
    errors.NeitherFilterNorSearch: 400,
    errors.IdempotencyKeyReused: 422,
    errors.Unauthenticated: 401,
    errors.PermissionDenied: 403,
    errors.InsufficientPermission: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.AlreadyExists: 409,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
    errors.StoreDamaged: 500,
    errors.NoContext: 500,
    errors.RemoteError: 502,
}

_log = structlog.get_logger("contactory.http")


def error_answer(error: ContactoryError) -> Response:
    """The answer that tells a caller of this error."""
    status = STATUS[type(error)]
    if status == 500:
        _log.error("operation failed", code=error.code, exc_info=error)
        return json_answer(INTERNAL_ERROR, status)
    answer = json_answer(error_body(error), status)
    if isinstance(error, errors.Unavailable):
        _log.error("unavailable", reason=repr(error.__cause__ or error))
    if isinstance(error, errors.RateLimited | errors.Unavailable):
        answer.headers["retry-after"] = str(error.retry_after_s)
    if isinstance(error, errors.RateLimited) and "limit" in error.data:
        answer.headers["ratelimit-limit"] = str(error.data["limit"])
        answer.headers["ratelimit-remaining"] = "0"
        answer.headers["ratelimit-reset"] = str(error.retry_after_s)
    if isinstance(error, errors.Unauthenticated):
        answer.headers["www-authenticate"] = 'Bearer realm="contactory"'
    return answer


async def answer_our_error(_request: Request, error: Exception) -> Response:
    """Exception handler for errors of ours."""
    if not isinstance(error, ContactoryError):
        raise error
    return error_answer(error)


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Exception handler for what the framework refuses: no such route, wrong method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    instead = advice(request.method, request.scope["path"])
    if status == 405:
        told: ContactoryError = errors.MethodNotAllowed(
            f"{request.method} is not possible here: {instead}"
        )
    elif status == 404:
        told = errors.NotFound(f"There is nothing at this path: {instead}")
    else:
        told = errors.MalformedRequest("The request cannot be read")
    answer = error_answer(told)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


async def answer_fault(request: Request, error: Exception) -> Response:
    """Exception handler for whatever nobody expected: the caller gets the id of the log's entry."""
    _log.error("fault", request_id=request.scope.get("request_id"), exc_info=error)
    return json_answer(INTERNAL_ERROR, 500)


HANDLERS: Final[dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = {
    ContactoryError: answer_our_error,
    HTTPException: answer_http_error,
    Exception: answer_fault,
}
