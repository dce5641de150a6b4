"""A contact with most of what one can have (the third example of the reference).

    python create_contact_full.py [STORE]

`allowDuplicates` makes it even where another contact has the e-mail; run it twice.
"""

import asyncio
import json
import sys

import contactory
from contactory import Identity, contacts, elevate

INFO = {
    "name": {"first": "John", "last": "Doe"},
    "emails": {
        "items": [
            {
                "tag": "UNTAGGED",
                "email": "johndoe1@example.com",
                "_id": "37db3bde-83c0-4ca2-8097-88964a2f343b",
            }
        ]
    },
    "company": "Wix",
    "jobTitle": "Writer",
    "phones": {
        "items": [{"phone": "6465676359", "countryCode": "US", "primary": "true", "tag": "MOBILE"}]
    },
    "birthdate": "1995-04-25",
    "locale": "en-us",
    "labelKeys": {"items": ["custom.contact"]},
    "extendedFields": {"items": {"custom.nickname": "Jonny"}},
    "addresses": {
        "items": [
            {
                "tag": "HOME",
                "address": {
                    "addressLine1": "3 Park Ave",
                    "city": "NY",
                    "subdivision": "US-NY",
                    "country": "US",
                    "postalCode": "10010",
                },
            }
        ]
    },
}


async def main(store: str) -> None:
    async with contactory.connect(store) as crm, crm.acting_as(Identity.visitor()):
        new_contact = await elevate(contacts.create_contact)(INFO, {"allowDuplicates": True})
        print(json.dumps(new_contact.to_dict(), indent=2))


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///contacts.db"))
