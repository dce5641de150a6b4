"""What errors of PostgreSQL mean to whoever called."""

from __future__ import annotations

from typing import Final

import asyncpg

from contactory.domain.errors import Unavailable

NO_ANSWER: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    OSError,
    TimeoutError,
    Unavailable,
)
"""Errors that say nothing about what was asked."""

_IN_THE_WAY: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_NOT_AS_READ: Final = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError)


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, and with it what was not committed."""
    if isinstance(error, asyncpg.QueryCanceledError):
        return False
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # Values that the driver cannot send.
    return isinstance(
        error, asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError | OSError
    ) and not isinstance(error, TimeoutError)


def is_in_the_way(error: BaseException) -> bool:
    """Whether another transaction was in the way, and is not for ever."""
    return isinstance(error, _IN_THE_WAY)


def is_not_as_read(error: BaseException) -> bool:
    """Whether rows came or went since they were looked for: the next attempt sees them."""
    return isinstance(error, _NOT_AS_READ)


def translated(error: Exception) -> Exception:
    """The error as those above the store know it; what is no fault of a statement is temporary."""
    is_broken = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    if isinstance(error, NO_ANSWER) and not is_broken:
        told: Exception = Unavailable("the store cannot answer now: try again")
        told.__cause__ = error
        return told
    if is_broken or isinstance(error, asyncpg.PostgresError):
        # Messages quote values, which are nobody's to log, but for those about a statement itself.
        is_about_sql = isinstance(error, asyncpg.SyntaxOrAccessError)
        about = str(error) if is_about_sql else type(error).__name__
        return RuntimeError(f"a statement is broken: {about}")
    return error
