"""Contacts from a stream, created through the library in this process, and the memory it takes.

`python -m benchmarks.importing URL CONTACTS` prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

import msgspec
import uvloop

import contactory
from benchmarks.bodies import body
from benchmarks.processes import highest_mib
from benchmarks.results import Import

_CALLERS = 32


async def imported(url: str, contacts: int) -> Import:
    """Create them with many callers, none of which holds more than its own."""
    infos = map(body, range(contacts))
    tenth_mib, done = 0.0, 0

    async def caller() -> None:
        nonlocal tenth_mib, done
        for info in infos:
            await crm.contacts.create_contact(info)
            done += 1
            if done == contacts // 10:
                tenth_mib = highest_mib(os.getpid())

    async with contactory.connect(url) as crm:
        cpu, started = time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(_CALLERS)))
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Import(
        subject="",
        contacts=contacts,
        per_second=contacts / elapsed,
        cpu_s=cpu / contacts * 1000,
        tenth_mib=tenth_mib,
        end_mib=highest_mib(os.getpid()),
    )


if __name__ == "__main__":
    made = uvloop.run(imported(sys.argv[1], int(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(made))
