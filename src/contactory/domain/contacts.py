"""The contact and its parts: one tree of types that encodes to the REST names (CONTRACT A).

A wrapper such as `phones` that is known to be empty is a fresh, empty object and shows as `{}`;
one that a projection left out is the shared default and does not show at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contactory.domain.seed_names import to_seed_names
from contactory.kit.clock import Timestamp, decode_instant, quick_encode_instant


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """What all parts of a contact share."""


class Name(_Part, frozen=True, kw_only=True):
    """First and last name, each at most 1000 characters."""

    first: str | None = None
    last: str | None = None


class ContactEmail(_Part, frozen=True, kw_only=True):
    """One e-mail address; `tag` is UNTAGGED, MAIN, HOME or WORK."""

    id: str | None = None
    tag: str | None = None
    email: str
    primary: bool | None = None


class ContactPhone(_Part, frozen=True, kw_only=True):
    """One phone; `e164_phone` and `formatted_phone` are computed (CONTRACT A.5)."""

    id: str | None = None
    tag: str | None = None
    country_code: str | None = None
    phone: str
    e164_phone: str | None = msgspec.field(default=None, name="e164Phone")
    formatted_phone: str | None = None
    primary: bool | None = None


class StreetAddress(_Part, frozen=True, kw_only=True):
    """The street line in parts."""

    number: str | None = None
    name: str | None = None
    apt: str | None = None


class Geocode(_Part, frozen=True, kw_only=True):
    """Degrees north and east (WGS 84)."""

    latitude: float
    longitude: float


class Address(_Part, frozen=True, kw_only=True):
    """A postal address; `subdivision` is ISO 3166-2, `country` ISO 3166-1 alpha-2."""

    formatted_address: str | None = None
    address_line: str | None = None
    street_address: StreetAddress | None = None
    address_line2: str | None = msgspec.field(default=None, name="addressLine2")
    city: str | None = None
    subdivision: str | None = None
    country: str | None = None
    postal_code: str | None = None
    geocode: Geocode | None = None
    hint: str | None = None


class ContactAddress(_Part, frozen=True, kw_only=True):
    """An address entry; `tag` is UNTAGGED, HOME, WORK, BILLING or SHIPPING."""

    id: str | None = None
    tag: str | None = None
    address: Address


class ContactEmails(_Part, frozen=True, kw_only=True):
    """At most 50 e-mail addresses, one of them primary."""

    items: tuple[ContactEmail, ...] = ()


class ContactPhones(_Part, frozen=True, kw_only=True):
    """At most 50 phones, one of them primary."""

    items: tuple[ContactPhone, ...] = ()


class ContactAddresses(_Part, frozen=True, kw_only=True):
    """At most 50 addresses."""

    items: tuple[ContactAddress, ...] = ()


class Keys(_Part, frozen=True, kw_only=True):
    """A list of keys or ids, in order of insertion."""

    items: tuple[str, ...] = ()


class ExtendedFields(_Part, frozen=True, kw_only=True):
    """Values by field key."""

    items: dict[str, str | int | float] = {}


class Image(_Part, frozen=True, kw_only=True):
    """A picture: a URL, or a stored medium with its size in pixels."""

    id: str | None = None
    url: str | None = None
    height: int | None = None
    width: int | None = None
    alt_text: str | None = None
    filename: str | None = None


class Picture(_Part, frozen=True, kw_only=True):
    """The contact's picture; `image_provider` is WIX_MEDIA or EXTERNAL."""

    image: Image
    image_provider: str | None = None


_NO_EMAILS: Final = ContactEmails()
_NO_PHONES: Final = ContactPhones()
_NO_ADDRESSES: Final = ContactAddresses()
NO_KEYS: Final = Keys()
_NO_NAME: Final = Name()
_NO_FIELDS: Final = ExtendedFields()


class ContactInfo(_Part, frozen=True, kw_only=True):
    """What callers write of a contact (CONTRACT A.4)."""

    name: Name = _NO_NAME
    emails: ContactEmails = _NO_EMAILS
    phones: ContactPhones = _NO_PHONES
    addresses: ContactAddresses = _NO_ADDRESSES
    company: str | None = None
    job_title: str | None = None
    picture: Picture | None = None
    birthdate: str | None = None
    locale: str | None = None
    label_keys: Keys = NO_KEYS
    extended_fields: ExtendedFields = _NO_FIELDS
    locations: Keys = NO_KEYS
    assigned_user_ids: Keys = NO_KEYS


class Source(_Part, frozen=True, kw_only=True):
    """Where a contact came from (CONTRACT A.2)."""

    source_type: str
    app_id: str | None = None


class LastActivity(_Part, frozen=True, kw_only=True):
    """When the contact last did something, and what."""

    activity_date: Timestamp
    activity_type: str


class PrimaryInfo(_Part, frozen=True, kw_only=True):
    """The primary e-mail and the primary phone, the latter as first sent (CONTRACT A.3)."""

    email: str | None = None
    phone: str | None = None


class PrimaryEmail(_Part, frozen=True, kw_only=True):
    """The primary e-mail with its recorded statuses."""

    email: str
    subscription_status: str
    deliverability_status: str


class PrimaryPhone(_Part, frozen=True, kw_only=True):
    """The primary phone with its recorded status."""

    country_code: str | None = None
    phone: str
    e164_phone: str | None = msgspec.field(default=None, name="e164Phone")
    formatted_phone: str | None = None
    subscription_status: str


_NO_INFO: Final = ContactInfo()


class Contact(_Part, frozen=True, kw_only=True):
    """One person of a site's list. Parts that a projection left out are None or empty."""

    id: str
    revision: int
    source: Source | None = None
    created_date: Timestamp | None = None
    updated_date: Timestamp | None = None
    last_activity: LastActivity | None = None
    primary_info: PrimaryInfo | None = None
    primary_email: PrimaryEmail | None = None
    primary_phone: PrimaryPhone | None = None
    info: ContactInfo = _NO_INFO

    def to_rest(self) -> dict[str, Any]:
        """The contact as JSON-able data in REST names (`id`, `createdDate`, …)."""
        plain: dict[str, Any] = msgspec.json.decode(self.to_json())
        return plain

    def to_dict(self) -> dict[str, Any]:
        """The contact as JSON-able data in the seed's names (`_id`, `_createdDate`, …)."""
        plain: dict[str, Any] = to_seed_names(self.to_rest())
        return plain

    def to_json(self) -> bytes:
        """The contact as JSON in REST names."""
        return _encoder.encode(self)

    @classmethod
    def from_json(cls, document: bytes | str) -> Contact:
        """Read what `to_json` wrote."""
        return _decoder.decode(document)

    @classmethod
    def from_rest(cls, plain: Mapping[str, Any]) -> Contact:
        """Read what `to_rest` made."""
        return msgspec.convert(plain, cls, dec_hook=decode_instant)


_encoder: Final = msgspec.json.Encoder(enc_hook=quick_encode_instant)
_decoder: Final = msgspec.json.Decoder(Contact, dec_hook=decode_instant)
