"""Options of calls about contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.problems import Problems

CREATE_OPTIONS: Final = frozenset({"allowDuplicates", "allow_duplicates"})
GET_OPTIONS: Final = frozenset({"fields", "fieldsets"})


class CreateContactOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `create_contact`."""

    allow_duplicates: bool = False


class GetContactOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `get_contact`: which parts to show (CONTRACT D.6)."""

    fields: Sequence[str] = ()
    fieldsets: Sequence[str] = ()


def read_options(options: Any, known: frozenset[str]) -> Mapping[str, Any]:
    """Options as a mapping; a name that is no option is a mistake worth refusing.

    Raises InvalidArgument.
    """
    if isinstance(options, msgspec.Struct):
        options = msgspec.to_builtins(options)
    problems = Problems()
    chosen = problems.mapping(options, "options", known)
    for path in problems.dropped:
        problems.add(path, "FIELD_NOT_ALLOWED", "is not an option of this call")
    problems.check()
    return chosen


def sent_allow_duplicates(options: Any) -> Any:
    """What the options say of duplicates, in either spelling; None where nothing."""
    if options is None:
        return None
    chosen = read_options(options, CREATE_OPTIONS)
    return chosen.get("allowDuplicates", chosen.get("allow_duplicates"))
