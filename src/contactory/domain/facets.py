"""Facets: the groups of a contact list, with the filter that finds each of them (CONTRACT E.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from contactory.domain.contact_groups import EVERYBODY, Group
from contactory.domain.contact_making import UNSUBSCRIBED
from contactory.domain.contact_options import read_options
from contactory.domain.contact_showing import APPROVED
from contactory.domain.filter_fields import CONTACT_FIELDS, EXTENDED, FACETS
from contactory.domain.filter_matching import matches
from contactory.domain.filter_reading import read_filter
from contactory.domain.filters import EVERYTHING, All, Filter, OneOf
from contactory.domain.labels import CONTACTED_ME, CUSTOMERS, Label, system_labels
from contactory.domain.languages import Language, read_language
from contactory.domain.paging import Paging, PagingMetadata, read_paging
from contactory.domain.problems import Problems

LIST_FACETS_OPTIONS: Final = frozenset({"paging", "language"})
QUERY_FACETS_OPTIONS: Final = LIST_FACETS_OPTIONS | {"filter", "queryFilter", "omitCount"}

_AT: Final = {Language.EN: 0, Language.ES: 1}
_ALL: Final = "contacts.all"
_ALL_NAMES: Final = ("All Contacts", "Todos los contactos")
_SUBSCRIPTION: Final = f"{EXTENDED}emailSubscriptions.subscriptionStatus"
_DELIVERABILITY: Final = f"{EXTENDED}emailSubscriptions.deliverabilityStatus"
_MEMBERSHIP: Final = f"{EXTENDED}members.membershipStatus"


class FacetType(StrEnum):
    """What the contacts of a facet have in common."""

    ALL_CONTACTS = "ALL_CONTACTS"
    LABEL = "LABEL"
    SUBSCRIPTION_STATUS = "SUBSCRIPTION_STATUS"
    MEMBERSHIP_STATUS = "MEMBERSHIP_STATUS"


class Facet(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A group of contacts: how many are in it, and the filter of a query that finds them."""

    facet_type: FacetType
    namespace: str | None = None
    namespace_display_name: str | None = None
    facet_key: str
    facet_display_name: str
    count: int | None = None
    query_filter: dict[str, Any] | None = None


class FacetsPage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of facets."""

    facets: tuple[Facet, ...]
    paging_metadata: PagingMetadata


class ListFacetsOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Options of `list_facets`: which page, and the language of the names."""

    paging: Mapping[str, Any] | None = None
    language: str | None = None


class QueryFacetsOptions(ListFacetsOptions, frozen=True, kw_only=True):
    """Options of `query_facets`: `filter` says which contacts are counted."""

    filter: Mapping[str, Any] | None = None
    omit_count: bool = False


class AskedFacets(msgspec.Struct, frozen=True):
    """Which facets to show, in which language, and which contacts to count."""

    paging: Paging
    language: Language
    filter: Filter = EVERYTHING
    is_counted: bool = True


Counts = Mapping[str, Mapping[Group, int]]
"""How many contacts of each group there are, by label key and for EVERYBODY."""


class _Status(msgspec.Struct, frozen=True):
    """A status that is a facet: its name in English and Spanish, and where contacts have it."""

    type: FacetType
    name: str
    display_names: tuple[str, str]
    field: str
    value: str

    @property
    def namespace(self) -> str:
        """The first part of the facet's key."""
        return _NAMESPACES[self.type][0]

    @property
    def key(self) -> str:
        """The facet's key."""
        return f"{self.namespace}.{self.name}"

    def facet(self, language: Language) -> Facet:
        """The facet, without its count."""
        return Facet(
            facet_type=self.type,
            namespace=self.namespace,
            namespace_display_name=_NAMESPACES[self.type][1][_AT[language]],
            facet_key=self.key,
            facet_display_name=self.display_names[_AT[language]],
            query_filter={self.field: {"$eq": self.value}},
        )


def counted(facet: Facet, counts: Counts, tree: Filter) -> int:
    """How many contacts that the filter leaves are in the facet."""
    label = facet.facet_key if facet.facet_type is FacetType.LABEL else EVERYBODY
    status = _STATUS_BY_KEY.get(facet.facet_key)
    wanted = tree
    if status is not None:
        wanted = All((tree, OneOf(CONTACT_FIELDS[status.field], (status.value,))))
    groups = counts.get(label, {})
    return sum(count for group, count in groups.items() if matches(wanted, group.values))


def read_listed_facets(options: Any) -> AskedFacets:
    """What a list of facets is asked for. Raises InvalidArgument, IllegalLimit."""
    sent = read_options(options, LIST_FACETS_OPTIONS)
    problems = Problems()
    language = read_language(problems, sent.get("language"))
    problems.check()
    return AskedFacets(read_paging(sent.get("paging"), path="paging"), language)


def read_queried_facets(options: Any) -> AskedFacets:
    """What a query of facets is asked for; `queryFilter` is another name of `filter`.

    Raises InvalidArgument, IllegalLimit and the errors of CONTRACT D.5.
    """
    sent = read_options(options, QUERY_FACETS_OPTIONS)
    problems = Problems()
    language = read_language(problems, sent.get("language"))
    omits = problems.flag(sent.get("omitCount"), "omitCount")
    name = "filter"
    if sent.get("queryFilter"):
        name = "queryFilter"
        if sent.get("filter"):
            problems.add_other(name, "TWICE", "is another name of filter: send one of the two")
    problems.check()
    paging = read_paging(sent.get("paging"), path="paging")
    return AskedFacets(paging, language, read_filter(sent.get(name), FACETS, path=name), not omits)


def all_facets(own_labels: Iterable[Label], language: Language) -> list[Facet]:
    """Every facet of a site in the order of CONTRACT E.6, without counts."""
    everybody = Facet(
        facet_type=FacetType.ALL_CONTACTS,
        facet_key=_ALL,
        facet_display_name=_ALL_NAMES[_AT[language]],
    )
    statuses = [status.facet(language) for status in _STATUSES]
    return [everybody, *_label_facets(own_labels, language), *statuses]


def facets_page(
    facets: Sequence[Facet], counts: Sequence[int | None], asked: AskedFacets, total: int
) -> FacetsPage:
    """The page of these facets, with their counts."""
    shown = tuple(
        msgspec.structs.replace(facet, count=count)
        for facet, count in zip(facets, counts, strict=True)
    )
    metadata = PagingMetadata(count=len(shown), offset=asked.paging.offset, total=total)
    return FacetsPage(facets=shown, paging_metadata=metadata)


def _label_facets(own_labels: Iterable[Label], language: Language) -> Iterator[Facet]:
    """The site's own labels first, newest first, then those that every site has."""
    own = sorted(own_labels, key=lambda label: label.key)
    own.sort(key=lambda label: label.created_date.ms if label.created_date else 0, reverse=True)
    system = {label.key: label for label in system_labels(language)}
    for label in (*own, system[CUSTOMERS], system[CONTACTED_ME]):
        yield Facet(
            facet_type=FacetType.LABEL,
            namespace=label.namespace,
            namespace_display_name=label.namespace_display_name,
            facet_key=label.key,
            facet_display_name=label.display_name,
            query_filter={"info.labelKeys": {"$hasSome": [label.key]}},
        )


_NAMESPACES: Final = {
    FacetType.SUBSCRIPTION_STATUS: (
        "emailSubscriptions",
        ("Subscription Status", "Estado de suscripción"),
    ),
    FacetType.MEMBERSHIP_STATUS: (
        "membershipStatus",
        ("Membership Status", "Estado de membresía"),
    ),
}
_PENDING: Final = ("Pending", "Pendiente")
_INACTIVE: Final = ("Inactive", "Inactivo")
_STATUSES: Final = (
    *(
        _Status(FacetType.SUBSCRIPTION_STATUS, name, names, field, value)
        for name, names, field, value in (
            ("subscribed", ("Subscribed", "Suscrito"), _SUBSCRIPTION, "SUBSCRIBED"),
            ("unsubscribed", ("Unsubscribed", "No suscrito"), _SUBSCRIPTION, UNSUBSCRIBED),
            ("pending", _PENDING, _SUBSCRIPTION, "PENDING"),
            ("bounced", ("Bounced", "Rebotado"), _DELIVERABILITY, "BOUNCED"),
            ("spam", ("Spam", "Spam"), _DELIVERABILITY, "SPAM_COMPLAINT"),
            ("inactive", _INACTIVE, _DELIVERABILITY, "INACTIVE"),
        )
    ),
    *(
        _Status(FacetType.MEMBERSHIP_STATUS, value.lower(), names, _MEMBERSHIP, value)
        for names, value in (
            (("Approved", "Aprobado"), APPROVED),
            (("Blocked", "Bloqueado"), "DENIED"),
            (_PENDING, "PENDING"),
            (_INACTIVE, "INACTIVE"),
        )
    ),
)
_STATUS_BY_KEY: Final = {status.key: status for status in _STATUSES}
