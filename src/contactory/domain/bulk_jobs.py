"""Work on many contacts at once: what is asked for, and how far it is (CONTRACT B.10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec

from contactory.domain.contact_options import label_keys_in, read_options
from contactory.domain.contact_selection import Selection
from contactory.domain.contacts import ContactInfo
from contactory.domain.errors import ContactoryError, MalformedRequest, NeitherFilterNorSearch
from contactory.domain.exact_search import read_exact_search
from contactory.domain.extended_fields import FieldType
from contactory.domain.filter_fields import contact_lookup
from contactory.domain.filter_reading import read_filter
from contactory.domain.filters import EVERYTHING
from contactory.domain.problems import Problems
from contactory.domain.update_reading import ReadUpdate, read_update
from contactory.kit.clock import Timestamp

MOST_LISTED: Final = 100
DELETE_OPTIONS: Final = frozenset({"filter", "search", "deleteMember"})
UPDATE_OPTIONS: Final = frozenset({"filter", "search", "info", "fieldMask"})
LABEL_OPTIONS: Final = frozenset({"filter", "search", "labelKeysToAdd", "labelKeysToRemove"})

_ITEM_CODES: Final = {"CANNOT_DELETE_MEMBER": "CANNOT_DELETE_SITE_MEMBERS"}
"""Errors of single contacts that have another code in jobs (CONTRACT B.10)."""


class BulkJobType(StrEnum):
    """What a job does with each of its contacts."""

    DELETE = "DELETE"
    UPDATE = "UPDATE"
    ADD_LABELS = "ADD_LABELS"
    REMOVE_LABELS = "REMOVE_LABELS"
    ADD_REMOVE_LABELS = "ADD_REMOVE_LABELS"


class BulkJobStatus(StrEnum):
    """How far a job is: nobody works at it yet, somebody does, or all is done."""

    NEW = "NEW"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


class BulkJobError(msgspec.Struct, frozen=True):
    """Why so many contacts were left as they are; the message is that of the first."""

    count: int
    code: str
    message: str


class BulkJob(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How far the work on many contacts is.

    `total_items` are the contacts that matched when the work began; at the end, those that were
    worked on. Until the work begins, `started_date` is when it was ordered. `processed_count` and
    `failed_count` are the counters under their old names.
    """

    id: str
    type: BulkJobType
    status: BulkJobStatus
    started_date: Timestamp
    finished_date: Timestamp | None = None
    total_items: int
    success_total: int
    failed_total: int
    errors: tuple[BulkJobError, ...]
    processed_count: int
    failed_count: int


class StartedBulkJob(msgspec.Struct, frozen=True, rename="camel"):
    """The id of the job that was made."""

    job_id: str


class _Options(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Which contacts: those that match the filter (CONTRACT D) and have the text of the search."""

    filter: Mapping[str, Any] | None = None
    search: str | None = None


class BulkDeleteContactsOptions(_Options, frozen=True, kw_only=True):
    """Options of `bulk_delete_contacts`; with `delete_member`, members go too."""

    delete_member: bool = False


class BulkUpdateContactsOptions(_Options, frozen=True, kw_only=True):
    """Options of `bulk_update_contacts`; `field_mask` lists paths such as `name.last`."""

    info: ContactInfo | Mapping[str, Any] | None = None
    field_mask: Sequence[str] | None = None


class BulkLabelContactsOptions(_Options, frozen=True, kw_only=True):
    """Options of `bulk_label_and_unlabel_contacts`: up to 100 keys each."""

    label_keys_to_add: Sequence[str] = ()
    label_keys_to_remove: Sequence[str] = ()


class BulkRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One bulk call, as it was sent. `types` are those of the custom fields that it filters by."""

    type: BulkJobType
    filter: Any = None
    search: Any = None
    types: dict[str, FieldType] = {}
    deletes_members: bool = False
    info: Any = None
    field_mask: Any = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def selection(self) -> Selection:
        """The contacts that are meant.

        Raises the errors of filters (CONTRACT D.5), InvalidArgument, and NeitherFilterNorSearch
        where there is no condition at all.
        """
        tree = read_filter(self.filter, contact_lookup(self.types), path="filter")
        exact = read_exact_search(self.search, path="search")
        if tree == EVERYTHING and exact is None:
            raise NeitherFilterNorSearch
        return Selection(filter=tree, exact=exact)

    def update(self, noted: Problems | None = None) -> ReadUpdate:
        """What is written over each contact; each reading gives new entries new ids.

        Raises InvalidArgument, InsufficientUpdateContactData and MultiplePrimaryInfo.
        """
        return read_update(self.info, field_mask=self.field_mask, noted=noted)

    def to_json(self) -> str:
        """The form in which jobs keep it. Raises MalformedRequest for what has no form in JSON."""
        try:
            return json.dumps(self, default=_plain)
        except (TypeError, ValueError, RecursionError) as error:
            raise MalformedRequest(f"The call cannot be kept as JSON: {error}") from error

    @classmethod
    def from_json(cls, text: str) -> BulkRequest:
        """The reverse of `to_json`."""
        return msgspec.convert(json.loads(text), cls)


def read_bulk_options(options: Any, known: frozenset[str]) -> Mapping[str, Any]:
    """The options of a bulk call by their names on the wire. Raises InvalidArgument."""
    if isinstance(options, msgspec.Struct):
        # An info inside must stay what it is: only there can be seen what it does not name.
        options = _sent_parts(options)
    return read_options(options, known)


def delete_request(chosen: Mapping[str, Any]) -> BulkRequest:
    """The bulk deletion that the options ask for. Raises InvalidArgument."""
    problems = Problems()
    with_members = problems.flag(chosen.get("deleteMember"), "deleteMember")
    problems.check()
    return BulkRequest(
        type=BulkJobType.DELETE,
        filter=chosen.get("filter"),
        search=chosen.get("search"),
        deletes_members=bool(with_members),
    )


def update_request(chosen: Mapping[str, Any]) -> BulkRequest:
    """The bulk update that the options ask for; its info is not read yet."""
    return BulkRequest(
        type=BulkJobType.UPDATE,
        filter=chosen.get("filter"),
        search=chosen.get("search"),
        info=chosen.get("info"),
        field_mask=chosen.get("fieldMask"),
    )


def label_request(chosen: Mapping[str, Any]) -> BulkRequest:
    """The change of labels that the options ask for. Raises InvalidArgument."""
    problems = Problems()
    added = label_keys_in(chosen.get("labelKeysToAdd"), "labelKeysToAdd", problems)
    removed = label_keys_in(chosen.get("labelKeysToRemove"), "labelKeysToRemove", problems)
    if not (added or removed or problems.violations):
        problems.add(
            "labelKeysToAdd",
            "REQUIRED_ONE_OF_FIELD",
            "must have a key, unless labelKeysToRemove has one",
            supported=["labelKeysToAdd", "labelKeysToRemove"],
        )
    problems.check()
    kind = BulkJobType.ADD_LABELS if added else BulkJobType.REMOVE_LABELS
    return BulkRequest(
        type=BulkJobType.ADD_REMOVE_LABELS if added and removed else kind,
        filter=chosen.get("filter"),
        search=chosen.get("search"),
        added=tuple(added),
        removed=tuple(removed),
    )


def item_error(error: ContactoryError) -> BulkJobError:
    """Why one contact was left as it is."""
    return BulkJobError(1, _ITEM_CODES.get(error.code, error.code), error.message)


def with_error(errors: Sequence[BulkJobError], error: BulkJobError) -> tuple[BulkJobError, ...]:
    """The errors with one more, counted beside others of its code."""
    known = [one.code for one in errors]
    if error.code not in known:
        return (*errors, error)
    return tuple(
        msgspec.structs.replace(one, count=one.count + error.count)
        if one.code == error.code
        else one
        for one in errors
    )


def _sent_parts(struct: msgspec.Struct) -> dict[str, Any]:
    """The parts that do not stand at their defaults, by their names on the wire."""
    return {
        field.encode_name: part
        for field in msgspec.structs.fields(struct)
        if (part := getattr(struct, field.name)) is not field.default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return _sent_parts(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
