"""Takes an update back by what its event tells, as a reader of events may."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

TOLD_BY_THE_CONTACT = ("revision", "updatedDate")


def contact_before(current: Mapping[str, Any], modified: Mapping[str, Any]) -> dict[str, Any]:
    """The contact, in REST names, with the previous values at their paths; see `bare`."""
    contact: dict[str, Any] = copy.deepcopy(dict(current))
    for path, value in modified.items():
        *parents, last = path.split(".")
        place = contact
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return bare(contact)


def bare(contact: Mapping[str, Any]) -> dict[str, Any]:
    """The contact without what is empty, and without what each write changes."""
    kept = {name: value for name, value in contact.items() if name not in TOLD_BY_THE_CONTACT}
    without_nothing: dict[str, Any] = _without_nothing(kept)
    return without_nothing


def _without_nothing(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    found = {name: _without_nothing(item) for name, item in value.items()}
    return {name: item for name, item in found.items() if item not in (None, {}, [])}
