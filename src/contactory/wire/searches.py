"""The call that searches contacts by words (CONTRACT B.14)."""

from __future__ import annotations

from typing import Final

from contactory.wire.contacts import QUERY_ERRORS
from contactory.wire.route import Route

SEARCH_ROUTES: Final = (
    Route(
        verb="POST",
        path="/contacts/v4/contacts/search",
        summary="Search contacts.",
        about=(
            "Contacts that have the words of `search.search.expression` in their names, e-mails, "
            "phones or companies, whatever the letter case and the accents; the last word may be "
            "a beginning, and a phone may be written in any way. `fuzzy` also finds words that are "
            "one typo apart. `search.filter` restricts them further. Pages go by cursor: "
            "`cursorPagingMetadata.cursors.next` is the next `search.cursorPaging.cursor`. With "
            "`search.paging` they go by offset, and `pagingMetadata` has the total."
        ),
        operation="contacts.search_contacts",
        arguments=("search",),
        errors=QUERY_ERRORS,
    ),
)
