"""The one table from errors to exit codes."""

from __future__ import annotations

from typing import Final

from contactory.domain import errors
from contactory.domain.errors import ContactoryError

EXIT_CODES: Final[dict[type[ContactoryError], int]] = {
    errors.InvalidArgument: 2,
    errors.MalformedRequest: 2,
    errors.RequestTooLarge: 2,
    errors.InsufficientContactData: 2,
    errors.InsufficientUpdateContactData: 2,
    errors.MultiplePrimaryInfo: 2,
    errors.InvalidExtendedFieldValue: 2,
    errors.DuplicateContact: 5,
    errors.ContactIdAlreadyExists: 5,
    errors.ContactNotFound: 4,
    errors.ContactAlreadyChanged: 5,
    errors.CannotUpdateMemberEmail: 5,
    errors.CannotDeleteMember: 5,
    errors.IllegalMerge: 2,
    errors.FailedPrecondition: 5,
    errors.LabelNotFound: 4,
    errors.LabelsQuotaReached: 7,
    errors.FieldsQuotaExceeded: 7,
    errors.SystemDefinition: 3,
    errors.MalformedFilter: 2,
    errors.UnsupportedFilter: 2,
    errors.UnknownFilterField: 2,
    errors.UnsupportedFilterField: 2,
    errors.UnsupportedFilterOperator: 2,
    errors.UnsupportedFilterValue: 2,
    errors.UnsupportedFilterValueType: 2,
    errors.UnsupportedSortField: 2,
    errors.InvalidSort: 2,
    errors.IllegalLimit: 2,
    errors.NeitherFilterNorSearch: 2,
    errors.IdempotencyKeyReused: 5,
    errors.Unauthenticated: 3,
    errors.PermissionDenied: 3,
    errors.InsufficientPermission: 3,
    errors.NotFound: 4,
    errors.MethodNotAllowed: 10,
    errors.AlreadyExists: 5,
    errors.RateLimited: 7,
    errors.Unavailable: 8,
    errors.StoreDamaged: 9,
    errors.NoContext: 1,
    errors.RemoteError: 10,
}

USAGE: Final = 2
"""A command line that cannot be understood."""

FAILED: Final = 1
"""Anything else, and `check` when it finds damage."""

INTERRUPTED: Final = 130
"""Ended by the interrupt key, as shells count it: 128 and the signal's number."""
