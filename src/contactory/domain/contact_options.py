"""Options of calls about contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from contactory.domain.labels import LONGEST_KEY
from contactory.domain.problems import Problems

CREATE_OPTIONS: Final = frozenset({"allowDuplicates"})
GET_OPTIONS: Final = frozenset({"fields", "fieldsets"})
LIST_OPTIONS: Final = GET_OPTIONS | {"sort", "paging", "cursorPaging"}
FIND_OPTIONS: Final = frozenset({"search", "omitTotal"})
UPDATE_OPTIONS: Final = CREATE_OPTIONS | {"fieldMask"}
BULK_UPSERT_OPTIONS: Final = frozenset({"returnFullEntity"})
MOST_LABEL_KEYS: Final = 100
_CAPITAL: Final = re.compile("[A-Z]")
_LARGEST_REVISION: Final = 2**31 - 1


class CreateContactOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `create_contact`."""

    allow_duplicates: bool = False


class GetContactOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `get_contact`: which parts to show (CONTRACT D.6)."""

    fields: Sequence[str] = ()
    fieldsets: Sequence[str] = ()


class ListContactsOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `list_contacts`: order, page, and which parts to show (CONTRACT B.5)."""

    sort: Mapping[str, Any] | None = None
    paging: Mapping[str, Any] | None = None
    cursor_paging: Mapping[str, Any] | None = None
    fields: Sequence[str] = ()
    fieldsets: Sequence[str] = ()


class FindContactsOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of queries: a text to search for, and whether totals are left out (CONTRACT B.6)."""

    search: str | None = None
    omit_total: bool = False


class UpdateContactOptions(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """Options of `update_contact`; `field_mask` lists paths such as `name.last`."""

    allow_duplicates: bool = False
    field_mask: Sequence[str] | None = None


class BulkUpsertOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `bulk_upsert_contacts`: whether the results hold the contacts (CONTRACT B.14)."""

    return_full_entity: bool = False


def read_options(options: Any, known: frozenset[str]) -> Mapping[str, Any]:
    """Options by their names on the wire; Python's spelling of them (`field_mask`) counts too.

    A name that is no option is a mistake worth refusing. Raises InvalidArgument.
    """
    if isinstance(options, msgspec.Struct):
        options = msgspec.to_builtins(options)
    problems = Problems()
    spelled = known | {_snake_case(name) for name in known}
    chosen = problems.mapping(options, "options", spelled)
    for path in problems.dropped:
        problems.add(path, "FIELD_NOT_ALLOWED", "is not an option of this call")
    problems.check()
    return {
        name: chosen.get(name, chosen.get(_snake_case(name)))
        for name in known
        if _is_sent(chosen, name)
    }


def _is_sent(chosen: Mapping[str, Any], name: str) -> bool:
    return name in chosen or _snake_case(name) in chosen


def _snake_case(name: str) -> str:
    return _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)


def sent_allow_duplicates(options: Any) -> Any:
    """What the options of a create say of duplicates; None where nothing."""
    return None if options is None else read_options(options, CREATE_OPTIONS).get("allowDuplicates")


def read_revision(sent: Any, path: str, problems: Problems) -> int:
    """The revision that a write names, 0 where problems say why there is none."""
    if sent is None or sent == "":
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
        return 0
    if isinstance(sent, Mapping):
        problems.wrong_kind(path, "a whole number: send the revision itself, as 17")
        return 0
    return problems.whole(sent, path, 0, _LARGEST_REVISION) or 0


def read_label_keys(sent: Any, path: str = "labelKeys") -> list[str]:
    """The 1 to 100 keys of labels to add or take away. Raises InvalidArgument."""
    problems = Problems()
    keys = label_keys_in(sent, path, problems)
    if not keys and not problems.violations:
        problems.add(path, "MIN_SIZE", "has size 0, expected 1 or more", threshold=1)
    problems.check()
    return keys


def label_keys_in(sent: Any, path: str, problems: Problems) -> list[str]:
    """At most 100 keys of labels, each once; they may stand with commas in one string."""
    if sent is None:
        return []
    items = [sent] if isinstance(sent, str) else sent
    if not isinstance(items, list | tuple):
        problems.wrong_kind(path, "a list of label keys")
        return []
    if len(items) > MOST_LABEL_KEYS:
        problems.too_large(path, len(items), MOST_LABEL_KEYS, "MAX_SIZE")
        return []
    keys: dict[str, None] = {}
    for at, item in enumerate(items):
        for key in item.split(",") if isinstance(item, str) else [item]:
            text = problems.required(key, f"{path}[{at}]", LONGEST_KEY)
            if text is not None:
                keys[text] = None
    return list(keys)
