"""Merges contacts into one of them (CONTRACT E.2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final

import msgspec

from contactory.domain.contact_filling import filled_info
from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus, with_info
from contactory.domain.contact_parts import KEY_PARTS, MOST_ITEMS, primary_of
from contactory.domain.contacts import Contact, ContactInfo, LastActivity
from contactory.domain.errors import IllegalMerge
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp

CONTACT_MERGED: Final = "CONTACT_MERGED"
_MOST_SOURCES: Final = 5
_LONGEST_ID: Final = 100
_SHOWN: Final = {
    "emails": "e-mail addresses",
    "phones": "phones",
    "addresses": "addresses",
    "label_keys": "labels",
    "locations": "locations",
    "assigned_user_ids": "assigned users",
}


def read_source_ids(sent: Any, problems: Problems, *, path: str = "sourceContactIds") -> list[str]:
    """The 1 to 5 ids of the sources, in lower case; notes every problem.

    One id alone may stand without its list.
    """
    if sent is None or sent in ("", [], ()):
        problems.add(path, "REQUIRED_FIELD", "must not be empty")
        return []
    if isinstance(sent, str):
        sent = [sent]
    if not isinstance(sent, list | tuple):
        problems.wrong_kind(path, "a list of contact ids")
        return []
    if len(sent) > _MOST_SOURCES:
        problems.too_large(path, len(sent), _MOST_SOURCES, "MAX_SIZE")
        return []
    places = [(item, f"{path}[{at}]") for at, item in enumerate(sent)]
    guids = [
        problems.guid(problems.required(item, where, _LONGEST_ID), where) for item, where in places
    ]
    return [guid for guid in guids if guid is not None]


def check_merge(
    target_id: str, source_ids: Any, *, noted: Problems | None = None
) -> tuple[str, ...]:
    """The ids of the sources, checked, in the order in which they were sent.

    Raises InvalidArgument unless there are 1 to 5 GUIDs, then IllegalMerge where the target is
    among them, or one of them stands twice.
    """
    problems = noted or Problems()
    found = read_source_ids(source_ids, problems)
    problems.check()
    if target_id.lower() in found:
        raise IllegalMerge("A contact cannot be merged into itself", contactId=target_id.lower())
    twice = next((one for at, one in enumerate(found) if one in found[:at]), None)
    if twice is not None:
        raise IllegalMerge("A source can be merged only once: send its id once", contactId=twice)
    return tuple(found)


def merged_contact(
    target: Contact,
    sources: Sequence[Contact],
    *,
    now: Timestamp,
    status: EmailStatus = NOTHING_RECORDED,
) -> Contact:
    """The target with everything that it lacks and a source has, first sources first.

    Nothing of the target is overwritten. Its primary e-mail and phone stay; where it has none,
    those of the first source that has become primary. The primary phone shows in its normal form
    where it is new, else as before (CONTRACT A.3). `status` is what is recorded of the e-mail that
    is primary afterwards.

    Raises IllegalMerge where a list would become longer than CONTRACT A.4 allows.
    """
    info = reduce(filled_info, (source.info for source in sources), target.info)
    _check_limits(info)
    shown = target.primary_info.phone if target.primary_info else None
    if shown is None and (primary := primary_of(info.phones.items)) is not None:
        shown = primary.phone
    written = msgspec.structs.replace(
        target,
        revision=target.revision + 1,
        updated_date=now,
        last_activity=LastActivity(activity_date=now, activity_type=CONTACT_MERGED),
    )
    return with_info(written, info, phone_as_sent=shown, status=status)


def _check_limits(info: ContactInfo) -> None:
    limits = dict.fromkeys(("emails", "phones", "addresses"), MOST_ITEMS) | KEY_PARTS
    for name, most in limits.items():
        if (size := len(getattr(info, name).items)) > most:
            raise IllegalMerge(
                f"The merged contact would have {size} {_SHOWN[name]}: it can have {most}",
                threshold=most,
            )
