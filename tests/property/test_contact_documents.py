"""Stored contacts in JSON, without being read, are what they are when they are read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contactory.domain.contact_documents import ContactDocument, ContactDocuments
from contactory.domain.contact_making import EmailStatus
from contactory.domain.contact_showing import shown
from contactory.domain.contacts import Contact
from contactory.domain.errors import InsufficientContactData
from contactory.http.answers import json_answer
from tests.property.infos import rest_infos
from tests.unit.contacts_made import made

STATUSES = st.builds(
    EmailStatus,
    st.sampled_from(["NOT_SET", "SUBSCRIBED", "PENDING", "UNSUBSCRIBED"]),
    st.sampled_from(["NOT_SET", "VALID", "BOUNCED"]),
)
LOOK_ALIKES = st.dictionaries(
    st.sampled_from(["custom.subscriptionStatus", "custom.membershipStatus", "custom.a"]),
    st.sampled_from(['"members.membershipStatus":"APPROVED"', "NOT_SET", "PENDING"]),
)


@st.composite
def stored(draw: st.DrawFn) -> Contact:
    """A contact as a store may have it, of any e-mail's status, of a member or of none."""
    info: dict[str, Any] = draw(rest_infos()) | {"extendedFields": {"items": draw(LOOK_ALIKES)}}
    try:
        contact = made(info, draw(STATUSES))
    except InsufficientContactData:
        contact = made(info | {"name": {"first": "Ada"}}, draw(STATUSES))
    return shown(contact, draw(STATUSES), is_member=draw(st.booleans()))


@given(st.lists(st.tuples(stored(), STATUSES, st.booleans()), max_size=4))
def test_json_is_that_of_the_contact_that_is_read(
    drawn: list[tuple[Contact, EmailStatus, bool]],
) -> None:
    documents = ContactDocuments(
        ContactDocument(contact.to_json().decode(), status, is_member=is_member)
        for contact, status, is_member in drawn
    )
    wanted = [shown(contact, status, is_member=is_member) for contact, status, is_member in drawn]
    answered = json.loads(bytes(json_answer({"contacts": documents}).body))
    assert answered == {"contacts": [contact.to_rest() for contact in wanted]}
    assert documents == wanted
    assert list(documents) == wanted


@given(stored())
def test_what_is_shown_as_it_was_stored_is_passed_on(contact: Contact) -> None:
    email = contact.primary_email
    status = EmailStatus()
    if email is not None:
        status = EmailStatus(email.subscription_status, email.deliverability_status)
    is_member = "members.membershipStatus" in contact.info.extended_fields.items
    # Blanks tell that nobody wrote it anew.
    document = json.dumps(contact.to_rest(), indent=1)
    (told,) = ContactDocuments([ContactDocument(document, status, is_member=is_member)]).in_json
    assert told == document


def test_they_are_a_sequence() -> None:
    contacts = [made({"name": {"first": name}}) for name in ("Ada", "Mary", "Grace")]
    documents = ContactDocuments(
        ContactDocument(contact.to_json().decode(), EmailStatus(), is_member=False)
        for contact in contacts
    )
    assert (len(documents), documents[1], documents[-1]) == (3, contacts[1], contacts[2])
    assert documents[1:] == contacts[1:]
    assert contacts[:2] == documents[:2]
    assert contacts[1] in documents
    assert documents != contacts[:2]
    assert documents != [*contacts[:2], contacts[0]]
    assert documents != "Ada"
    assert repr(documents) == repr(contacts)
    assert documents[0] is documents[0]
    assert msgspec.json.decode(documents.in_json[0]) == contacts[0].to_rest()
