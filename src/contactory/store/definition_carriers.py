"""Takes labels and custom fields off the contacts that have them, some in each transaction."""

from __future__ import annotations

from typing import Final

from contactory.domain.contacts import Contact
from contactory.domain.definition_erasing import without_field, without_label
from contactory.domain.definition_events import Author
from contactory.kit.ids import RowId
from contactory.store.contacts import (
    ContactWrite,
    StoredContact,
    hold_ids,
    load_contact,
    replace_contact,
)
from contactory.store.engine import Transaction
from contactory.store.extended_fields import delete_field
from contactory.store.labels import delete_label
from contactory.store.rows import as_text

CHUNK: Final = 50
"""How many contacts are written in one transaction."""


async def erase_label(tx: Transaction, site: RowId, key: str, author: Author) -> bool:
    """Take the label off some contacts; where none carries it, delete it and return True.

    Contacts move on by a revision and tell nobody (CONTRACT H.1). Raises Changed where somebody
    else writes one of them at the same time.
    """
    await tx.row("take_label", site_id=site, key=key)
    carriers = await tx.rows("label_carriers", site_id=site, key=key, most=CHUNK)
    if not carriers:
        await delete_label(tx, site, key, author)
        return True
    await hold_ids(tx, site, [as_text(contact_id) for (contact_id,) in carriers])
    for (contact_id,) in carriers:
        stored = await load_contact(tx, site, as_text(contact_id))
        if stored is not None and key in stored.contact.info.label_keys.items:
            await _rewrite(tx, site, stored, without_label(stored.contact, key, author.now))
        else:  # A row that its contact does not bear out would otherwise be found for ever.
            row = {"site_id": site, "label_key": key, "contact_id": contact_id}
            await tx.run("delete_contact_label", **row)
    return False


async def erase_field(tx: Transaction, site: RowId, key: str, author: Author) -> bool:
    """As `erase_label`, for the values of a custom field."""
    await tx.row("take_field", site_id=site, key=key)
    carriers = await tx.rows("field_carriers", site_id=site, key=key, most=CHUNK)
    if not carriers:
        await delete_field(tx, site, key, author)
        return True
    await hold_ids(tx, site, [as_text(contact_id) for (contact_id,) in carriers])
    for (contact_id,) in carriers:
        stored = await load_contact(tx, site, as_text(contact_id))
        if stored is not None and key in stored.contact.info.extended_fields.items:
            await _rewrite(tx, site, stored, without_field(stored.contact, key, author.now))
        else:  # As for labels.
            row = {"site_id": site, "field_key": key, "contact_id": contact_id}
            await tx.run("delete_field_value", **row)
    return False


async def _rewrite(tx: Transaction, site: RowId, stored: StoredContact, contact: Contact) -> None:
    write = ContactWrite(contact=contact, member_id=stored.member_id)
    await replace_contact(tx, site, stored, write)
