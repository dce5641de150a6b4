"""Contacts to create, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from contactory.domain.contacts import Contact
from contactory.domain.errors import DuplicateContact
from contactory.ops.crm import Crm

Info = dict[str, Any]


def person(number: int, *emails: str) -> Info:
    """Somebody with a name of their own and these e-mails, the letters in another case each."""
    items = [{"email": email.upper() if number % 2 else email} for email in emails]
    info: Info = {"name": {"first": f"Person {number}"}}
    return info | ({"emails": {"items": items}} if items else {})


def caller(number: int, phone: str) -> Info:
    """Somebody with a name of their own, this phone, and no e-mail."""
    phones = [{"phone": phone, "countryCode": "US"}]
    return {"name": {"first": f"Caller {number}"}, "phones": {"items": phones}}


async def create_all(
    crm: Crm, infos: Iterable[Info], options: Mapping[str, Any] | None = None
) -> list[Contact | BaseException]:
    """What each of the creates that run at once returns or raises."""
    creates = [crm.contacts.create_contact(info, options) for info in infos]
    return await asyncio.gather(*creates, return_exceptions=True)


def one_winner(outcomes: list[Contact | BaseException]) -> str:
    """The id of the only contact made; all the others were refused and name it."""
    winners = [outcome for outcome in outcomes if isinstance(outcome, Contact)]
    assert len(winners) == 1
    losers = [outcome for outcome in outcomes if not isinstance(outcome, Contact)]
    assert all(isinstance(loser, DuplicateContact) for loser in losers), losers
    named = {loser.contact_id for loser in losers if isinstance(loser, DuplicateContact)}
    assert named == {winners[0].id}
    return str(winners[0].id)
