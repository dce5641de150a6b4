"""The calls about contacts (CONTRACT B.1 to B.10, B.14)."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

_CONTACTS: Final = "/contacts/v4/contacts"
_WRITE_ERRORS: Final = (
    "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
    "INSUFFICIENT_CONTACT_DATA",
    "INVALID_EXTENDED_FIELD_VALUE",
    "DUPLICATE_CONTACT_EXISTS",
    "LABEL_NOT_FOUND",
    "LABELS_QUOTA_REACHED",
    "FIELDS_QUOTA_EXCEEDED",
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
        errors=(*_WRITE_ERRORS, "IDEMPOTENCY_KEY_REUSED"),
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
)
