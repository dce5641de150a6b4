"""Contactory keeps the contact list of a site. See the README for where to start."""

from contactory.connecting import connect, connect_blocking
from contactory.domain import errors
from contactory.domain.contacts import Contact, ContactInfo
from contactory.domain.identities import Identity
from contactory.domain.ignored_values import IgnoredValues
from contactory.ops.contacts import Contacts
from contactory.ops.context import elevate
from contactory.ops.settings import Settings
from contactory.ops.web_cache import Cache, invalidate_cache
from contactory.ops.web_methods import Permissions, web_method

__version__ = "0.1.0"

contacts = Contacts()

__all__ = [
    "Cache",
    "Contact",
    "ContactInfo",
    "Identity",
    "IgnoredValues",
    "Permissions",
    "Settings",
    "__version__",
    "connect",
    "connect_blocking",
    "contacts",
    "elevate",
    "errors",
    "invalidate_cache",
    "web_method",
]
