"""Which permission each call of the API needs."""

from __future__ import annotations

NEEDED = {
    "contacts.create_contact": "CONTACTS.MODIFY",
    "contacts.get_contact": "CONTACTS.VIEW",
    "contacts.list_contacts": "CONTACTS.VIEW",
    "contacts.find_contacts": "CONTACTS.VIEW",
    "contacts.count_contacts": "CONTACTS.VIEW",
    "contacts.update_contact": "CONTACTS.MODIFY",
    "contacts.delete_contact": "CONTACTS.MODIFY",
    "contacts.label_contact": "CONTACTS.MODIFY",
    "contacts.unlabel_contact": "CONTACTS.MODIFY",
    "labels.find_or_create_label": "CONTACTS_LABELS.MODIFY",
    "labels.get_label": "CONTACTS_LABELS.VIEW",
    "labels.rename_label": "CONTACTS_LABELS.MODIFY",
    "labels.delete_label": "CONTACTS_LABELS.MODIFY",
    "labels.list_labels": "CONTACTS_LABELS.VIEW",
    "labels.find_labels": "CONTACTS_LABELS.VIEW",
    "labels.list_label_namespaces": "CONTACTS_LABELS.VIEW",
    "extended_fields.find_or_create_extended_field": "CONTACTS_SCHEMA.MODIFY",
    "extended_fields.get_extended_field": "CONTACTS_SCHEMA.VIEW",
    "extended_fields.rename_extended_field": "CONTACTS_SCHEMA.MODIFY",
    "extended_fields.delete_extended_field": "CONTACTS_SCHEMA.MODIFY",
    "extended_fields.list_extended_fields": "CONTACTS_SCHEMA.VIEW",
    "extended_fields.find_extended_fields": "CONTACTS_SCHEMA.VIEW",
}
"""The permission of each call of the API (CONTRACT B.0); a new route comes with its line here."""
