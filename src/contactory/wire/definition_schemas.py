"""JSON Schemas of what callers send about labels and extended fields, by operation and name."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain import field_definitions, labels
from contactory.domain.extended_fields import FieldType
from contactory.domain.field_definitions import DefinedBy
from contactory.domain.labels import LabelType


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _name(most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _paging(default: int, most: int) -> dict[str, Any]:
    limit = {"type": "integer", "minimum": 0, "maximum": most, "default": default}
    offset = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0}
    return _object(limit=limit, offset=offset)


_SORTABLE: Final = ["displayName", "createdDate", "updatedDate"]
_SORT: Final = _object(fieldName={"enum": _SORTABLE}, order={"enum": ["ASC", "DESC"]}) | {
    "required": ["fieldName"]
}
_QUERY: Final = _object(
    filter={
        "type": "object",
        "description": 'Fields with values or operators: {"displayName": {"$startsWith": "A"}}.',
    },
    sort={"anyOf": [_SORT, {"type": "array", "maxItems": 5, "items": _SORT}]},
    paging=_paging(50, 1000),
)
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": labels.LONGEST_KEY}

_SHARED: Final = {
    "key": _KEY,
    "query": _QUERY,
    "sort": _SORT,
    "namespace": {"type": "string", "minLength": 3, "maxLength": 25},
    "startsWith": {"type": "string", "minLength": 1, "maxLength": 180},
    "language": {
        "type": "string",
        "description": "The language of names that are not the site's own: en (the default) or es.",
        "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
    },
}
_LABELS: Final = {
    "displayName": _name(labels.LONGEST_NAME),
    "labelType": {"enum": list(LabelType)},
    "paging": _paging(1000, 2000),
}
_FIELDS: Final = {
    "displayName": _name(field_definitions.LONGEST_NAME),
    "dataType": {
        "enum": list(FieldType),
        "description": "Needed to make a field, and of no meaning where there is one.",
    },
    "fieldType": {"enum": list(DefinedBy)},
    "paging": _paging(100, 1000),
}

DEFINITION_PARAMETERS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "labels": _SHARED | _LABELS,
    "extended_fields": _SHARED | _FIELDS,
}
"""The schema of each argument and option, by noun and by its name on the wire."""
