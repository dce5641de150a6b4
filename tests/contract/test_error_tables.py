"""Every error has a status and an exit code."""

from __future__ import annotations

import pytest

from contactory.cli.exit_codes import EXIT_CODES
from contactory.domain import errors
from contactory.domain.errors import ERRORS, ContactoryError
from contactory.http.errors import STATUS


@pytest.mark.parametrize("table", [STATUS, EXIT_CODES], ids=["http", "cli"])
def test_a_table_names_every_error_and_nothing_else(
    table: dict[type[ContactoryError], int],
) -> None:
    assert table.keys() == set(ERRORS.values())


def test_no_error_looks_like_success() -> None:
    assert all(400 <= status < 600 for status in STATUS.values())
    assert all(1 <= code < 126 for code in EXIT_CODES.values())


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InvalidArgument, 2),
        (errors.PermissionDenied, 3),
        (errors.ContactNotFound, 4),
        (errors.DuplicateContact, 5),
        (errors.RateLimited, 7),
        (errors.Unavailable, 8),
        (errors.StoreDamaged, 9),
        (errors.RemoteError, 10),
    ],
)
def test_scripts_can_rely_on_these_codes(kind: type[ContactoryError], code: int) -> None:
    assert EXIT_CODES[kind] == code
