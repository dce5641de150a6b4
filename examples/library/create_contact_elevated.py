"""A contact with a name and an e-mail, made for a visitor (the second example of the reference).

    python create_contact_elevated.py [STORE]

A visitor may not make contacts. The site's own code may, and lends its power for one call.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

import contactory
from contactory import Contact, Identity, contacts, elevate, errors

INFO = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {"items": [{"email": "johndoe1@example.com"}]},
}


async def my_create_contact_function(info: Mapping[str, Any]) -> Contact:
    elevated_create_contact = elevate(contacts.create_contact)
    return await elevated_create_contact(info)


async def main(store: str) -> None:
    async with contactory.connect(store) as crm, crm.acting_as(Identity.visitor()):
        try:
            await contacts.create_contact(INFO)
        except errors.PermissionDenied as error:
            print("a visitor alone:", error, file=sys.stderr)
        try:
            new_contact = await my_create_contact_function(INFO)
        except errors.DuplicateContact as error:
            sys.exit(f"{error.email} belongs to contact {error.contact_id} already")
        print(json.dumps(new_contact.to_dict(), indent=2))


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///contacts.db"))
