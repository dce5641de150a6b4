"""Puts the people of a CSV file on the list, and says what became of each.

    python import_people.py FILE [URL]

The columns are first, last, email, phone, country and company; the first line names them. Whoever
is on the list already, by e-mail or else by phone, gets what is new. URL is a store
(sqlite:///contacts.db) or a server (http://127.0.0.1:8000); a server needs a key in CONTACTORY_KEY.
"""

import asyncio
import csv
import os
import sys
from pathlib import Path
from typing import Any

import contactory

AT_ONCE = 100


def info_of(row: dict[str, str]) -> dict[str, Any]:
    info: dict[str, Any] = {
        "name": {"first": row["first"], "last": row["last"]},
        "company": row["company"],
    }
    if row["email"]:
        info["emails"] = {"items": [{"email": row["email"]}]}
    if row["phone"]:
        phone = {"phone": row["phone"], "countryCode": row["country"]}
        info["phones"] = {"items": [phone]}
    return info


async def main(rows: list[dict[str, str]], url: str) -> None:
    key = os.environ["CONTACTORY_KEY"] if url.startswith("http") else None
    async with contactory.connect(url, key=key) as crm:
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            done = await crm.contacts.bulk_upsert_contacts([info_of(row) for row in some])
            for row, result in zip(some, done.results, strict=True):
                error = result.metadata.error
                told = error.message if error else result.metadata.action
                print(row["first"], row["last"], told)
        total = (await crm.contacts.count_contacts()).count
        print(f"{total} contacts")


with Path(sys.argv[1]).open(newline="", encoding="utf-8") as lines:
    people = list(csv.DictReader(lines))
asyncio.run(main(people, sys.argv[2] if len(sys.argv) > 2 else "sqlite:///contacts.db"))
