"""Functions of a site's own that are told of events.

    contactory serve --web examples/handlers

Each may be called more than once for one event, so each does the same again without harm.
"""

import json
from pathlib import Path

from contactory import (
    Contact,
    HandledEvent,
    MergedEvent,
    contacts,
    labels,
    on_contact_created,
    on_contact_deleted,
    on_contact_merged,
    on_contact_updated,
)

JOURNAL = Path("journal")


@on_contact_created
@on_contact_updated
async def label_business(event: HandledEvent[Contact]) -> None:
    """Whoever has a company has the label. Labelling makes an event, too."""
    contact = event.entity
    if contact.info.company is None:
        return
    label = (await labels.find_or_create_label("Business")).label
    if label.key not in contact.info.label_keys.items:
        await contacts.label_contact(contact.id, [label.key])


@on_contact_merged
@on_contact_deleted
def keep_a_journal(event: HandledEvent[Contact | None]) -> None:
    """Keep who left. A repeated event writes the same file: its name is the event's id."""
    JOURNAL.mkdir(exist_ok=True)
    entry = {"what": event.metadata.type, "who": event.metadata.entity_id}
    if isinstance(event, MergedEvent):
        entry["joined by"] = ", ".join(event.data.source_contact_ids)
    (JOURNAL / f"{event.metadata.id}.json").write_text(json.dumps(entry))
