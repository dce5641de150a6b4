"""Contacts of a server elsewhere: the same calls as `ops/contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contactory.domain.contact_options import (
    GET_OPTIONS,
    CreateContactOptions,
    GetContactOptions,
    read_options,
    sent_allow_duplicates,
)
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.errors import RemoteError
from contactory.domain.projection import read_projection
from contactory.remote.calls import Calls


class RemoteContacts:
    """The contact list of a site."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def create_contact(
        self,
        info: ContactInfo | Mapping[str, Any],
        options: CreateContactOptions | Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Contact:
        """Create a contact and return it whole (CONTRACT B.1).

        `info` is a ContactInfo, or a mapping in REST names or the seed's; it needs a name, an
        e-mail or a phone. With an `idempotency_key`, the same call within 24 hours answers the
        first result again; so it is then repeated when the connection fails.

        Raises what the embedded call raises, MalformedRequest for what cannot be sent,
        Unauthenticated, RequestTooLarge, RateLimited, Unavailable and RemoteError.
        """
        values = {"info": info}
        if (allow := sent_allow_duplicates(options)) is not None:
            values["allowDuplicates"] = allow
        return _contact(
            await self._calls.call(
                "contacts.create_contact", values, idempotency_key=idempotency_key
            )
        )

    async def get_contact(
        self,
        contact_id: str,
        options: GetContactOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """The contact with this id, whole or the parts that the options name (CONTRACT B.2).

        Raises what the embedded call raises, Unauthenticated, RateLimited, Unavailable and
        RemoteError.
        """
        chosen = read_options(options, GET_OPTIONS)
        read_projection(chosen.get("fields"), chosen.get("fieldsets"))
        return _contact(
            await self._calls.call("contacts.get_contact", {"id": contact_id, **chosen})
        )


def _contact(plain: Any) -> Contact:
    try:
        return Contact.from_rest(plain)
    except (msgspec.ValidationError, ValueError) as error:
        raise RemoteError(f"the server's answer is no contact: {error}") from error
