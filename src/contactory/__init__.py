"""Contactory keeps the contact list of a site. See the README for where to start."""

from contactory.ops.contacts import Contacts
from contactory.ops.context import elevate

__version__ = "0.1.0"

contacts = Contacts()

__all__ = ["__version__", "contacts", "elevate"]
