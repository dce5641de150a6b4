"""Many creators in one process."""

from __future__ import annotations

import asyncio
import random

import pytest

from contactory.domain.contacts import Contact
from contactory.domain.errors import DuplicateContact, LabelsQuotaReached, Unavailable
from contactory.ops.crm import Crm
from contactory.ops.settings import Settings
from tests.concurrency.people import caller, create_all, one_winner, person
from tests.concurrency.stored import half_written, read_stored
from tests.stores import StoreUnderTest

pytestmark = pytest.mark.anyio

CREATORS = 64


async def test_of_64_creators_of_one_email_one_wins_and_the_others_name_it(
    crm: Crm, store: StoreUnderTest
) -> None:
    outcomes = await create_all(crm, [person(at, "same@example.com") for at in range(CREATORS)])
    winner = one_winner(outcomes)
    stored = read_stored(store)
    assert stored.contacts.keys() == {winner}
    assert stored.holders("same@example.com") == [winner]
    assert half_written(stored) == []


async def test_of_64_creators_of_one_phone_without_email_one_wins(
    crm: Crm, store: StoreUnderTest
) -> None:
    spellings = ["6465676359", "(646) 567-6359", "+1 646 567 6359", "646-567-6359"]
    outcomes = await create_all(crm, [caller(at, spellings[at % 4]) for at in range(CREATORS)])
    winner = one_winner(outcomes)
    stored = read_stored(store)
    assert stored.contacts.keys() == {winner}
    assert half_written(stored) == []


async def test_a_thousand_distinct_creates_at_once_are_all_there(
    crm: Crm, store: StoreUnderTest
) -> None:
    infos = [person(at, f"one-{at}@example.com", f"two-{at}@example.com") for at in range(1000)]
    outcomes = await create_all(crm, infos)
    made = [outcome.id for outcome in outcomes if isinstance(outcome, Contact)]
    assert len(set(made)) == 1000
    stored = read_stored(store)
    assert stored.contacts.keys() == set(made)
    assert len(stored.emails) == 2000
    assert sorted(stored.created) == sorted(map(str, made))
    assert half_written(stored) == []


async def test_creators_of_the_same_two_emails_in_either_order_all_get_an_answer(
    crm: Crm, store: StoreUnderTest
) -> None:
    pair = ["a@example.com", "b@example.com"]
    infos = [person(at, *(pair if at % 2 else reversed(pair))) for at in range(CREATORS)]
    one_winner(await create_all(crm, infos))
    assert half_written(read_stored(store)) == []


async def test_chains_of_overlapping_emails_leave_no_email_with_two_holders(
    crm: Crm, store: StoreUnderTest
) -> None:
    infos = [
        person(at, f"link-{at}@example.com", f"link-{at + 1}@example.com") for at in range(CREATORS)
    ]
    random.Random(7).shuffle(infos)
    outcomes = await create_all(crm, infos)
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Contact)]
    stored = read_stored(store)
    assert len(stored.contacts) == CREATORS - len(refused)
    for outcome in refused:
        assert isinstance(outcome, DuplicateContact)
        assert stored.holders(str(outcome.email)) == [outcome.contact_id]
    assert half_written(stored) == []


async def test_an_exclusive_creator_that_comes_after_an_allowed_one_is_refused(
    crm: Crm, store: StoreUnderTest
) -> None:
    allowed, refused = await asyncio.gather(
        crm.contacts.create_contact(person(1, "both@example.com"), {"allowDuplicates": True}),
        crm.contacts.create_contact(person(2, "both@example.com")),
        return_exceptions=True,
    )
    assert isinstance(allowed, Contact)
    if isinstance(refused, Contact):
        assert store.kind == "postgres"  # Where neither waits for the other, either may be first.
        assert len(read_stored(store).holders("both@example.com")) == 2
        return
    assert isinstance(refused, DuplicateContact)
    assert refused.contact_id == allowed.id
    assert read_stored(store).holders("both@example.com") == [allowed.id]


async def test_allowed_duplicates_among_exclusive_creators_are_all_made(
    crm: Crm, store: StoreUnderTest
) -> None:
    allowed = [
        crm.contacts.create_contact(person(at, "mix@example.com"), {"allowDuplicates": True})
        for at in range(16)
    ]
    exclusive = [crm.contacts.create_contact(person(at, "mix@example.com")) for at in range(16)]
    mixed = [create for pair in zip(exclusive, allowed, strict=True) for create in pair]
    outcomes = await asyncio.gather(*mixed, return_exceptions=True)
    assert all(isinstance(outcome, Contact) for outcome in outcomes[1::2])
    refused = [outcome for outcome in outcomes if isinstance(outcome, DuplicateContact)]
    stored = read_stored(store)
    # An allowed one may be there before any exclusive one, and then all of those are refused.
    assert len(refused) in (15, 16)
    assert len(stored.contacts) == len(outcomes) - len(refused)
    assert {one.contact_id for one in refused} <= {*stored.holders("mix@example.com")}
    assert half_written(stored) == []


async def test_cancelled_creators_leave_whole_contacts_or_nothing(
    crm: Crm, store: StoreUnderTest
) -> None:
    chance = random.Random(11)
    tasks = []
    for at in range(400):
        info = person(at, f"cancelled-{at}@example.com")
        tasks.append(asyncio.create_task(crm.contacts.create_contact(info)))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() / 500)
        if chance.random() < 0.5:
            chance.choice(tasks).cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    cancelled = [at for at, one in enumerate(outcomes) if isinstance(one, asyncio.CancelledError)]
    made = {outcome.id for outcome in outcomes if isinstance(outcome, Contact)}
    assert cancelled
    assert len(made) + len(cancelled) == 400
    stored = read_stored(store)
    assert made <= stored.contacts.keys()
    assert half_written(stored) == []
    # Whoever gave up can ask again, and finds their first call done or not done.
    again = await create_all(crm, [person(at, f"cancelled-{at}@example.com") for at in cancelled])
    assert all(isinstance(outcome, Contact | DuplicateContact) for outcome in again)
    assert len(read_stored(store).contacts) == 400


async def test_failing_creates_do_not_harm_their_neighbours_in_the_group(
    store: StoreUnderTest,
) -> None:
    async with await Crm.open(store.url, Settings(labels_quota=0)) as crm:
        infos = []
        for at in range(31):
            infos.append(person(at, f"good-{at}@example.com"))
            # Refused after its contact, e-mail and field rows were written.
            bad = person(at, f"bad-{at}@example.com") | {"labelKeys": {"items": [f"custom.l{at}"]}}
            infos.append(bad | {"extendedFields": {"items": {f"custom.f{at}": 1}}})
        outcomes = await create_all(crm, infos)
    assert all(isinstance(outcome, Contact) for outcome in outcomes[0::2])
    assert all(isinstance(outcome, LabelsQuotaReached) for outcome in outcomes[1::2])
    stored = read_stored(store)
    assert len(stored.contacts) == 31
    assert not any(value.startswith("bad-") for _, value, _ in stored.emails)
    assert half_written(stored) == []
    assert stored.rows("extended_fields") == stored.rows("contact_field_values") == 0


async def test_one_idempotency_key_sent_64_times_at_once_makes_one_contact(
    crm: Crm, store: StoreUnderTest
) -> None:
    info = person(0, "once@example.com")
    creates = [crm.contacts.create_contact(info, idempotency_key="order-1") for _ in range(64)]
    contacts = await asyncio.gather(*creates)
    assert len({contact.to_json() for contact in contacts}) == 1
    assert read_stored(store).contacts.keys() == {contacts[0].id}


async def test_closing_the_store_finishes_what_it_accepted(store: StoreUnderTest) -> None:
    crm = await Crm.open(store.url)
    creates = [crm.contacts.create_contact(person(at, f"{at}@example.com")) for at in range(300)]
    tasks = [asyncio.create_task(create) for create in creates]
    await asyncio.sleep(0)
    await crm.close()
    outcomes = await asyncio.gather(*tasks)
    stored = read_stored(store)
    assert stored.contacts.keys() == {outcome.id for outcome in outcomes}
    assert half_written(stored) == []
    with pytest.raises(Unavailable):
        await crm.contacts.create_contact(person(0, "late@example.com"))
