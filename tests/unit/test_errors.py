"""The tree of errors: stable codes, data, and the way back from another process."""

from __future__ import annotations

import msgspec
import pytest

from contactory.domain import errors
from contactory.domain.errors import (
    ERRORS,
    ContactoryError,
    DuplicateContact,
    InvalidArgument,
    InvalidExtendedFieldValue,
    LabelsQuotaReached,
    PermissionDenied,
    RateLimited,
    Violation,
    rebuilt,
)

CODES = {
    "InsufficientContactData": "INSUFFICIENT_CONTACT_DATA",
    "MultiplePrimaryInfo": "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
    "InvalidExtendedFieldValue": "INVALID_EXTENDED_FIELD_VALUE",
    "DuplicateContact": "DUPLICATE_CONTACT_EXISTS",
    "ContactIdAlreadyExists": "CONTACT_ID_ALREADY_EXISTS",
    "ContactNotFound": "CONTACT_NOT_FOUND",
    "LabelNotFound": "LABEL_NOT_FOUND",
    "LabelsQuotaReached": "LABELS_QUOTA_REACHED",
    "FieldsQuotaExceeded": "FIELDS_QUOTA_EXCEEDED",
    "InvalidArgument": "INVALID_ARGUMENT",
    "Unauthenticated": "UNAUTHENTICATED",
    "PermissionDenied": "PERMISSION_DENIED",
    "RateLimited": "RESOURCE_EXHAUSTED",
    "Unavailable": "UNAVAILABLE",
}


def _kinds() -> list[type[ContactoryError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, ContactoryError)
        and kind is not ContactoryError
    ]


def test_codes_of_the_contract() -> None:
    assert {name: getattr(errors, name).code for name in CODES} == CODES


def test_every_error_has_a_code_of_its_own_and_is_found_by_it() -> None:
    assert {kind.code: kind for kind in _kinds()} == ERRORS
    assert len(ERRORS) == len(_kinds())
    assert ContactoryError.code not in ERRORS


@pytest.mark.parametrize("kind", _kinds(), ids=lambda kind: kind.__name__)
def test_every_error_stands_in_the_tree_that_opens_the_file(kind: type[ContactoryError]) -> None:
    assert f"── {kind.__name__}" in (errors.__doc__ or "")
    assert kind.__doc__


def test_invalid_argument_names_every_violation() -> None:
    found = [
        Violation("info.emails.items[0].email", "is not a valid email address", "FORMAT"),
        Violation("info.company", "has size 1001, expected 1000 or less", "MAX_LENGTH"),
    ]
    error = InvalidArgument(found)
    assert error.violations == found
    assert (
        str(error)
        == error.message
        == (
            "info.emails.items[0].email is not a valid email address, "
            "info.company has size 1001, expected 1000 or less"
        )
    )


def test_violation_has_the_names_of_the_wire_and_no_nulls() -> None:
    plain = Violation("info", "must not be empty", "REQUIRED_FIELD")
    assert msgspec.to_builtins(plain) == {
        "field": "info",
        "description": "must not be empty",
        "violatedRule": "REQUIRED_FIELD",
    }
    other = Violation("a", "b", "OTHER", {"x": 1}, "TYPE")
    assert msgspec.to_builtins(other)["ruleName"] == "TYPE"
    assert msgspec.to_builtins(other)["data"] == {"x": 1}


def test_duplicate_names_the_contact_and_only_what_matches() -> None:
    error = DuplicateContact("c1", email="a@b.c")
    assert error.data == {"duplicateContactId": "c1", "duplicateEmail": "a@b.c"}
    assert (error.contact_id, error.email, error.phone) == ("c1", "a@b.c", None)
    assert DuplicateContact("c1", phone="1").data == {
        "duplicateContactId": "c1",
        "duplicatePhone": "1",
    }


def test_field_values_that_do_not_fit_are_all_named() -> None:
    error = InvalidExtendedFieldValue({"custom.a": "takes a number", "b": "does not exist"})
    assert error.data == {"key": "custom.a", "keys": ["custom.a", "b"]}
    assert str(error) == "Extended field custom.a takes a number; Extended field b does not exist"


def test_quota_tells_its_numbers_as_texts() -> None:
    error = LabelsQuotaReached(1000, 1000)
    assert error.data == {"labelsQuota": "1000", "labelsCurrentTotal": "1000"}


def test_denial_names_the_permission_where_it_is_known() -> None:
    assert PermissionDenied(permission="CONTACTS.MODIFY").data == {"permission": "CONTACTS.MODIFY"}
    assert PermissionDenied().data == {}


@pytest.mark.parametrize(
    "error",
    [
        DuplicateContact("c1", email="a@b.c"),
        InvalidExtendedFieldValue({"custom.a": "takes a number"}),
        RateLimited("slow down", retry_after_s=7),
        LabelsQuotaReached(5, 5),
    ],
    ids=lambda error: error.code,
)
def test_error_of_another_process_is_the_same_error_here(error: ContactoryError) -> None:
    again = rebuilt(error.code, error.message, error.data)
    assert type(again) is type(error)
    assert again is not None
    assert (again.message, str(again), again.data) == (error.message, str(error), error.data)


def test_rebuilt_error_answers_what_its_class_promises() -> None:
    again = rebuilt("DUPLICATE_CONTACT_EXISTS", "x", {"duplicateContactId": "c1"})
    assert isinstance(again, DuplicateContact)
    assert (again.contact_id, again.email) == ("c1", None)


def test_code_that_is_not_ours_is_no_error_of_ours() -> None:
    assert rebuilt("SOMETHING_NEW", "x", {}) is None
