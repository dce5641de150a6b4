"""The calls about the definitions of extended fields (CONTRACT B.12)."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

_FIELDS: Final = "/contacts/v4/extended-fields"
_FIELD: Final = f"{_FIELDS}/{{key}}"
_LANGUAGE: Final = ("language",)

EXTENDED_FIELD_ROUTES: Final = (
    Route(
        verb="POST",
        path=_FIELDS,
        summary="Find or create an extended field.",
        about=(
            "The field with exactly this name, letter case included; made where there is none, "
            "with a key made of its name. `newField` says which of both. `dataType` is needed to "
            "make one, and means nothing otherwise."
        ),
        operation="extended_fields.find_or_create_extended_field",
        arguments=("displayName", "dataType"),
        errors=("FIELDS_QUOTA_EXCEEDED",),
    ),
    Route(
        verb="GET",
        path=_FIELD,
        summary="Get an extended field.",
        about="The field with this key. `language` chooses the names of system fields.",
        operation="extended_fields.get_extended_field",
        arguments=("key",),
        options=_LANGUAGE,
        envelope="field",
        errors=("NOT_FOUND",),
    ),
    Route(
        verb="PATCH",
        path=_FIELD,
        summary="Rename an extended field.",
        about=(
            "Gives the field another name; its key stays. The name may stand in the body itself or "
            "in its `field`. System fields keep their names."
        ),
        operation="extended_fields.rename_extended_field",
        arguments=("key", "displayName"),
        unwraps="field",
        envelope="field",
        errors=("NOT_FOUND", "ALREADY_EXISTS", "SYSTEM_DEFINITION"),
    ),
    Route(
        verb="DELETE",
        path=_FIELD,
        summary="Delete an extended field.",
        about=(
            "Deletes the field and its values from all contacts, in steps: meanwhile some contacts "
            "show a value and some do not. System fields stay."
        ),
        operation="extended_fields.delete_extended_field",
        arguments=("key",),
        errors=("NOT_FOUND", "SYSTEM_DEFINITION"),
    ),
    Route(
        verb="GET",
        path=_FIELDS,
        summary="List extended fields.",
        about=(
            "The site's own fields, newest first, then system fields; or only those of a type, of "
            "a namespace, or whose name starts with the letters given, in which letter case counts."
        ),
        operation="extended_fields.list_extended_fields",
        options=("fieldType", "namespace", "startsWith", "sort", "paging", "language"),
        errors=("INVALID_SORT",),
    ),
    Route(
        verb="POST",
        path=f"{_FIELDS}/query",
        summary="Query extended fields.",
        about=(
            "The fields that the query's `filter` matches, in the order of its `sort`. "
            "`pagingMetadata` and `metadata` say the same."
        ),
        operation="extended_fields.find_extended_fields",
        name="queryExtendedFields",
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
)
