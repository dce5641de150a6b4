"""What visitors, members and programs submit of a person (CONTRACT B.13)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from contactory.domain.contact_appending import GENERAL
from contactory.domain.contact_reading import ReadInfo, read_any_info
from contactory.domain.contacts import Contact, LastActivity
from contactory.domain.errors import InsufficientContactData
from contactory.domain.identities import LONGEST_MEMBER_ID, Identity, IdentityType
from contactory.domain.problems import Problems
from contactory.kit.clock import Timestamp

LONGEST_PASS_THROUGH: Final = 300
_LONGEST_WORD: Final = 100
_SPELLINGS: Final = {
    "contact_id": "contactId",
    "pass_through_data": "passThroughData",
}
SUBMISSION_NAMES: Final = ("info", "contactId", "passThroughData", "activity", "options")
_OVERRIDES: Final = SUBMISSION_NAMES[1:]
_KNOWN: Final = frozenset((*SUBMISSION_NAMES, *_SPELLINGS))
_OPTIONS: Final = frozenset({"overrideVisitorId", "overrideMemberId"})
_ACTIVITY: Final = frozenset({"activityType", "activityDate"})

REPORTED_ACTIVITIES: Final = (
    GENERAL,
    *(
        "MEMBER_LOGIN MEMBER_REGISTER MEMBER_STATUS_CHANGED FORM_SUBMITTED INBOX_FORM_SUBMITTED "
        "INBOX_PAYMENT_REQUEST_PAID INBOX_MESSAGE_TO_CUSTOMER INBOX_MESSAGE_FROM_CUSTOMER "
        "NEWSLETTER_SUBSCRIPTION_FORM_SUBMITTED NEWSLETTER_SUBSCRIPTION_UNSUBSCRIBE "
        "NEWSLETTER_SUBSCRIPTION_SUBSCRIBE NEWSLETTER_SUBSCRIPTION_PENDING "
        "NEWSLETTER_SUBSCRIPTION_NOT_SET PHONE_SUBSCRIPTION_SUBSCRIBE PHONE_SUBSCRIPTION_PENDING "
        "PHONE_SUBSCRIPTION_NOT_SET PHONE_SUBSCRIPTION_UNSUBSCRIBE ECOM_PURCHASE ECOM_CART_ABANDON "
        "ECOM_CHECKOUT_BUYER BOOKINGS_APPOINTMENT HOTELS_RESERVATION HOTELS_PURCHASE "
        "HOTELS_CONFIRMATION HOTELS_CANCEL VIDEO_PURCHASE VIDEO_RENT CASHIER_BUTTON_PURCHASE "
        "ARENA_NEW_LEAD EVENTS_RSVP INVOICE_PAY INVOICE_OVERDUE PRICE_QUOTE_ACCEPT "
        "PRICE_QUOTE_EXPIRE RESTAURANTS_ORDER RESTAURANTS_RESERVATION SHOUTOUT_OPEN SHOUTOUT_CLICK"
    ).split(),
)
"""The activities that can be reported; others are the server's own to say (CONTRACT A.2)."""


class SubmittedAs(StrEnum):
    """Whose data was submitted: `identityType` of the answer."""

    UNKNOWN = "UNKNOWN"
    CONTACT = "CONTACT"
    MEMBER = "MEMBER"
    NOT_AUTHENTICATED_MEMBER = "NOT_AUTHENTICATED_MEMBER"


class SubmitAnswer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The contact that a submit appended to or made; `new_contact` says which of both.

    Nothing was written where it says NOT_AUTHENTICATED_MEMBER: the contact is a member's, who has
    to sign in for that.
    """

    contact_id: str
    identity_type: SubmittedAs
    new_contact: bool


class Activity(msgspec.Struct, frozen=True):
    """What the contact is reported to have done; without a date, at the time of the submit."""

    type: str = GENERAL
    date: Timestamp | None = None


class Submitter(msgspec.Struct, frozen=True):
    """The visitor or member whose data it is; other callers are neither."""

    visitor_id: str | None = None
    member_id: str | None = None


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A checked submit; `contact_id` is the contact that is named, of any person."""

    read: ReadInfo
    contact_id: str | None
    activity: Activity | None
    submitter: Submitter
    dropped: tuple[str, ...]


def overrides_in(sent: Any) -> list[str]:
    """What a submit says that needs a permission of its own (CONTRACT B.13)."""
    return [name for name in _OVERRIDES if _by_name(sent, Problems()).get(name) is not None]


def read_submission(sent: Any, identity: Identity) -> Submission:
    """Check and normalise what was submitted by this caller.

    Raises InvalidArgument with every problem, MultiplePrimaryInfo, and InsufficientContactData
    where there is no `info`.
    """
    problems = Problems()
    asked = _by_name(sent, problems)
    if asked.get("info") is None and not problems.violations:
        raise InsufficientContactData
    contact_id = problems.guid(asked.get("contactId"), "contactId")
    if problems.text(asked.get("passThroughData"), "passThroughData", LONGEST_PASS_THROUGH):
        problems.dropped.append("passThroughData")
    activity = _activity(asked.get("activity"), problems)
    submitter = _submitter(asked.get("options"), identity, problems)
    read = read_any_info(asked.get("info"), noted=problems)
    return Submission(
        read=read,
        contact_id=contact_id,
        activity=activity,
        submitter=submitter,
        dropped=tuple(problems.dropped),
    )


def with_activity(contact: Contact, activity: Activity, now: Timestamp) -> Contact:
    """The contact with this as its last activity, unless it did something later."""
    date = min(activity.date or now, now)
    last = contact.last_activity
    if last is not None and last.activity_date > date:
        return contact
    return msgspec.structs.replace(
        contact, last_activity=LastActivity(activity_date=date, activity_type=activity.type)
    )


def named_as_sent(sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a submit says, all of it under its names on the wire."""
    return {_SPELLINGS.get(name, name): value for name, value in (sent or {}).items()}


def _by_name(sent: Any, problems: Problems) -> Mapping[str, Any]:
    """The members under their names on the wire; Python's spelling of them counts too."""
    found: Mapping[str, Any] = {}
    if sent is not None:
        found = problems.mapping(sent, "submission", _KNOWN)
    return {_SPELLINGS.get(name, name): value for name, value in found.items()}


def _activity(sent: Any, problems: Problems) -> Activity | None:
    if sent is None:
        return None
    asked = problems.mapping(sent, "activity", _ACTIVITY)
    kind = problems.word(asked.get("activityType"), "activity.activityType", REPORTED_ACTIVITIES)
    text = problems.text(asked.get("activityDate"), "activity.activityDate", _LONGEST_WORD)
    date = None
    if text is not None:
        try:
            date = Timestamp.parse(text)
        except ValueError:
            problems.add_format(
                "activity.activityDate", "DATE_TIME", "is not an instant: use 2026-11-24T10:00:00Z"
            )
    return Activity(kind, date)


def _submitter(sent: Any, identity: Identity, problems: Problems) -> Submitter:
    options = problems.mapping(sent, "options", _OPTIONS)
    named = {
        name: problems.text(options.get(name), f"options.{name}", LONGEST_MEMBER_ID)
        for name in sorted(_OPTIONS)
    }
    if any(named.values()):
        return Submitter(named["overrideVisitorId"], named["overrideMemberId"])
    match identity.type:
        case IdentityType.VISITOR:
            return Submitter(visitor_id=identity.id)
        case IdentityType.MEMBER:
            return Submitter(member_id=identity.id)
        case _:
            return Submitter()
