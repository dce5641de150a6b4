"""JSON Schemas of searches, facets, upserts and submits, by operation and name."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.identities import LONGEST_MEMBER_ID
from contactory.domain.search_reading import COLUMN_OF, LONGEST_EXPRESSION, SearchMode
from contactory.domain.submissions import LONGEST_PASS_THROUGH, REPORTED_ACTIVITIES
from contactory.wire import query_schemas

_FLAG: Final = {"oneOf": [{"type": "boolean"}, {"enum": ["true", "false"]}]}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _text(most: int, description: str) -> dict[str, Any]:
    return {"type": "string", "maxLength": most, "description": description}


_WORDS: Final = _object(
    expression=_text(LONGEST_EXPRESSION, "Words; the last may be a beginning."),
    mode={"enum": list(SearchMode), "default": SearchMode.AND},
    fields={
        "type": "array",
        "maxItems": 20,
        "items": {"enum": list(COLUMN_OF)},
        "description": "Where to look for the words; everywhere when absent.",
    },
    fuzzy={**_FLAG, "default": False, "description": "Also find words that are one typo apart."},
)
_LANGUAGE: Final = {
    "type": "string",
    "description": "The language of names: en (the default) or es.",
    "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
}
_STATUS_FILTER: Final = query_schemas.FILTER | {
    "description": (
        "On the subscriptionStatus, deliverabilityStatus and effectiveEmail of "
        "info.extendedFields.emailSubscriptions."
    )
}

SEARCH_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "contacts.search_contacts search": _object(
        **query_schemas.QUERY["properties"], search={"anyOf": [_WORDS, {"type": "string"}]}
    ),
    "contacts.list_facets language": _LANGUAGE,
    "contacts.query_facets language": _LANGUAGE,
    "contacts.query_facets filter": _STATUS_FILTER,
    "queryFilter": _STATUS_FILTER,
    "omitCount": {**_FLAG, "default": False, "description": "Leave the counts out of the answer."},
    "returnFullEntity": {
        **_FLAG,
        "default": False,
        "description": "Whether the results hold the contacts.",
    },
    "passThroughData": _text(LONGEST_PASS_THROUGH, "Not stored."),
    "activity": _object(
        activityType={"enum": list(REPORTED_ACTIVITIES)},
        activityDate={"type": "string", "format": "date-time"},
    )
    | {"description": "What the contact shows as its last activity."},
    "options": _object(
        overrideVisitorId=_text(LONGEST_MEMBER_ID, "The visitor for whom this is submitted."),
        overrideMemberId=_text(LONGEST_MEMBER_ID, "The member for whom this is submitted."),
    ),
}
