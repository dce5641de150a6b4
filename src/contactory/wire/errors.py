"""Error bodies: our errors as the wire shows them, and back (CONTRACT C.1, C.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.errors import (
    ContactoryError,
    InvalidArgument,
    RemoteError,
    Violation,
    rebuilt,
)

INTERNAL_ERROR: Final[dict[str, Any]] = {"message": "", "details": {}}
"""What a caller sees of a fault of ours; the request id leads to the log."""

_MESSAGES: Final = {
    "DUPLICATE_CONTACT_EXISTS": "Duplicate contact exists",
    "UNAUTHENTICATED": "UNAUTHENTICATED",
    "RESOURCE_EXHAUSTED": "Too many requests",
}
"""Where the contract's samples show a message that is not the description."""


def error_details(error: ContactoryError) -> dict[str, Any]:
    """The `details` of an error body."""
    if isinstance(error, InvalidArgument):
        violations = [msgspec.to_builtins(violation) for violation in error.violations]
        return {"validationError": {"fieldViolations": violations}}
    application = {"code": error.code, "description": error.message, "data": error.data}
    return {"applicationError": application}


def error_body(error: ContactoryError) -> dict[str, Any]:
    """The whole error body."""
    message = _MESSAGES.get(error.code, error.message)
    return {"message": message, "details": error_details(error)}


def read_error(status: int, body: Any) -> ContactoryError:
    """The error that a server meant by this body; RemoteError for one that is not ours."""
    details: Any = body.get("details") if isinstance(body, Mapping) else None
    try:
        if "validationError" in (details or {}):
            violations = details["validationError"]["fieldViolations"]
            return InvalidArgument(msgspec.convert(violations, list[Violation]))
        told = details["applicationError"]
        error = rebuilt(told["code"], told.get("description", ""), dict(told.get("data", {})))
    except (KeyError, TypeError, msgspec.ValidationError):
        error = None
    text = body.get("message") if isinstance(body, Mapping) else None
    return error or RemoteError(f"the server answered {status}: {text or 'no details'}")
