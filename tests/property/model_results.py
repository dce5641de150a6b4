"""What calls do to a site of the model, before it is kept."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tests.property.model import Person


class Source(msgspec.Struct, frozen=True):
    """What a merge took away: a contact, its visitors, and what others shared with it then."""

    person: Person
    visitors: tuple[str, ...]
    shared: frozenset[str]


class Merge(msgspec.Struct, kw_only=True):
    """A merge as it was done; `shared` is what others shared with the target then."""

    id: str
    before: Person
    after: Person
    sources: Sequence[Source]
    shared: frozenset[str]
    is_undone: bool = False

    @property
    def target(self) -> str:
        return self.before.id


class Undone(msgspec.Struct, frozen=True):
    """The contacts after a merge is undone."""

    target: Person | None
    sources: Sequence[Person]


class Submitted(msgspec.Struct, frozen=True):
    """What a submit does: the contact as it must be then, how it is called, whether it is new."""

    person: Person
    kind: str
    is_new: bool
    is_written: bool = True
