"""Labels: which there are from the start, and which keys can be (CONTRACT A.9, E.3, E.5)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from contactory.domain import definition_keys
from contactory.domain.definition_keys import NAMESPACE, is_custom_key
from contactory.domain.definitions import Definition
from contactory.domain.errors import LabelNotFound
from contactory.domain.languages import Language
from contactory.domain.paging import PagingMetadata
from contactory.kit.clock import Timestamp

DEFAULT_LABELS_QUOTA: Final = 1000
LONGEST_KEY: Final = definition_keys.LONGEST_KEY
LONGEST_NAME: Final = 180
CONTACTS_NAMESPACE: Final = "contacts"
CONTACTED_ME: Final = "contacts.contacted-me"
CUSTOMERS: Final = "contacts.customers"
SYSTEM_LABELS: Final = frozenset({CONTACTED_ME, CUSTOMERS})

_NAMES: Final = {
    CONTACTED_ME: {Language.EN: "Contacted Me", Language.ES: "Me contactaron"},
    CUSTOMERS: {Language.EN: "Customers", Language.ES: "Clientes"},
}
_NAMESPACE_NAMES: Final = {Language.EN: "Labels", Language.ES: "Etiquetas"}


class LabelType(StrEnum):
    """Who defined a label."""

    SYSTEM = "SYSTEM"
    USER_DEFINED = "USER_DEFINED"
    WIX_APP_DEFINED = "WIX_APP_DEFINED"


class Label(Definition, frozen=True, kw_only=True):
    """A mark that contacts carry, by its key (CONTRACT A.9)."""

    namespace_display_name: str
    label_type: LabelType


class FoundLabel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The label with a name; `new_label` says whether this call made it."""

    label: Label
    new_label: bool


class LabelsList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of labels, as `list_labels` answers it."""

    labels: list[Label]
    metadata: PagingMetadata


class LabelsPage(LabelsList, frozen=True, kw_only=True):
    """A page as queries answer it: `metadata` once more under its newer name."""

    paging_metadata: PagingMetadata


class LabelNamespace(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The part of a label's key before its first dot, and how people are shown it."""

    key: str
    display_name: str


def own_label(
    key: str, display_name: str, created: Timestamp, updated: Timestamp, language: Language
) -> Label:
    """A label that the site defined itself."""
    return Label(
        namespace=NAMESPACE,
        namespace_display_name=_NAMESPACE_NAMES[language],
        key=key,
        display_name=display_name,
        label_type=LabelType.USER_DEFINED,
        created_date=created,
        updated_date=updated,
    )


def system_labels(language: Language = Language.EN) -> list[Label]:
    """The labels that every site has, in their order."""
    return [
        Label(
            namespace=CONTACTS_NAMESPACE,
            namespace_display_name=_NAMESPACE_NAMES[language],
            key=key,
            display_name=names[language],
            label_type=LabelType.SYSTEM,
        )
        for key, names in _NAMES.items()
    ]


def label_namespaces(language: Language = Language.EN) -> list[LabelNamespace]:
    """The namespaces in which labels can be."""
    name = _NAMESPACE_NAMES[language]
    return [LabelNamespace(key=key, display_name=name) for key in (NAMESPACE, CONTACTS_NAMESPACE)]


def system_label_named(display_name: str) -> str | None:
    """The key of the system label that has this name in any language, None where none has."""
    return next((key for key, names in _NAMES.items() if display_name in names.values()), None)


def check_label_keys(keys: tuple[str, ...]) -> list[str]:
    """The custom keys among those given; they must exist, or be made.

    Raises LabelNotFound naming every key that neither exists nor could.
    """
    unknown = [key for key in keys if key not in SYSTEM_LABELS and not is_custom_key(key)]
    if unknown:
        raise LabelNotFound(unknown)
    return [key for key in keys if key not in SYSTEM_LABELS]
