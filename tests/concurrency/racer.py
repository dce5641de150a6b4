"""One of several processes on one store: says that it is ready, waits for the start, creates.

Run as `python -m tests.concurrency.racer URL`; the first line of standard input holds the
contacts to create at once, any second line is the start. Prints what each create gave, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from contactory.domain.contacts import Contact
from contactory.domain.errors import DuplicateContact
from contactory.ops.crm import Crm
from tests.concurrency.people import create_all


def outcome_of(result: Contact | BaseException) -> dict[str, Any]:
    """The id of the contact made, or why there is none."""
    if isinstance(result, Contact):
        return {"made": result.id}
    if isinstance(result, DuplicateContact):
        return {"refused_for": result.contact_id}
    return {"failed": repr(result)}


async def race(url: str) -> None:
    """Take part in one race."""
    asked = json.loads(sys.stdin.readline())
    async with await Crm.open(url) as crm:
        print("ready", flush=True)
        sys.stdin.readline()
        results = await create_all(crm, asked["infos"], asked["options"])
    print(json.dumps([outcome_of(result) for result in results]))


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1]))
