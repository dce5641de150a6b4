"""Names that would be ignored where they stand, although whoever sent them counts on them.

Names without a meaning are ignored (CONTRACT 1.3). But a filter that is ignored gives a caller the
contacts that it wanted to leave out, so such names are refused, and the answer says where they go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contactory.domain.errors import Violation

_MEMBERS: Final = ("filter", "sort", "paging", "cursorPaging", "fields", "fieldsets")
_CONTACTS: Final = "/contacts/v4/contacts"
_FACETS: Final = f"{_CONTACTS}/facets/query"
_DEFINITIONS: Final = {"labels": "labels", "extended_fields": "extended-fields"}
_BULK_CALLS: Final = (
    "contacts.bulk_delete_contacts",
    "contacts.bulk_update_contacts",
    "contacts.bulk_label_and_unlabel_contacts",
)


def misplaced(operation: str, sent: Mapping[str, Any]) -> list[Violation]:
    """What stands at a wrong place of a call; null counts as not sent."""
    return [
        Violation(path, advice, "OTHER", None, "WRONG_PLACE")
        for path, names, advice in _BY_OPERATION.get(operation, ())
        if _found(sent, names) is not None
    ]


def _found(sent: Any, names: Sequence[str]) -> Any:
    for name in names:
        if not isinstance(sent, Mapping):
            return None
        sent = sent.get(name)
    return sent


def _into(place: str, *names: str) -> dict[str, str]:
    return {name: f"belongs into {place}: send {place}.{name}" for name in names}


def _instead(use: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, f"is not possible here: use {use}")


def _of_definitions(noun: str, segment: str) -> dict[str, dict[str, str]]:
    by_name = 'query.filter, such as {"displayName": {"$startsWith": "A"}}'
    query = f"POST /contacts/v4/{segment}/query"
    return {
        f"{noun}.find_{noun}": {
            **_into("query", *_MEMBERS),
            **_instead(by_name, "search", "query.search"),
        },
        f"{noun}.list_{noun}": _instead(query, "filter", "search", "query"),
    }


_ELSEWHERE: Final[dict[str, dict[str, str]]] = {
    "contacts.create_contact": {"contact": "has no meaning here: send info itself"},
    "contacts.update_contact": {
        "contact": "has no meaning here: send info and revision themselves"
    },
    "contacts.find_contacts": {
        **_into("query", *_MEMBERS),
        "query.search": "belongs beside query: send search",
        "query.query": "stands in another query: send one",
    },
    "contacts.list_contacts": _instead(f"POST {_CONTACTS}/query", "filter", "search", "query"),
    "contacts.count_contacts": _instead(
        f"POST {_CONTACTS}/query, whose answer has the total", "filter", "search", "query"
    ),
    "contacts.search_contacts": {
        **_into("search", *_MEMBERS),
        **{
            f"{place}{name}": f"belongs into search.search: send search.search.{name}"
            for place in ("", "search.")
            for name in ("expression", "mode", "fuzzy")
        },
        "query": "belongs into search: send search.filter and the like",
    },
    "contacts.list_facets": _instead(f"POST {_FACETS}", "filter", "queryFilter", "query"),
    "contacts.query_facets": {
        "query": "has no meaning here: send filter and paging themselves",
        **_instead("filter", "search"),
    },
    **{call: {"query": "has no meaning here: send filter itself"} for call in _BULK_CALLS},
    **{
        operation: names
        for noun, segment in _DEFINITIONS.items()
        for operation, names in _of_definitions(noun, segment).items()
    },
}
"""Where to send what, by operation and path."""

_BY_OPERATION: Final = {
    operation: [(path, path.split("."), advice) for path, advice in places.items()]
    for operation, places in _ELSEWHERE.items()
}
