"""Contacts of a server elsewhere: the same calls as `ops/contacts.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from contactory.domain.contact_options import (
    BULK_UPSERT_OPTIONS,
    GET_OPTIONS,
    UPDATE_OPTIONS,
    BulkUpsertOptions,
    CreateContactOptions,
    GetContactOptions,
    UpdateContactOptions,
    read_options,
    sent_allow_duplicates,
)
from contactory.domain.contact_upserting import BulkUpsertResults, UpsertedContact
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.errors import RemoteError
from contactory.domain.projection import read_projection
from contactory.domain.update_reading import sent_parts
from contactory.remote.answers import read_answer
from contactory.remote.bulk_jobs import RemoteBulkJobs
from contactory.remote.calls import Calls
from contactory.remote.contact_merges import RemoteMerges
from contactory.remote.contact_searches import RemoteSearches


class RemoteContacts(RemoteSearches, RemoteMerges, RemoteBulkJobs):
    """The contact list of a site."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
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

    async def update_contact(
        self,
        contact_id: str,
        info: ContactInfo | Mapping[str, Any],
        revision: int,
        options: UpdateContactOptions | Mapping[str, Any] | None = None,
    ) -> Contact:
        """Change what `info` names of a contact and return it whole (CONTRACT B.3, E.1)."""
        # Of a struct, a server could not tell defaults from parts to clear.
        values = {"contactId": contact_id, "info": sent_parts(info), "revision": revision}
        values |= read_options(options, UPDATE_OPTIONS)
        return _contact(await self._calls.call("contacts.update_contact", values))

    async def delete_contact(self, contact_id: str) -> None:
        """Delete a contact for good (CONTRACT B.4)."""
        await self._calls.call("contacts.delete_contact", {"contactId": contact_id})

    async def label_contact(self, contact_id: str, label_keys: Sequence[str]) -> Contact:
        """Add 1 to 100 labels to a contact and return it whole (CONTRACT B.8)."""
        values = {"contactId": contact_id, "labelKeys": label_keys}
        return _contact(await self._calls.call("contacts.label_contact", values))

    async def unlabel_contact(self, contact_id: str, label_keys: Sequence[str]) -> Contact:
        """Take 1 to 100 labels away from a contact and return it whole (CONTRACT B.8)."""
        values = {"contactId": contact_id, "labelKeys": label_keys}
        return _contact(await self._calls.call("contacts.unlabel_contact", values))

    async def upsert_contact(self, info: ContactInfo | Mapping[str, Any]) -> UpsertedContact:
        """Write over the contact that has the e-mail, or else make one (CONTRACT B.14)."""
        answer = await self._calls.call("contacts.upsert_contact", {"info": info})
        return read_answer(UpsertedContact, answer)

    async def bulk_upsert_contacts(
        self,
        infos: Sequence[ContactInfo | Mapping[str, Any]],
        options: BulkUpsertOptions | Mapping[str, Any] | None = None,
    ) -> BulkUpsertResults:
        """Upsert 1 to 100 contacts, each by itself, and say what became of each (CONTRACT B.14)."""
        values = {"info": infos, **read_options(options, BULK_UPSERT_OPTIONS)}
        answer = await self._calls.call("contacts.bulk_upsert_contacts", values)
        return read_answer(BulkUpsertResults, answer)


def _contact(plain: Any) -> Contact:
    try:
        return Contact.from_rest(plain)
    except (msgspec.ValidationError, ValueError) as error:
        raise RemoteError(f"the server's answer is no contact: {error}") from error
