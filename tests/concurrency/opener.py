"""One of several processes that open new stores together, one store after the other.

Run as `python -m tests.concurrency.opener`; each line of standard input is the URL of a store.
Prints a line for each: `opened`, or the error.
"""

from __future__ import annotations

import asyncio
import sys

from contactory.domain.errors import ContactoryError
from contactory.store.opening import open_store


async def open_and_close(url: str) -> str:
    """What came of it, in one line."""
    try:
        await (await open_store(url)).close()
    except ContactoryError as error:
        return f"{type(error).__name__}: {error}"
    return "opened"


async def open_each() -> None:
    """Open what is asked for, until the end of the input."""
    for line in sys.stdin:
        print(await open_and_close(line.strip()), flush=True)


if __name__ == "__main__":
    asyncio.run(open_each())
