"""The calls about contacts (CONTRACT B.1 to B.10, B.14)."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

_CONTACTS: Final = "/contacts/v4/contacts"
WRITE_ERRORS: Final = (
    "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
    "INSUFFICIENT_CONTACT_DATA",
    "INVALID_EXTENDED_FIELD_VALUE",
    "DUPLICATE_CONTACT_EXISTS",
    "LABEL_NOT_FOUND",
    "LABELS_QUOTA_REACHED",
    "FIELDS_QUOTA_EXCEEDED",
)

QUERY_ERRORS: Final = (
    "UNSUPPORTED_SORT_FIELD",
    "ILLEGAL_LIMIT",
    "MALFORMED_FILTER",
    "UNSUPPORTED_FILTER",
    "UNSUPPORTED_FILTER_FIELD_UNKNOWN",
    "UNSUPPORTED_FILTER_OPERATOR",
    "UNSUPPORTED_FILTER_VALUE",
    "UNSUPPORTED_FILTER_VALUE_TYPE",
)

CONTACT_ROUTES: Final = (
    Route(
        verb="POST",
        path=_CONTACTS,
        summary="Create a contact.",
        about=(
            "The contact needs a name, an e-mail or a phone. It is refused when another contact "
            "has one of its e-mails, or its phone where no e-mail is given, unless "
            "`allowDuplicates` is true. Labels and custom fields that it names are made when they "
            "do not exist. The answer is the whole contact."
        ),
        operation="contacts.create_contact",
        arguments=("info",),
        options=("allowDuplicates",),
        envelope="contact",
        takes_idempotency_key=True,
        errors=(*WRITE_ERRORS, "IDEMPOTENCY_KEY_REUSED"),
    ),
    Route(
        verb="GET",
        path=f"{_CONTACTS}/{{id}}",
        summary="Get a contact.",
        about=(
            "The whole contact, or the parts that `fields` and `fieldsets` name together; `id` and "
            "`revision` always show. The id of a contact that was merged into another one answers "
            "that one, with `responseType` MERGED."
        ),
        operation="contacts.get_contact",
        arguments=("id",),
        options=("fields", "fieldsets"),
        envelope="contact",
        names_merged=True,
        errors=("CONTACT_NOT_FOUND",),
    ),
    Route(
        verb="GET",
        path=_CONTACTS,
        summary="List contacts.",
        about=(
            "Pages of all contacts, those made first coming first unless `sort` says otherwise. "
            "Whoever walks the whole list sends `cursorPaging.limit`, and then each answer's "
            "`cursors.next` as `cursorPaging.cursor`: additions and removals meanwhile shift "
            "nothing."
        ),
        operation="contacts.list_contacts",
        options=("sort", "paging", "cursorPaging", "fields", "fieldsets"),
        errors=("UNSUPPORTED_SORT_FIELD", "ILLEGAL_LIMIT"),
    ),
    Route(
        verb="POST",
        path=f"{_CONTACTS}/query",
        summary="Query contacts.",
        about=(
            "Contacts that match `query.filter`, in the order of `query.sort`, page by page. "
            "`search` finds a text that a contact has as its name, e-mail or phone."
        ),
        operation="contacts.find_contacts",
        name="queryContacts",
        arguments=("query",),
        options=("search", "omitTotal"),
        errors=QUERY_ERRORS,
    ),
    Route(
        verb="GET",
        path=f"{_CONTACTS}/count",
        summary="Count contacts.",
        about="How many contacts there are.",
        operation="contacts.count_contacts",
    ),
    Route(
        verb="PATCH",
        path=f"{_CONTACTS}/{{contactId}}",
        summary="Update a contact.",
        about=(
            "Changes what `info` names: lists as a whole, names and extended fields key by key; "
            "null and empty texts clear. With `fieldMask`, exactly the parts that it names are "
            "written. `revision` is that of the contact as it was read: when somebody else wrote "
            "it since, nothing is changed. The answer is the whole contact."
        ),
        operation="contacts.update_contact",
        arguments=("contactId", "info", "revision"),
        options=("allowDuplicates", "fieldMask"),
        envelope="contact",
        errors=(
            *WRITE_ERRORS,
            "CONTACT_NOT_FOUND",
            "CONTACT_ALREADY_CHANGED",
            "INSUFFICIENT_UPDATE_CONTACT_DATA",
            "CANNOT_UPDATE_MEMBER_EMAIL",
        ),
    ),
    Route(
        verb="DELETE",
        path=f"{_CONTACTS}/{{contactId}}",
        summary="Delete a contact.",
        about="Deletes a contact for good. That of a member stays as long as the member does.",
        operation="contacts.delete_contact",
        arguments=("contactId",),
        errors=("CONTACT_NOT_FOUND", "CANNOT_DELETE_MEMBER"),
    ),
    Route(
        verb="POST",
        path=f"{_CONTACTS}/{{contactId}}/labels",
        summary="Label a contact.",
        about="Adds labels after those that the contact has. The answer is the whole contact.",
        operation="contacts.label_contact",
        arguments=("contactId", "labelKeys"),
        envelope="contact",
        errors=("CONTACT_NOT_FOUND", "LABEL_NOT_FOUND"),
    ),
    Route(
        verb="DELETE",
        path=f"{_CONTACTS}/{{contactId}}/labels",
        summary="Unlabel a contact.",
        about="Takes labels away from a contact. The answer is the whole contact.",
        operation="contacts.unlabel_contact",
        arguments=("contactId", "labelKeys"),
        envelope="contact",
        errors=("CONTACT_NOT_FOUND", "LABEL_NOT_FOUND"),
    ),
)
