"""JSON Schemas of queries of contacts (CONTRACT B.5, B.6, D)."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.filter_fields import CONTACT_FIELDS
from contactory.domain.paging import DEFAULT_LIMIT, LARGEST_OFFSET, MOST_ITEMS

_LIMIT: Final = {
    "type": "integer",
    "minimum": 0,
    "maximum": MOST_ITEMS,
    "default": DEFAULT_LIMIT,
}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


FIELDS: Final = {
    "type": "array",
    "maxItems": 100,
    "items": {"type": "string"},
    "description": "Parts to show, such as info.name.",
}
FIELDSETS: Final = {
    "type": "array",
    "maxItems": 10,
    "items": {"enum": ["BASIC", "COMMUNICATION_DETAILS", "EXTENDED", "FULL"]},
    "description": "Named sets of parts to show; FULL when neither is given.",
}
FILTER: Final = {
    "type": "object",
    "description": (
        'Fields with values or operators: {"info.name.last": {"$startsWith": "D"}}; $and, $or and '
        "$not combine such objects."
    ),
}
SORT: Final = _object(
    fieldName={
        "type": "string",
        "description": "One of "
        + ", ".join(path for path, field in CONTACT_FIELDS.items() if field.is_sortable)
        + ", or a custom field, such as info.extendedFields.custom.age.",
    },
    order={"enum": ["ASC", "DESC"]},
) | {"required": ["fieldName"]}
PAGING: Final = _object(
    limit=_LIMIT,
    offset={"type": "integer", "minimum": 0, "maximum": LARGEST_OFFSET, "default": 0},
)
CURSOR_PAGING: Final = _object(
    limit=_LIMIT,
    cursor={
        "type": "string",
        "description": "The cursor of the page before; none for the first page.",
    },
)
QUERY: Final = _object(
    filter=FILTER,
    sort={"anyOf": [SORT, {"type": "array", "maxItems": 5, "items": SORT}]},
    paging=PAGING,
    cursorPaging=CURSOR_PAGING,
    fields=FIELDS,
    fieldsets=FIELDSETS,
)
