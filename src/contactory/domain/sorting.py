"""Reads the order that a query asks for (CONTRACT B.6, D.5, D.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from contactory.domain.errors import InvalidSort, UnsupportedSortField
from contactory.domain.filter_fields import Dialect, FieldLookup
from contactory.domain.filter_forms import shown
from contactory.domain.filters import Field, SortEntry

MOST_ENTRIES: Final = 5
_ORDERS: Final = ("ASC", "DESC")
_SHAPE: Final = '{"fieldName": "createdDate", "order": "DESC"}'


def read_sort(sent: Any, fields: FieldLookup, *, path: str = "query.sort") -> tuple[SortEntry, ...]:
    """The entries of an order: one object, or a list of at most 5; empty where none was sent.

    `order` is ASC (the default) or DESC in any letter case. Raises UnsupportedSortField, of labels
    and extended fields InvalidSort, for fields that are not sortable and for all other shapes.
    """
    if sent is None or sent == {}:
        return ()
    reader = _SortReader(fields)
    if isinstance(sent, Mapping):
        return (reader.entry(sent, path),)
    if not isinstance(sent, list | tuple):
        reader.refuse(path, f"must be an object such as {_SHAPE}, or a list of them")
    if len(sent) > MOST_ENTRIES:
        reader.refuse(path, f"can have {MOST_ENTRIES} entries")
    return tuple(reader.entry(item, f"{path}[{at}]") for at, item in enumerate(sent))


class _SortReader:
    def __init__(self, fields: FieldLookup) -> None:
        self._fields = fields

    def entry(self, sent: Any, path: str) -> SortEntry:
        """One entry."""
        if not isinstance(sent, Mapping):
            self.refuse(path, f"must be an object such as {_SHAPE}")
        field = self._field(_single(sent.get("fieldName")), f"{path}.fieldName")
        order = _single(sent.get("order"))
        if order is None or order == "":
            return SortEntry(field)
        if not isinstance(order, str) or order.upper() not in _ORDERS:
            self.refuse(f"{path}.order", "must be ASC or DESC", field.path)
        return SortEntry(field, is_descending=order.upper() == "DESC")

    def _field(self, name: Any, path: str) -> Field:
        if not isinstance(name, str) or not name:
            self.refuse(path, f"must be the name of a field, as in {_SHAPE}")
        field = self._fields.find(name)
        if field is None or not field.is_sortable:
            self.refuse(path, f"is {shown(name)}: {self._advice(name, field)}", shown(name))
        return field

    def _advice(self, name: str, field: Field | None) -> str:
        known = (
            None if field is not None else self._fields.find(self._fields.suggestion(name) or "")
        )
        if known is not None and known.is_sortable:
            return f"there is no such field, use {known.path}"
        sortable = sorted(path for path, found in self._fields.fields.items() if found.is_sortable)
        return f"this field cannot be sorted by, use one of {', '.join(sortable)}"

    def refuse(self, path: str, reason: str, field: str | None = None) -> NoReturn:
        """Raise what this dialect has for it."""
        kind = UnsupportedSortField if self._fields.dialect is Dialect.CONTACTS else InvalidSort
        raise kind(f"{path} {reason}", path=path, field=field)


def _single(value: Any) -> Any:
    """The value itself; of a URL's parameter, the one that it has."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
