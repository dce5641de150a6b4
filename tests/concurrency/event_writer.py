"""One of several processes that change a store while others follow its events.

Run as `python -m tests.concurrency.event_writer URL SEED ROUNDS`: two writers at once, each with
random pauses. Where transactions can overlap, some begin early and commit late.
"""

from __future__ import annotations

import asyncio
import random
import sys
from uuid import uuid4

from contactory.domain.events import Event, new_event
from contactory.domain.identities import OWNER
from contactory.kit.clock import Timestamp
from contactory.ops.crm import Crm
from contactory.store.engine import Transaction
from contactory.store.outbox import event_row

WRITERS = 2
SLOWEST_S = 0.06
ENTITY = "tests.entity"


async def change_contact(crm: Crm, chance: random.Random) -> None:
    """Make a contact, change it a few times, and perhaps delete it."""
    contact = await crm.contacts.create_contact({"name": {"first": "A"}})
    for _ in range(chance.randrange(3)):
        await asyncio.sleep(chance.uniform(0, SLOWEST_S / 4))
        info = {"company": uuid4().hex}
        contact = await crm.contacts.update_contact(contact.id, info, contact.revision)
    if chance.random() < 0.5:
        await crm.contacts.delete_contact(contact.id)


async def change_label(crm: Crm, chance: random.Random) -> None:
    """Make a label, rename it, delete it."""
    key = (await crm.labels.find_or_create_label(uuid4().hex)).label.key
    await crm.labels.rename_label(key, uuid4().hex)
    await crm.labels.delete_label(key)


async def commit_late(crm: Crm, chance: random.Random) -> None:
    """Two transactions that store events of one entity early and commit them late."""
    entity, sequence = uuid4().hex, 0
    can_overlap = crm.store.__class__.__name__ != "SqliteStore"

    async def work(tx: Transaction) -> None:
        nonlocal sequence
        for _ in range(chance.randint(1, 3)):
            sequence += 1
            row = event_row(crm.context.site, event_of(entity, sequence))
            await tx.run("insert_event", **row)
            if can_overlap:
                await asyncio.sleep(chance.uniform(0, SLOWEST_S))

    for _ in range(2):
        await crm.store.write(work)


def event_of(entity: str, sequence: int) -> Event:
    return new_event(
        (ENTITY, entity),
        "created",
        '{"createdEvent":{}}',
        sequence=sequence,
        identity=OWNER,
        now=Timestamp.current(),
    )


async def write(crm: Crm, chance: random.Random, rounds: int) -> None:
    """Change this and that."""
    for _ in range(rounds):
        kind = chance.choice((change_contact, change_label, commit_late, commit_late))
        await kind(crm, chance)
        await asyncio.sleep(chance.uniform(0, SLOWEST_S))


async def main(url: str, seed: int, rounds: int) -> None:
    """Let the writers of this process write."""
    async with await Crm.open(url) as crm:
        chances = [random.Random(f"{seed} {at}") for at in range(WRITERS)]
        await asyncio.gather(*(write(crm, chance, rounds) for chance in chances))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
