"""The same calls from a program without an event loop.

    python blocking.py [URL]

URL is a store or a server; a server needs a key in CONTACTORY_KEY.
"""

import os
import sys

import contactory

url = sys.argv[1] if len(sys.argv) > 1 else "sqlite:///contacts.db"
key = os.environ["CONTACTORY_KEY"] if url.startswith("http") else None

with contactory.connect_blocking(url, key=key) as connection:
    contacts = connection.crm.contacts
    made = connection.call(contacts.create_contact, {"name": {"first": "Ada", "last": "Byron"}})
    found = connection.call(contacts.get_contact, made.id, {"fieldsets": ["BASIC"]})
    print(found.info.name)
