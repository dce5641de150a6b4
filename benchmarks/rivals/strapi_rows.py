"""Many contacts at once, straight into the tables of `strapi_project.py`."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from benchmarks.rivals.rows import flat_body

_CONTACT: Final = """INSERT INTO contacts (document_id, first_name, last_name, company, created_at,
    updated_at, published_at) VALUES (?, ?, ?, ?, ?, ?, ?)"""
_EMAIL: Final = "INSERT INTO components_contact_emails (email, tag) VALUES (:email, :tag)"
_PHONE: Final = """INSERT INTO components_contact_phones (phone, country_code)
    VALUES (:phone, :country_code)"""
_LINK: Final = """INSERT INTO contacts_cmps (entity_id, cmp_id, component_type, field, "order")
    VALUES (?, ?, ?, ?, ?)"""


def into_strapi(path: Path, numbers: Iterable[int]) -> None:
    """In one transaction, as the server itself leaves them."""
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        for number in numbers:
            _insert(connection, flat_body(number))


def _insert(connection: sqlite3.Connection, contact: dict[str, Any]) -> None:
    names = (contact["first_name"], contact["last_name"], contact["company"])
    now = int(time.time() * 1000)
    row = (secrets.token_hex(12), *names, now, now, now)
    contact_id = connection.execute(_CONTACT, row).lastrowid
    for field, kind, into in (("emails", "email", _EMAIL), ("phones", "phone", _PHONE)):
        for order, part in enumerate(contact[field], 1):
            part_id = connection.execute(into, part).lastrowid
            link = (contact_id, part_id, f"contact.{kind}", field, order)
            connection.execute(_LINK, link)
