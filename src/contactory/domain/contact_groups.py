"""Groups of contacts that are counted: those with the same statuses, of a label or of all.

Totals of filters on statuses, and facets, are sums over groups, of which there are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import msgspec

from contactory.domain.contact_making import CONSENTING, UNSUBSCRIBED
from contactory.domain.contact_showing import APPROVED
from contactory.domain.contacts import Contact
from contactory.domain.extended_fields import MEMBERSHIP_STATUS
from contactory.domain.filter_fields import EXTENDED
from contactory.domain.filters import All, AnyOf, Field, Filter, Not, Value

EVERYBODY: Final = ""
"""Stands for all contacts where a label's key would stand."""

_STATUSES: Final = f"{EXTENDED}emailSubscriptions."
_RECORDED_SUBSCRIPTION: Final = "primaryEmail.subscriptionStatus"
_SUBSCRIPTION: Final = f"{_STATUSES}subscriptionStatus"
_EFFECTIVE_EMAIL: Final = f"{_STATUSES}effectiveEmail"
_DELIVERABILITY: Final = (
    "primaryEmail.deliverabilityStatus",
    f"{_STATUSES}deliverabilityStatus",
)
_MEMBERSHIP: Final = f"{EXTENDED}{MEMBERSHIP_STATUS}"
_KNOWN: Final = frozenset(
    {_RECORDED_SUBSCRIPTION, _SUBSCRIPTION, _EFFECTIVE_EMAIL, _MEMBERSHIP, *_DELIVERABILITY}
)
_NONE: Final = "-"


class Group(msgspec.Struct, frozen=True):
    """What contacts have alike: the recorded statuses of their e-mail, None without one."""

    subscription: str | None
    deliverability: str | None
    is_member: bool

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """The group of a contact that shows everything."""
        email = contact.primary_email
        is_member = MEMBERSHIP_STATUS in contact.info.extended_fields.items
        if email is None:
            return cls(None, None, is_member)
        return cls(email.subscription_status, email.deliverability_status, is_member)

    @classmethod
    def named(cls, name: str) -> Self:
        """The group whose name this is."""
        subscription, deliverability, member = name.split("/")
        return cls(
            None if subscription == _NONE else subscription,
            None if deliverability == _NONE else deliverability,
            member != _NONE,
        )

    @property
    def name(self) -> str:
        """How stores name the group."""
        member = APPROVED if self.is_member else _NONE
        return f"{self.subscription or _NONE}/{self.deliverability or _NONE}/{member}"

    def values(self, field: Field) -> Sequence[Value]:
        """The values of a contact of this group, for fields that groups tell (CONTRACT A.8)."""
        if field.path == _MEMBERSHIP:
            return (APPROVED,) if self.is_member else ()
        if self.subscription is None or self.deliverability is None:
            return ()
        if field.path in _DELIVERABILITY:
            return (self.deliverability,)
        if field.path == _RECORDED_SUBSCRIPTION:
            return (self.subscription,)
        consents = self.subscription in CONSENTING
        if field.path == _EFFECTIVE_EMAIL:
            return ("present",) if consents else ()
        return (self.subscription if consents else UNSUBSCRIBED,)


def tells_groups_apart(tree: Filter) -> bool:
    """Whether all of a filter is about what a group has alike."""
    match tree:
        case All(parts) | AnyOf(parts):
            return all(map(tells_groups_apart, parts))
        case Not(part):
            return tells_groups_apart(part)
        case _:
            return tree.field.path in _KNOWN
