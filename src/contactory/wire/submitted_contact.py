"""The call with which anybody submits a contact (CONTRACT B.13)."""

from __future__ import annotations

from typing import Final

from contactory.wire.route import Route

SUBMITTED_CONTACT_ROUTES: Final = (
    Route(
        verb="POST",
        path="/contacts/v4/contact-submit",
        summary="Submit a contact.",
        about=(
            "Adds `info` to the contact that it is about, or makes one: a member's own, or the "
            "one that has the e-mail, or the phone, or the one that this visitor submitted before. "
            "Nothing that is there is overwritten. To the contact of a member who is not signed in "
            "nothing is written; `identityType` then is NOT_AUTHENTICATED_MEMBER. All but `info` "
            "needs the permission `CONTACTS.SUBMIT_WITH_OVERRIDES`."
        ),
        operation="submitted_contact.append_or_create_contact",
        options=("info", "contactId", "passThroughData", "activity", "options"),
        errors=(
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
            "INSUFFICIENT_CONTACT_DATA",
            "INSUFFICIENT_PERMISSION",
            "CONTACT_NOT_FOUND",
            "INVALID_EXTENDED_FIELD_VALUE",
            "LABEL_NOT_FOUND",
            "LABELS_QUOTA_REACHED",
            "FIELDS_QUOTA_EXCEEDED",
        ),
    ),
)
