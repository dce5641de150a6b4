"""Calls the pure functions of a create and of a query, each in a forked child of its own.

It runs under `valgrind --tool=callgrind`, which counts the instructions of each child from the
start of this program on. One child calls nothing: what the others have more is what their calls
took. Prints a line of JSON: the process that called nothing, and that of each function.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from benchmarks.bodies import body
from contactory.domain.contact_index import contact_index
from contactory.domain.contact_making import new_contact
from contactory.domain.contact_query import asked_query, read_query
from contactory.domain.contact_reading import ReadInfo, read_info
from contactory.domain.contacts import Contact, Source
from contactory.domain.search_words import search_words
from contactory.kit.clock import Timestamp
from contactory.kit.ids import new_id_at

CALLS: Final = 50
_WARM_UP: Final = 30
_NOW: Final = Timestamp.from_ms(1_700_000_000_123)

Calls = Sequence[Callable[[], Any]]


def reference() -> int:
    """Work of the same kind as ours that never changes: what is counted is told in units of it."""
    seen: dict[str, tuple[int, str]] = {}
    for number in range(200):
        text = f"word {number * 7919 % 1000}"
        seen[text] = (number, text.upper())
    return sum(number for number, text in seen.values() if text.endswith("7"))


def query(number: int) -> dict[str, Any]:
    """A query that no other number gives."""
    return {
        "filter": {
            "$and": [
                {"info.name.last": {"$startsWith": f"Lovelace {number}"}},
                {"info.company": {"$in": ["Analytical Engines", f"Company {number}"]}},
                {"createdDate": {"$gte": "2024-01-01T00:00:00.000Z"}},
            ]
        },
        "sort": [{"fieldName": "info.name.last", "order": "DESC"}],
        "paging": {"limit": 50},
    }


def made(read: ReadInfo) -> Contact:
    """The contact of a create."""
    source = Source(source_type="OTHER")
    return new_contact(read, {}, contact_id=new_id_at(_NOW.ms), source=source, now=_NOW)


def all_calls(numbers: range) -> dict[str, Calls]:
    """The calls of each function, with arguments that no call had before."""
    reads = [read_info(body(number)) for number in numbers]
    # Of numbers of its own: what was read once is remembered.
    bodies = [body(number + 100_000) for number in numbers]
    contacts = [made(read) for read in reads]
    documents = [contact.to_json() for contact in contacts]
    queries = [query(number) for number in numbers]
    return {
        "reference": [reference for _ in numbers],
        "read an info": [lambda sent=sent: read_info(sent) for sent in bodies],
        "make a contact": [lambda read=read: made(read) for read in reads],
        "index a contact": [lambda one=one: contact_index(one) for one in contacts],
        "words of a contact": [lambda one=one: search_words(one) for one in contacts],
        "contact to JSON": [one.to_json for one in contacts],
        "contact from JSON": [lambda sent=sent: Contact.from_json(sent) for sent in documents],
        "read a query": [lambda sent=sent: asked_query(read_query(sent), {}) for sent in queries],
    }


def run(calls: Calls) -> None:
    """Make the calls."""
    for call in calls:
        call()


def forked(calls: Calls) -> int:
    """The process in which the calls were made."""
    process = os.fork()
    if process == 0:
        run(calls)
        os._exit(0)
    _, status = os.waitpid(process, 0)
    if status:
        raise RuntimeError(f"the child ended with {status}")
    return process


def main() -> None:
    """Warm everything up, then count."""
    for calls in all_calls(range(_WARM_UP)).values():
        run(calls)
    counted = all_calls(range(_WARM_UP, _WARM_UP + CALLS))
    processes = {name: forked(calls) for name, calls in counted.items()}
    print(json.dumps({"nothing": forked([]), "processes": processes}))


if __name__ == "__main__":
    main()
