"""Contactory keeps the contact list of a site. See the README for where to start."""

from contactory.ops.contacts import Contacts
from contactory.ops.context import elevate

contacts = Contacts()

__all__ = ["contacts", "elevate"]
