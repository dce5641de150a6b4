"""Contacts as they are stored: JSON, which is read only where somebody looks into it.

A server that answers with a page of them passes their JSON on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import eq
from typing import overload

from contactory.domain.contact_making import EmailStatus
from contactory.domain.contact_showing import is_shown_as_stored, shown
from contactory.domain.contacts import Contact


class ContactDocument:
    """One stored contact: its JSON, and what the store knows of it beside that."""

    __slots__ = ("_contact", "_document", "_is_member", "_status")

    def __init__(self, document: str, status: EmailStatus, *, is_member: bool) -> None:
        self._document = document
        self._status = status
        self._is_member = is_member
        self._contact: Contact | None = None

    @property
    def contact(self) -> Contact:
        """The contact as it is shown, read once."""
        if self._contact is None:
            stored = Contact.from_json(self._document)
            self._contact = shown(stored, self._status, is_member=self._is_member)
        return self._contact

    @property
    def json(self) -> str:
        """The contact as it is shown, in JSON with REST names."""
        if is_shown_as_stored(self._document, self._status, is_member=self._is_member):
            return self._document
        return self.contact.to_json().decode()


class ContactDocuments(Sequence[Contact]):
    """Stored contacts in an order; each is read when it is looked at."""

    def __init__(self, documents: Iterable[ContactDocument]) -> None:
        self._documents = tuple(documents)

    @overload
    def __getitem__(self, at: int) -> Contact: ...

    @overload
    def __getitem__(self, at: slice) -> ContactDocuments: ...

    def __getitem__(self, at: int | slice) -> Contact | ContactDocuments:
        if isinstance(at, slice):
            return ContactDocuments(self._documents[at])
        return self._documents[at].contact

    def __len__(self) -> int:
        return len(self._documents)

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of the same contacts."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment] # It is equal to lists, which have none.

    def __repr__(self) -> str:
        return repr(list(self))

    @property
    def in_json(self) -> list[str]:
        """Each of them as JSON with REST names."""
        return [one.json for one in self._documents]
