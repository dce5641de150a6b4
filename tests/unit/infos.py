"""Builds what callers send as `info`, and reads what is said of a wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.contact_reading import read_info
from contactory.domain.errors import InvalidArgument, Violation

GUID = "37db3bde-83c0-4ca2-8097-88964a2f343b"
OTHER_GUID = "ed1d7da0-b4a1-4164-81b7-c49dedc25dd7"


def info(**more: Any) -> dict[str, Any]:
    """The smallest `info`, and more."""
    return {"name": {"first": "John"}} | more


def email(**more: Any) -> dict[str, Any]:
    return info(emails={"items": [{"email": "john@example.com"} | more]})


def phone(**more: Any) -> dict[str, Any]:
    return info(phones={"items": [{"phone": "6465676359"} | more]})


def address(**more: Any) -> dict[str, Any]:
    return info(addresses={"items": [{"address": {"city": "NY"} | more}]})


def violations(sent: Any) -> list[Violation]:
    with pytest.raises(InvalidArgument) as caught:
        read_info(sent)
    return caught.value.violations


def refused(sent: Any) -> tuple[str, str, str, dict[str, Any] | None]:
    """The path, rule, description and data of the one violation."""
    (one,) = violations(sent)
    return one.field, one.violated_rule, one.description, one.data
