"""The condition that leads to its contacts: what its index has of them besides their ids."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from contactory.domain.contact_index import NAMES_BESIDE, SORTED_BY
from contactory.domain.filters import Filter, OneOf, Present, StartsWith
from contactory.store.contact_tests import (
    LABELS,
    Leaf,
    Parameters,
    custom_key,
    ids,
    is_one_column,
    term_names,
)

_NAMES: Final = frozenset(NAMES_BESIDE)
_LABELS: Final = frozenset({"labels"})
_WITH_NAMES: Final = frozenset({"info.company", "info.jobTitle"})
_TEXTS: Final = frozenset({"first_text", "last_text", "company_text", "job_text"})
_OF_A_CONTACT: Final = _TEXTS.union(SORTED_BY.values(), {"updated_at"})


def lead_of(tree: Filter, parameters: Parameters, columns: Collection[str] = ()) -> str | None:
    """A selection of the ids that the filter leaves, with what comes with them: these columns.

    None where no index leads there.
    """
    if isinstance(tree, OneOf | StartsWith | Present) and columns_beside(tree):
        return Leaf("lead", parameters, columns).sql(tree)
    return ids(tree, parameters)


def columns_beside(tree: Filter) -> frozenset[str]:
    """The columns that come with each id, from the condition's index or the rows it leads to."""
    return _OF_A_CONTACT if _leads_to_rows(tree) else columns_indexed(tree)


def columns_indexed(tree: Filter) -> frozenset[str]:
    """The columns that come with each id from the condition's index itself."""
    if not isinstance(tree, OneOf | StartsWith | Present):
        return frozenset()
    if tree.field.path == LABELS:
        return _LABELS
    has_names = tree.field.path in _WITH_NAMES if _leads_to_rows(tree) else term_names(tree.field)
    return _NAMES if has_names else frozenset()


def _leads_to_rows(tree: Filter) -> bool:
    """Whether the condition is of a column of contacts: its index leads to their rows at once."""
    return isinstance(tree, OneOf | StartsWith) and is_one_column(tree.field)


def is_in_order(tree: Filter) -> bool:
    """Whether the condition's index has its contacts in the order of their creation."""
    if not isinstance(tree, OneOf) or len(tree.values) != 1:
        return False
    field = tree.field
    is_one_term = len(term_names(field)) == 1
    is_custom = custom_key(field) is not None
    return field.path == LABELS or is_one_term or is_custom or is_one_column(field)
