"""Every error that callers can meet. Each carries a stable code and data, never a status.

ContactoryError
├── InvalidArgument              every problem of the input, with its path
├── MalformedRequest             not JSON, too deep, of the wrong kind
├── RequestTooLarge
├── InsufficientContactData      no name, no e-mail, no phone
├── InsufficientUpdateContactData  an update that names nothing
├── MultiplePrimaryInfo          two primary e-mails or phones
├── InvalidExtendedFieldValue    value does not fit the field, or no such field
├── DuplicateContact             somebody else has the e-mail or phone
├── ContactIdAlreadyExists
├── ContactAlreadyChanged        somebody has written it since the revision that was sent
├── ContactNotFound
├── CannotUpdateMemberEmail
├── CannotDeleteMember
├── IllegalMerge                 a contact with itself or twice, or too much for one contact
├── FailedPrecondition           things are not as the call needs them
├── LabelNotFound
├── LabelsQuotaReached
├── FieldsQuotaExceeded
├── SystemDefinition             a label or field that every site has and nobody changes
├── MalformedFilter              a filter of the wrong kind
├── UnsupportedFilter            a construct that filters do not have, or too large a filter
├── UnknownFilterField           contacts have no such field to filter by
├── UnsupportedFilterField       labels and extended fields have none
├── UnsupportedFilterOperator    the field does not take it
├── UnsupportedFilterValue       the value is none of the field's
├── UnsupportedFilterValueType   the value is of another JSON kind
├── UnsupportedSortField         contacts cannot be sorted by it
├── InvalidSort                  labels and extended fields cannot
├── IllegalLimit                 a limit or offset out of range
├── NeitherFilterNorSearch       a bulk call that does not say which contacts
├── IdempotencyKeyReused
├── Unauthenticated
├── PermissionDenied
├── InsufficientPermission       a submit that says more than its caller may
├── NotFound                     a site, key, app, user, label, field, web method or route
├── MethodNotAllowed             a path that takes other verbs
├── AlreadyExists                a name in use
├── RateLimited
├── Unavailable                  try again later
├── StoreDamaged                 a file that is not, or no longer, a store of ours
├── NoContext                    nobody is acting: a mistake of the calling program
└── RemoteError                  the server answered with something we do not know
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec


class Violation(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One problem of the input (CONTRACT C.4)."""

    field: str
    description: str
    violated_rule: str
    data: dict[str, Any] | None = None
    rule_name: str | None = None

    def __str__(self) -> str:
        return f"{self.field} {self.description}"


class ContactoryError(Exception):
    """Root of all errors of this library. `code` is for programs, the message for people."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.message = message
        self.data = {key: value for key, value in data.items() if value is not None}


class InvalidArgument(ContactoryError):
    """The input breaks rules; `violations` names every one of them."""

    code = "INVALID_ARGUMENT"

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(", ".join(map(str, violations)))
        self.violations = violations


class MalformedRequest(ContactoryError):
    """The request cannot be read at all."""

    code = "MALFORMED_REQUEST"


class RequestTooLarge(ContactoryError):
    """The request is larger than the server takes."""

    code = "REQUEST_TOO_LARGE"


class InsufficientContactData(ContactoryError):
    """A contact needs a name, an e-mail or a phone (CONTRACT B.1)."""

    code = "INSUFFICIENT_CONTACT_DATA"

    def __init__(self) -> None:
        super().__init__("Contact must have at least a name, an email address or a phone number")


class InsufficientUpdateContactData(ContactoryError):
    """The update names nothing that could be changed (CONTRACT B.3)."""

    code = "INSUFFICIENT_UPDATE_CONTACT_DATA"

    def __init__(self) -> None:
        super().__init__("Nothing to update: info must name at least one field of a contact")


class MultiplePrimaryInfo(ContactoryError):
    """More than one primary e-mail, or more than one primary phone (CONTRACT A.5)."""

    code = "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO"

    def __init__(self, kind: str) -> None:
        super().__init__(f"Only one of the {kind} can be primary: send one with primary true")


class InvalidExtendedFieldValue(ContactoryError):
    """Values that do not fit their fields' data types, or fields that do not exist (CONTRACT A.8).

    `reasons` says by key what is wrong; data names the first key, and all of them.
    """

    code = "INVALID_EXTENDED_FIELD_VALUE"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        listed = (f"Extended field {key} {reason}" for key, reason in reasons.items())
        super().__init__("; ".join(listed), key=next(iter(reasons)), keys=list(reasons))


class DuplicateContact(ContactoryError):
    """Another contact has this e-mail or phone (CONTRACT F)."""

    code = "DUPLICATE_CONTACT_EXISTS"

    def __init__(
        self, contact_id: str, *, email: str | None = None, phone: str | None = None
    ) -> None:
        super().__init__(
            "Duplicate contact already exists",
            duplicateContactId=contact_id,
            duplicateEmail=email,
            duplicatePhone=phone,
        )

    def __str__(self) -> str:
        return f"{self.message}: {self.contact_id}"

    @property
    def contact_id(self) -> str:
        """The id of the contact that is already there."""
        return str(self.data["duplicateContactId"])

    @property
    def email(self) -> str | None:
        """The e-mail that it has too, where that is the reason."""
        return self.data.get("duplicateEmail")

    @property
    def phone(self) -> str | None:
        """The phone that it has too, where that is the reason."""
        return self.data.get("duplicatePhone")


class ContactIdAlreadyExists(ContactoryError):
    """The id chosen for a new contact is taken."""

    code = "CONTACT_ID_ALREADY_EXISTS"

    def __init__(self) -> None:
        super().__init__("A contact with this id already exists: try again")


class ContactNotFound(ContactoryError):
    """No contact of this site has the id."""

    code = "CONTACT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Contact not found")


class ContactAlreadyChanged(ContactoryError):
    """The contact has another revision than the caller knows (CONTRACT B.3)."""

    code = "CONTACT_ALREADY_CHANGED"

    def __init__(self) -> None:
        super().__init__("Contact has been updated since the requested revision.")


class CannotUpdateMemberEmail(ContactoryError):
    """The primary e-mail of a member's contact is changed by the member alone (CONTRACT B.3)."""

    code = "CANNOT_UPDATE_MEMBER_EMAIL"

    def __init__(self) -> None:
        super().__init__("The primary e-mail of a site member cannot be changed")


class CannotDeleteMember(ContactoryError):
    """A contact that belongs to a site member stays (CONTRACT B.4)."""

    code = "CANNOT_DELETE_MEMBER"

    def __init__(self) -> None:
        super().__init__("The contact of a site member cannot be deleted")


class IllegalMerge(ContactoryError):
    """These contacts cannot be merged: one of them twice, or too many items (CONTRACT E.2)."""

    code = "ILLEGAL_MERGE"


class FailedPrecondition(ContactoryError):
    """Something is not as the call needs it, such as a revision or a source (CONTRACT B.7)."""

    code = "FAILED_PRECONDITION"


class LabelNotFound(ContactoryError):
    """One or more label keys do not exist."""

    code = "LABEL_NOT_FOUND"

    def __init__(self, keys: list[str]) -> None:
        super().__init__(f"Label not found: {', '.join(keys)}", labelKeys=keys)


class LabelsQuotaReached(ContactoryError):
    """The site has as many labels of its own as it may have."""

    code = "LABELS_QUOTA_REACHED"

    def __init__(self, quota: int, total: int) -> None:
        super().__init__(
            f"This site can have {quota} labels of its own: delete one first",
            labelsQuota=str(quota),
            labelsCurrentTotal=str(total),
        )


class FieldsQuotaExceeded(ContactoryError):
    """The site has as many custom fields as it may have."""

    code = "FIELDS_QUOTA_EXCEEDED"

    def __init__(self, quota: int) -> None:
        super().__init__(f"This site can have {quota} custom fields: delete one first")


class SystemDefinition(ContactoryError):
    """A system label or field can be neither renamed nor deleted (CONTRACT B.11, B.12)."""

    code = "SYSTEM_DEFINITION"

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(
            f"{key} is a {kind} that every site has: it can be neither renamed nor deleted", key=key
        )


class MalformedFilter(ContactoryError):
    """A filter, or the operand of an operator, is of the wrong JSON kind (CONTRACT D.5).

    The data of this error and its likes: `path` in the request, `field`, `operator`.
    """

    code = "MALFORMED_FILTER"


class UnsupportedFilter(ContactoryError):
    """A filter holds a construct that there is not, or more than a filter may hold."""

    code = "UNSUPPORTED_FILTER"


class UnknownFilterField(ContactoryError):
    """Contacts cannot be filtered by the field."""

    code = "UNSUPPORTED_FILTER_FIELD_UNKNOWN"


class UnsupportedFilterField(ContactoryError):
    """Labels or extended fields cannot be filtered by the field."""

    code = "UNSUPPORTED_FILTER_FIELD"


class UnsupportedFilterOperator(ContactoryError):
    """The operator is unknown, or the field does not take it."""

    code = "UNSUPPORTED_FILTER_OPERATOR"


class UnsupportedFilterValue(ContactoryError):
    """A value that the field cannot have: outside of its words, no date, too long."""

    code = "UNSUPPORTED_FILTER_VALUE"


class UnsupportedFilterValueType(ContactoryError):
    """A value of another JSON kind than the field's."""

    code = "UNSUPPORTED_FILTER_VALUE_TYPE"


class UnsupportedSortField(ContactoryError):
    """Contacts cannot be sorted like this."""

    code = "UNSUPPORTED_SORT_FIELD"


class InvalidSort(ContactoryError):
    """Labels or extended fields cannot be sorted like this."""

    code = "INVALID_SORT"


class IllegalLimit(ContactoryError):
    """A limit or an offset is out of range (CONTRACT D.5, D.7)."""

    code = "ILLEGAL_LIMIT"


class NeitherFilterNorSearch(ContactoryError):
    """A bulk call names no contacts: it never means all of them (CONTRACT B.10)."""

    code = "NEITHER_FILTER_NOR_SEARCH"

    def __init__(self) -> None:
        super().__init__(
            "Say which contacts are meant: send a filter that is not empty, or a search"
        )


class IdempotencyKeyReused(ContactoryError):
    """The idempotency key was used with another body within its 24 hours."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used for another request: send a new key with a new request"
        )


class Unauthenticated(ContactoryError):
    """Who calls is not known: no credentials, or wrong, expired or revoked ones."""

    code = "UNAUTHENTICATED"


class PermissionDenied(ContactoryError):
    """Who calls is known and may not do this."""

    code = "PERMISSION_DENIED"

    def __init__(
        self, message: str = "Permission Denied", *, permission: str | None = None
    ) -> None:
        super().__init__(message, permission=permission)


class InsufficientPermission(ContactoryError):
    """A submit names what only callers with a permission of its own may name (CONTRACT B.13)."""

    code = "INSUFFICIENT_PERMISSION"

    def __init__(self, permission: str, named: list[str]) -> None:
        super().__init__(
            f"{', '.join(named)} may be sent with the permission {permission} only",
            permission=permission,
        )


class NotFound(ContactoryError):
    """A site, key, app, client, user, web method or route that does not exist here."""

    code = "NOT_FOUND"


class MethodNotAllowed(ContactoryError):
    """The path exists and takes other verbs."""

    code = "METHOD_NOT_ALLOWED"


class AlreadyExists(ContactoryError):
    """A name that must be unique is taken."""

    code = "ALREADY_EXISTS"


class RateLimited(ContactoryError):
    """Too many requests; try again after `retry_after_s` seconds."""

    code = "RESOURCE_EXHAUSTED"

    def __init__(self, message: str, *, retry_after_s: int, limit: int | None = None) -> None:
        super().__init__(message, retryAfterSeconds=retry_after_s, limit=limit)

    @property
    def retry_after_s(self) -> int:
        """How many seconds to wait."""
        return int(self.data.get("retryAfterSeconds", 1))


class Unavailable(ContactoryError):
    """The store cannot answer now; nothing was written. Try again after `retry_after_s` seconds."""

    code = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message, retryAfterSeconds=retry_after_s)

    @property
    def retry_after_s(self) -> int:
        """How many seconds to wait."""
        return int(self.data.get("retryAfterSeconds", 1))


class StoreDamaged(ContactoryError):
    """A file is no store of this program, or is damaged."""

    code = "STORE_DAMAGED"


class NoContext(ContactoryError):
    """A module-level call was made where nobody is acting."""

    code = "NO_CONTEXT"

    def __init__(self) -> None:
        super().__init__(
            "Nobody is acting here: call inside a web method, "
            "or inside `async with crm.acting_as(identity):`"
        )


class RemoteError(ContactoryError):
    """The server answered with an error that this version does not know."""

    code = "REMOTE_ERROR"


def _all_below(kind: type[ContactoryError]) -> list[type[ContactoryError]]:
    return [found for below in kind.__subclasses__() for found in (below, *_all_below(below))]


ERRORS: Final = {kind.code: kind for kind in _all_below(ContactoryError)}
"""Every error by its code."""


def rebuilt(code: str, message: str, data: dict[str, Any]) -> ContactoryError | None:
    """The error that another process told of; None for a code that is not ours."""
    kind = ERRORS.get(code)
    if kind is None or kind is InvalidArgument:
        return None
    error = kind.__new__(kind)
    ContactoryError.__init__(error, message, **data)
    return error
