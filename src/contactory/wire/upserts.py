"""The calls that write over a contact or make it (CONTRACT B.14)."""

from __future__ import annotations

from typing import Final

from contactory.wire.contacts import WRITE_ERRORS
from contactory.wire.route import Route

UPSERT_ROUTES: Final = (
    Route(
        verb="POST",
        path="/contacts/v4/contacts/upsert",
        summary="Update or create a contact.",
        about=(
            "Writes over the contact that has the first known e-mail (or the phone, where no "
            "e-mail is sent), or else makes one; `action` says which. Single values that are sent "
            "overwrite, entries of lists are added, and nothing is taken away."
        ),
        operation="contacts.upsert_contact",
        arguments=("info",),
        errors=WRITE_ERRORS,
    ),
    Route(
        verb="POST",
        path="/contacts/v4/bulk/contacts/upsert",
        summary="Update or create contacts.",
        about=(
            "Upserts 1 to 100 contacts, each by itself: `results` say what became of each, and the "
            "errors of those that failed. With `returnFullEntity` they hold the contacts."
        ),
        operation="contacts.bulk_upsert_contacts",
        arguments=("info",),
        options=("returnFullEntity",),
    ),
)
