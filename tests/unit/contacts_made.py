"""Contacts as they are right after their creation, made without a store."""

from __future__ import annotations

from typing import Any, Final

from contactory.domain.contact_making import NOTHING_RECORDED, EmailStatus, new_contact
from contactory.domain.contact_reading import read_info
from contactory.domain.contacts import Contact, Source
from contactory.domain.extended_fields import check_fields
from contactory.domain.identities import SITE_APP_ID
from contactory.kit.clock import Timestamp

ID: Final = "2712ae1d-3f64-46c2-ac3a-94a6c2e29847"
NOW: Final = Timestamp.parse("2023-12-24T11:50:46.049Z")
SOURCE: Final = Source(source_type="WIX_CODE", app_id=SITE_APP_ID)


def made(info: Any, status: EmailStatus = NOTHING_RECORDED) -> Contact:
    """The contact that this `info` makes on a site without custom fields."""
    read = read_info(info)
    values = check_fields(read.fields, {}, strict=False).values
    return new_contact(read, values, contact_id=ID, source=SOURCE, now=NOW, status=status)
