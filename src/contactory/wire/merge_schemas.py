"""JSON Schemas of what callers send about merges, by operation and name."""

from __future__ import annotations

from typing import Any, Final

_GUID: Final = {"type": "string", "format": "uuid"}
_MERGE: Final = {
    "type": ["string", "null"],
    "format": "uuid",
    "description": "The merge, as the list of merges names it; null is the target's latest one.",
}
_TARGET: Final = {
    "anyOf": [_GUID, {"const": "-"}],
    "description": "The target of the merge; - where `mergeId` alone says which merge it is.",
}
_UNDOING: Final = ("contacts.unmerge_contacts", "contacts.preview_unmerge_contacts")

MERGE_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "targetContactId": _GUID,
    "targetContactRevision": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": "The revision of the target as it was read.",
    },
    "sourceContactIds": {"type": "array", "minItems": 1, "maxItems": 5, "items": _GUID},
    **{f"{operation} mergeId": _MERGE for operation in _UNDOING},
    **{f"{operation} targetContactId": _TARGET for operation in _UNDOING},
    "contacts.unmerge_contacts allowDuplicates": {
        "oneOf": [{"type": "boolean"}, {"enum": ["true", "false"]}],
        "default": False,
        "description": "Undo the merge although others have an e-mail or phone of theirs by now.",
    },
}
"""The schema of each argument and option, by its name on the wire."""
