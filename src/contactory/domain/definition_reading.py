"""Reads what callers ask of labels and extended fields: names, lists and queries (CONTRACT D.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.contact_options import read_options
from contactory.domain.errors import InvalidArgument
from contactory.domain.filter_fields import FieldLookup
from contactory.domain.filter_reading import read_filter
from contactory.domain.filters import EVERYTHING, Filter, SortEntry
from contactory.domain.languages import Language, read_language
from contactory.domain.paging import MOST_ITEMS, Paging, read_paging
from contactory.domain.problems import Problems
from contactory.domain.sorting import read_sort

LANGUAGE_OPTIONS: Final = frozenset({"language"})
_SHORTEST_NAMESPACE: Final = 3
_LONGEST_NAMESPACE: Final = 25
_LONGEST_PREFIX: Final = 180
_QUERY: Final = frozenset({"filter", "sort", "paging", "cursorPaging", "fields", "fieldsets"})
_NOTHING_TO_PROJECT: Final = ("fields", "fieldsets")


class DefinitionOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of calls that show labels or extended fields: the language of names of ours."""

    language: str | None = None


class ListDefinitionsOptions(DefinitionOptions, frozen=True, kw_only=True):
    """Options of calls that list: only those with this namespace, name; in which order and page."""

    namespace: str | None = None
    starts_with: str | None = None
    sort: Mapping[str, Any] | None = None
    paging: Mapping[str, Any] | None = None


class ListLabelsOptions(ListDefinitionsOptions, frozen=True, kw_only=True):
    """Options of `list_labels`."""

    label_type: str | None = None


class ListExtendedFieldsOptions(ListDefinitionsOptions, frozen=True, kw_only=True):
    """Options of `list_extended_fields`."""

    field_type: str | None = None


class Kind(msgspec.Struct, frozen=True):
    """What tells labels and extended fields apart where they are listed and queried.

    `type_name` is the member that says who defined one, `types` its values.
    """

    type_name: str
    types: tuple[str, ...]
    lookup: FieldLookup
    default_limit: int
    most: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which definitions are asked for, in which order, language and page."""

    language: Language
    sort: tuple[SortEntry, ...]
    paging: Paging
    filter: Filter = EVERYTHING
    is_of: Mapping[str, str] = {}
    prefix: str = ""


def read_display_name(problems: Problems, sent: Any, most: int) -> str:
    """A name of 1 to `most` characters without the blanks around it."""
    return problems.required(sent, "displayName", most) or ""


def read_shown_language(problems: Problems, options: Any) -> Language:
    """The language that options name, which have nothing else."""
    return read_language(problems, read_options(options, LANGUAGE_OPTIONS).get("language"))


def read_list_options(options: Any, type_name: str) -> dict[str, Any]:
    """All options of a list, by their names on the wire. Raises InvalidArgument for others."""
    names = {"startsWith": "starts_with", type_name: _snake(type_name)}
    names |= {name: name for name in ("namespace", "sort", "paging", "language")}
    chosen = read_options(options, frozenset((*names, *names.values())))
    return {name: chosen.get(name, chosen.get(other)) for name, other in names.items()}


def read_listing(options: Any, kind: Kind) -> Asked:
    """What a list is asked for. Raises InvalidArgument with all that is wrong, and InvalidSort."""
    sent = read_list_options(options, kind.type_name)
    problems = Problems()
    language = read_language(problems, sent["language"])
    wanted = {
        kind.type_name: _word(problems, sent[kind.type_name], kind),
        "namespace": _namespace(problems, sent["namespace"]),
    }
    prefix = problems.text(_single(sent["startsWith"]), "startsWith", _LONGEST_PREFIX)
    paging = _paging(problems, sent["paging"], "paging", kind.default_limit, kind.most)
    problems.check()
    return Asked(
        language=language,
        sort=read_sort(sent["sort"], kind.lookup, path="sort"),
        paging=paging,
        is_of={name: value for name, value in wanted.items() if value},
        prefix=prefix or "",
    )


def read_query(query: Any, options: Any, kind: Kind) -> tuple[Asked, list[str]]:
    """What a query asks for, and the paths of what it holds that means nothing.

    Raises InvalidArgument with all that is wrong, the errors of filters, and InvalidSort.
    """
    problems = Problems()
    language = read_shown_language(problems, options)
    sent = problems.mapping(query, "query", _QUERY)
    if sent.get("cursorPaging"):
        problems.add(
            "query.cursorPaging", "FIELD_NOT_ALLOWED", "is for contacts: use query.paging here"
        )
    paging = _paging(problems, sent.get("paging"), "query.paging")
    problems.check()
    ignored = [f"query.{name}" for name in _NOTHING_TO_PROJECT if sent.get(name)]
    asked = Asked(
        language=language,
        filter=read_filter(sent.get("filter"), kind.lookup),
        sort=read_sort(sent.get("sort"), kind.lookup),
        paging=paging,
    )
    return asked, [*problems.dropped, *ignored]


def _paging(
    problems: Problems, sent: Any, path: str, default: int = 50, most: int = MOST_ITEMS
) -> Paging:
    try:
        return read_paging(sent, path=path, default=default, most=most, as_violations=True)
    except InvalidArgument as error:
        problems.violations += error.violations
        return Paging(default)


def _word(problems: Problems, sent: Any, kind: Kind) -> str | None:
    value = _single(sent)
    if value is None or value == "":
        return None
    return problems.word(value, kind.type_name, kind.types)


def _namespace(problems: Problems, sent: Any) -> str | None:
    text = problems.text(_single(sent), "namespace", _LONGEST_NAMESPACE)
    if text is not None and len(text) < _SHORTEST_NAMESPACE:
        problems.add(
            "namespace",
            "MIN_LENGTH",
            f"has size {len(text)}, expected {_SHORTEST_NAMESPACE} or more",
            threshold=_SHORTEST_NAMESPACE,
        )
    return text


def _single(value: Any) -> Any:
    """The value itself; of a URL's parameter, the one that it has."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
