"""Contactory keeps the contact list of a site. See the README for where to start."""

from contactory.connecting import connect, connect_blocking
from contactory.domain import errors
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.handled_events import EventMetadata, HandledEvent, MergeData, MergedEvent
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.contacts import Contacts
from contactory.ops.context import elevate
from contactory.ops.event_handlers import (
    on_contact_created,
    on_contact_deleted,
    on_contact_merged,
    on_contact_updated,
    on_extended_field_created,
    on_extended_field_deleted,
    on_extended_field_updated,
    on_label_created,
    on_label_deleted,
    on_label_updated,
)
from contactory.ops.extended_fields import ExtendedFields
from contactory.ops.labels import Labels
from contactory.ops.settings import EventSettings, Settings
from contactory.ops.submitted_contact import SubmittedContact
from contactory.ops.web_cache import Cache, invalidate_cache
from contactory.ops.web_methods import Permissions, web_method

__version__ = "0.1.0"

contacts = Contacts()
extended_fields = ExtendedFields()
labels = Labels()
submitted_contact = SubmittedContact()

__all__ = [
    "Cache",
    "Contact",
    "ContactInfo",
    "EventMetadata",
    "EventSettings",
    "HandledEvent",
    "Identity",
    "IgnoredValues",
    "MergeData",
    "MergedEvent",
    "Permissions",
    "Settings",
    "__version__",
    "connect",
    "connect_blocking",
    "contacts",
    "elevate",
    "errors",
    "extended_fields",
    "invalidate_cache",
    "labels",
    "on_contact_created",
    "on_contact_deleted",
    "on_contact_merged",
    "on_contact_updated",
    "on_extended_field_created",
    "on_extended_field_deleted",
    "on_extended_field_updated",
    "on_label_created",
    "on_label_deleted",
    "on_label_updated",
    "submitted_contact",
    "web_method",
]
