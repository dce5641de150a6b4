"""The calls about many contacts at once (CONTRACT B.10)."""

from __future__ import annotations

from typing import Any, Final

from contactory.wire.contacts import QUERY_ERRORS
from contactory.wire.route import Route

_BULK: Final = "/contacts/v4/bulk"
_CONTACTS: Final = f"{_BULK}/contacts"
_WHICH: Final = ("filter", "search")
_ERRORS: Final = (
    "NEITHER_FILTER_NOR_SEARCH",
    *(code for code in QUERY_ERRORS if code not in ("UNSUPPORTED_SORT_FIELD", "ILLEGAL_LIMIT")),
)
_JOB: Final = "The answer names a job, which then works on the contacts that there are now."

BULK_ROUTES: Final = (
    Route(
        verb="POST",
        path=f"{_CONTACTS}/delete",
        summary="Delete many contacts.",
        about=(
            "Deletes all contacts that match `filter`, have the text of `search`, or both. Those "
            "of members stay and count as failed, unless `deleteMember` is true, for which "
            f"`MEMBERS.MEMBER_DELETE` is needed too. {_JOB}"
        ),
        operation="contacts.bulk_delete_contacts",
        options=(*_WHICH, "deleteMember"),
        errors=_ERRORS,
    ),
    Route(
        verb="POST",
        path=f"{_CONTACTS}/update",
        summary="Update many contacts.",
        about=(
            "Writes what `info` names, or with `fieldMask` exactly the parts that it names, over "
            f"all contacts that match `filter`, have the text of `search`, or both. {_JOB}"
        ),
        operation="contacts.bulk_update_contacts",
        options=(*_WHICH, "info", "fieldMask"),
        errors=(
            *_ERRORS,
            "INSUFFICIENT_UPDATE_CONTACT_DATA",
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
            "INVALID_EXTENDED_FIELD_VALUE",
            "LABEL_NOT_FOUND",
            "LABELS_QUOTA_REACHED",
            "FIELDS_QUOTA_EXCEEDED",
        ),
    ),
    Route(
        verb="POST",
        path=f"{_CONTACTS}/add-remove-labels",
        summary="Label and unlabel many contacts.",
        about=(
            "Adds labels to all contacts that match `filter`, have the text of `search`, or both, "
            f"and takes others away. The labels must exist. {_JOB}"
        ),
        operation="contacts.bulk_label_and_unlabel_contacts",
        options=(*_WHICH, "labelKeysToAdd", "labelKeysToRemove"),
        errors=(*_ERRORS, "LABEL_NOT_FOUND"),
    ),
    Route(
        verb="GET",
        path=f"{_BULK}/jobs/{{id}}",
        summary="Get a job.",
        about=(
            "How far the work on many contacts is: NEW, RUNNING or COMPLETED, with the numbers of "
            "contacts that were done and that were not, and why not."
        ),
        operation="contacts.get_bulk_job",
        arguments=("id",),
        envelope="job",
        aliases=(f"{_BULK}/contact/jobs/{{id}}",),
        errors=("NOT_FOUND",),
    ),
    Route(
        verb="GET",
        path=f"{_BULK}/jobs",
        summary="List jobs.",
        about="The newest 100 jobs, newest first.",
        operation="contacts.list_bulk_jobs",
        envelope="jobs",
        aliases=(f"{_BULK}/contact/jobs",),
    ),
)

_LABEL_KEYS: Final = {
    "type": "array",
    "maxItems": 100,
    "items": {"type": "string", "minLength": 1, "maxLength": 80},
}

BULK_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "deleteMember": {
        "oneOf": [{"type": "boolean"}, {"enum": ["true", "false"]}],
        "default": False,
        "description": "Delete contacts of members too.",
    },
    "labelKeysToAdd": _LABEL_KEYS,
    "labelKeysToRemove": _LABEL_KEYS,
}
"""JSON Schemas of what these calls take and others do not, by name on the wire."""
