"""The calls about labels (CONTRACT B.11)."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

_LABELS: Final = "/contacts/v4/labels"
_LABEL: Final = f"{_LABELS}/{{key}}"
_LANGUAGE: Final = ("language",)

LABEL_ROUTES: Final = (
    Route(
        verb="POST",
        path=_LABELS,
        summary="Find or create a label.",
        about=(
            "The label with exactly this name, letter case included; made where there is none, "
            "with a key made of its name. `newLabel` says which of both."
        ),
        operation="labels.find_or_create_label",
        arguments=("displayName",),
        options=_LANGUAGE,
        errors=("LABELS_QUOTA_REACHED",),
    ),
    Route(
        verb="GET",
        path=_LABEL,
        summary="Get a label.",
        about="The label with this key. `language` chooses the names of system labels.",
        operation="labels.get_label",
        arguments=("key",),
        options=_LANGUAGE,
        envelope="label",
        errors=("NOT_FOUND",),
    ),
    Route(
        verb="PATCH",
        path=_LABEL,
        summary="Rename a label.",
        about=(
            "Gives the label another name; its key stays. The name may stand in the body itself or "
            "in its `label`. System labels keep their names."
        ),
        operation="labels.rename_label",
        arguments=("key", "displayName"),
        options=_LANGUAGE,
        unwraps="label",
        envelope="label",
        errors=("NOT_FOUND", "ALREADY_EXISTS", "SYSTEM_DEFINITION"),
    ),
    Route(
        verb="DELETE",
        path=_LABEL,
        summary="Delete a label.",
        about=(
            "Deletes the label and takes it off every contact, in steps: meanwhile some contacts "
            "show it and some do not. System labels stay."
        ),
        operation="labels.delete_label",
        arguments=("key",),
        errors=("NOT_FOUND", "SYSTEM_DEFINITION"),
    ),
    Route(
        verb="GET",
        path=_LABELS,
        summary="List labels.",
        about=(
            "The site's own labels, newest first, then system labels; or only those of a type, of "
            "a namespace, or whose name starts with the letters given, in which letter case counts."
        ),
        operation="labels.list_labels",
        options=("labelType", "namespace", "startsWith", "sort", "paging", "language"),
        errors=("INVALID_SORT",),
    ),
    Route(
        verb="POST",
        path=f"{_LABELS}/query",
        summary="Query labels.",
        about=(
            "The labels that the query's `filter` matches, in the order of its `sort`. "
            "`pagingMetadata` and `metadata` say the same."
        ),
        operation="labels.find_labels",
        name="queryLabels",
        arguments=("query",),
        options=_LANGUAGE,
        errors=(
            "INVALID_SORT",
            "MALFORMED_FILTER",
            "UNSUPPORTED_FILTER",
            "UNSUPPORTED_FILTER_FIELD",
            "UNSUPPORTED_FILTER_OPERATOR",
            "UNSUPPORTED_FILTER_VALUE",
            "UNSUPPORTED_FILTER_VALUE_TYPE",
        ),
    ),
    Route(
        verb="GET",
        path=f"{_LABELS}/namespaces",
        summary="List the namespaces of labels.",
        about="The first parts of labels' keys, with the names under which people see them.",
        operation="labels.list_label_namespaces",
        options=_LANGUAGE,
        envelope="namespaces",
    ),
)
