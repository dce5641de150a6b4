"""A contact with a name and an e-mail, made by the owner (the first example of the reference).

    python create_contact.py [URL]

URL is a store (sqlite:///contacts.db) or a server (http://127.0.0.1:8000); a server needs a key in
CONTACTORY_KEY.
"""

import asyncio
import json
import os
import sys

import contactory
from contactory import errors

INFO = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "johndoe1@example.com"}]},
}


async def main(url: str) -> None:
    key = os.environ["CONTACTORY_KEY"] if url.startswith("http") else None
    async with contactory.connect(url, key=key) as crm:
        try:
            new_contact = await crm.contacts.create_contact(INFO)
        except errors.DuplicateContact as error:
            sys.exit(f"{error.email} belongs to contact {error.contact_id} already")
        print(json.dumps(new_contact.to_dict(), indent=2))


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///contacts.db"))
