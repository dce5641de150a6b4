"""Definitions of extended fields: which there are from the start, and their names (CONTRACT A.10).

What contacts have in them is in `extended_fields`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from contactory.domain.definition_keys import NAMESPACE
from contactory.domain.definitions import Definition
from contactory.domain.extended_fields import (
    DELIVERABILITY_STATUS,
    DISPLAY_BY_FIRST,
    DISPLAY_BY_LAST,
    EFFECTIVE_EMAIL,
    SUBSCRIPTION_STATUS,
    VAT_ID,
    FieldType,
)
from contactory.domain.languages import Language
from contactory.domain.paging import PagingMetadata
from contactory.kit.clock import Timestamp

LONGEST_NAME: Final = 150


class DefinedBy(StrEnum):
    """Who defined an extended field."""

    SYSTEM = "SYSTEM"
    USER_DEFINED = "USER_DEFINED"


class ExtendedField(Definition, frozen=True, kw_only=True):
    """What contacts can have a value in, by its key (CONTRACT A.10).

    `data_type` says what values it takes. System fields have a description.
    """

    data_type: FieldType
    field_type: DefinedBy
    description: str | None = None


class FoundField(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The field with a name; `new_field` says whether this call made it."""

    field: ExtendedField
    new_field: bool


class ExtendedFieldsList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of extended fields, as `list_extended_fields` answers it."""

    fields: list[ExtendedField]
    metadata: PagingMetadata


class ExtendedFieldsPage(ExtendedFieldsList, frozen=True, kw_only=True):
    """A page as queries answer it: `metadata` once more under its newer name."""

    paging_metadata: PagingMetadata


class _System(msgspec.Struct, frozen=True):
    """A field of every site: its type, its name in English and Spanish, what it holds."""

    data_type: FieldType
    name: str
    spanish_name: str
    description: str

    def named(self, language: Language) -> str:
        """The name in the language."""
        return self.spanish_name if language is Language.ES else self.name


_TEXT, _NUMBER, _DATE = FieldType.TEXT, FieldType.NUMBER, FieldType.DATE
_SYSTEM_FIELDS: Final = {
    DISPLAY_BY_FIRST: _System(
        _TEXT,
        "Display Name (start with first)",
        "Nombre para mostrar (empieza por el nombre)",
        "The display name starting with the first name, read only",
    ),
    DISPLAY_BY_LAST: _System(
        _TEXT,
        "Display Name (start with last)",
        "Nombre para mostrar (empieza por el apellido)",
        "The display name starting with the last name, read only",
    ),
    VAT_ID: _System(_TEXT, "VAT ID", "NIF/IVA", "The VAT id for invoices"),
    SUBSCRIPTION_STATUS: _System(
        _TEXT,
        "Effective Subscription Status",
        "Estado efectivo de la suscripción",
        "Whether the primary e-mail may get mailings, read only",
    ),
    DELIVERABILITY_STATUS: _System(
        _TEXT,
        "Effective Deliverability Status",
        "Estado efectivo de entrega",
        "Whether mails reach the primary e-mail, read only",
    ),
    EFFECTIVE_EMAIL: _System(
        _TEXT,
        "Effective Email",
        "Email efectivo",
        "The primary e-mail, unless it is unsubscribed, read only",
    ),
    "members.membershipStatus": _System(
        _TEXT,
        "Membership Status",
        "Estado de membresía",
        "Where the contact stands as a member of the site, read only",
    ),
    "members.mobile": _System(
        _TEXT, "Mobile flag", "Móvil", "Whether the member uses the mobile app, read only"
    ),
    "ecom.numOfPurchases": _System(
        _NUMBER, "# of Purchases", "N.º de compras", "The number of purchases, read only"
    ),
    "ecom.totalSpentAmount": _System(
        _NUMBER, "Total Spent Amount", "Importe total gastado", "The sum of purchases, read only"
    ),
    "ecom.totalSpentCurrency": _System(
        _TEXT,
        "Total Spent Currency",
        "Moneda del total gastado",
        "The currency of the sum of purchases (ISO 4217), read only",
    ),
    "ecom.lastPurchaseDate": _System(
        _DATE,
        "Last Purchase Date",
        "Fecha de la última compra",
        "The date of the last purchase, read only",
    ),
}

SYSTEM_FIELDS: Final = frozenset(_SYSTEM_FIELDS)
"""The keys of the fields that every site has."""


def own_field(
    key: str, display_name: str, data_type: FieldType, created: Timestamp, updated: Timestamp
) -> ExtendedField:
    """A field that the site defined itself."""
    return ExtendedField(
        namespace=NAMESPACE,
        key=key,
        display_name=display_name,
        data_type=data_type,
        field_type=DefinedBy.USER_DEFINED,
        created_date=created,
        updated_date=updated,
    )


def system_fields(language: Language = Language.EN) -> list[ExtendedField]:
    """The fields that every site has, in their order."""
    return [
        ExtendedField(
            namespace=key.partition(".")[0],
            key=key,
            display_name=system.named(language),
            data_type=system.data_type,
            field_type=DefinedBy.SYSTEM,
            description=system.description,
        )
        for key, system in _SYSTEM_FIELDS.items()
    ]


def system_field_named(display_name: str) -> str | None:
    """The key of the system field that has this name in any language, None where none has."""
    return next(
        (
            key
            for key, system in _SYSTEM_FIELDS.items()
            if display_name in (system.name, system.spanish_name)
        ),
        None,
    )
