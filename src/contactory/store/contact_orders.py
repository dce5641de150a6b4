"""Orders of contacts in SQL: by columns, by values of custom fields, then by id.

Whoever lacks a value comes last ascending and first descending. A list that is walked by a custom
field has two segments, since nothing is stored for those that lack it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from contactory.domain.contact_index import MISSING, SORTED_BY
from contactory.domain.filters import Field, Kind, SortEntry, Value
from contactory.kit.ids import RowId, number_of
from contactory.store.contact_plans import Plan
from contactory.store.contact_tests import Parameters, custom_key

_CREATED: Final = "createdDate"
_Term = tuple[str, bool, Value | RowId]
"""An expression, whether it falls, and where the last contact stands in it."""


class Position(msgspec.Struct, frozen=True):
    """The sort values and the id of the last contact that was seen; None for a missing value."""

    values: tuple[Value | None, ...]
    contact_id: str


class Segment(msgspec.Struct, frozen=True):
    """A part of the list that one statement walks."""

    source: str
    order: str
    conditions: tuple[str, ...] = ()


class Edge(msgspec.Struct, frozen=True):
    """Where a part of a walk ends: the first sort value and the id of a contact."""

    value: Value | bytes
    contact_id: bytes


class Order:
    """An order, for statements of a plan."""

    def __init__(self, sort: Sequence[SortEntry], plan: Plan) -> None:
        # Ids go by creation, so the order ends there; nobody has a value of other fields left out.
        ends = [at for at, entry in enumerate(sort) if entry.field.path == _CREATED]
        until = ends[0] if ends else len(sort)
        used = [at for at, entry in enumerate(sort[:until]) if _is_stored(entry.field)]
        self._positions = used
        self._entries = [_Entry(at, sort[place], plan.parameters) for at, place in enumerate(used)]
        self._plan = plan
        self._parameters = plan.parameters
        self._id = plan.order_id
        self._falls = bool(sort) and sort[until if ends else 0].is_descending

    @property
    def keys(self) -> str:
        """The columns by which a page is put in order again.

        They are those of the inner order to the letter: so SQLite knows that nothing is left to do.
        """
        values = [f"{self._led(entry.value)} AS {entry.name}" for entry in self._entries]
        return ", ".join([f"{self._led('c.id')} AS id", *values])

    @property
    def outer(self) -> str:
        """The order over those columns."""
        parts = [
            part
            for entry in self._entries
            for part in entry.ordered(f"p.{entry.name}", f"p.{entry.name} IS NULL")
        ]
        return ", ".join([*parts, f"p.id {self._way}"])

    @property
    def parameters(self) -> Parameters:
        """The values of the statements."""
        return self._parameters

    @property
    def has_edges(self) -> bool:
        """Whether parts of a walk can be cut off: where it goes along a column of contacts."""
        return not self._plan.by_number and (not self._entries or self._entries[0].key is None)

    def edge(self, where: str) -> str:
        """The statement for the contact so many `steps` along the column of the walk."""
        if not self._entries:
            return self._parameters.fragment("edge_by_id", where=where, order=f"c.id {self._way}")
        lead = self._entries[0]
        order = f"{lead.value} {lead.way}, c.id {self._way}"
        joins = self._joins(self._entries)
        return self._parameters.fragment(
            "edge", key=lead.value, joins=joins, where=where, order=order
        )

    def beyond(self, after: Position | None) -> tuple[str, ...]:
        """Conditions that hold for all that comes after the position."""
        return self._beyond(self._entries, after)

    def within(self, edge: Edge | None) -> tuple[str, ...]:
        """Conditions that hold for all that comes up to the edge."""
        if edge is None:
            return ()
        add = self._parameters.add
        if not self._entries:
            return (f"c.id {'>=' if self._falls else '<='} {add(edge.contact_id)}",)
        lead = self._entries[0]
        sign = ">=" if lead.falls else "<="
        if len(self._entries) == 1 and lead.falls == self._falls:
            pair = f"({add(edge.value)}, {add(edge.contact_id)})"
            return (f"({lead.value}, c.id) {sign} {pair}",)
        return (f"{lead.value} {sign} {add(edge.value)}",)

    def segments(self, after: Position | None) -> list[Segment]:
        """The parts of the list, in order, that come after the position."""
        lead = self._entries[0] if self._entries else None
        if not (self._plan.is_walk and lead is not None and lead.key is not None):
            return [self._whole(after)]
        is_missing = after is not None and after.values[self._positions[0]] is None
        present = self._present(lead, None if is_missing else after)
        if self._plan.needs_value:
            return [] if is_missing else [present]
        missing = self._missing(lead, after if is_missing else None)
        if after is None:
            return [missing, present] if lead.falls else [present, missing]
        if lead.falls:
            return [missing, present] if is_missing else [present]
        return [missing] if is_missing else [present, missing]

    @property
    def _way(self) -> str:
        return "DESC" if self._falls else "ASC"

    def _whole(self, after: Position | None) -> Segment:
        parts = [
            part
            for entry in self._entries
            for part in entry.ordered(self._led(entry.value), f"{entry.value} IS NULL")
        ]
        order = ", ".join([*parts, f"{self._led(self._id)} {self._way}"])
        return Segment(self._source(self._entries), order, self._beyond(self._entries, after))

    def _led(self, column: str) -> str:
        """The column, not to lead by its index where another condition leads already."""
        if self._plan.is_walk:
            return column
        return self._parameters.fragment("aside", column=column)

    def _present(self, lead: _Entry, after: Position | None) -> Segment:
        others = self._entries[1:]
        source = self._parameters.fragment("contacts_by_value", name=lead.name) + self._joins(
            others
        )
        belongs = self._parameters.fragment(
            "is_of_value", name=lead.name, field=lead.key or "", column=lead.column
        )
        parts = [f"{lead.value} {lead.way}"]
        for entry in others:
            parts += entry.ordered(entry.value, f"{entry.value} IS NULL")
        order = ", ".join([*parts, f"{lead.name}.contact_id {self._way}"])
        return Segment(source, order, (belongs, *self._beyond(self._entries, after)))

    def _missing(self, lead: _Entry, after: Position | None) -> Segment:
        others = self._entries[1:]
        absent = f"NOT {self._parameters.fragment('test_value_present', field=lead.key or '')}"
        parts = [
            part
            for entry in others
            for part in entry.ordered(entry.value, f"{entry.value} IS NULL")
        ]
        order = ", ".join([*parts, f"c.id {self._way}"])
        # The outer order and the keys name the leading value too.
        source = self._source(self._entries)
        return Segment(source, order, (absent, *self._beyond(others, after)))

    def _source(self, entries: Sequence[_Entry]) -> str:
        return self._plan.source + self._joins(entries)

    def _joins(self, entries: Sequence[_Entry]) -> str:
        return "".join(
            f" {self._parameters.fragment('join_value', name=entry.name, field=entry.key)}"
            for entry in entries
            if entry.key is not None
        )

    def _beyond(self, entries: Sequence[_Entry], after: Position | None) -> tuple[str, ...]:
        """Conditions that hold for all that comes after the position in these entries."""
        if after is None:
            return ()
        contact_id = RowId(after.contact_id)
        terms: list[_Term] = []
        for entry in entries:
            terms += entry.terms(after.values[self._positions[entry.at]])
        terms.append((self._id, self._falls, contact_id))
        if len(entries) == 1 and len(terms) == 2 and terms[0][1] == self._falls:
            return (self._pair(terms[0], contact_id),)
        return (*self._bounds(terms), self._lexicographic(terms))

    def _bounds(self, terms: Sequence[_Term]) -> tuple[str, ...]:
        """Follows from the rest, and lets the walk begin where it ended."""
        expression, falls, value = terms[0]
        return (f"{expression} {'<=' if falls else '>='} {self._placed(value)}",)

    def _pair(self, term: _Term, contact_id: RowId) -> str:
        expression, _, value = term
        add = self._parameters.add
        sign = "<" if self._falls else ">"
        return f"({expression}, c.id) {sign} ({add(value)}, {add(contact_id)})"

    def _lexicographic(self, terms: Sequence[_Term]) -> str:
        ways = []
        for at, (expression, falls, value) in enumerate(terms):
            equal = [f"{earlier} = {self._placed(same)}" for earlier, _, same in terms[:at]]
            sign = "<" if falls else ">"
            further = f"{expression} {sign} {self._placed(value)}"
            ways.append(f"({' AND '.join([*equal, further])})")
        return f"({' OR '.join(ways)})"

    def _placed(self, value: Value | RowId) -> str:
        """What stands for the value; for an id, the number where the walk goes by numbers."""
        add = self._parameters.add
        if self._plan.by_number and isinstance(value, RowId):
            otherwise = add(number_of(value))
            return self._parameters.fragment("number", id=add(value), otherwise=otherwise)
        return add(value)


class _Entry:
    """One sort entry: the column or the joined value that it goes by."""

    def __init__(self, at: int, entry: SortEntry, parameters: Parameters) -> None:
        self.at = at
        self.name = f"k{at}"
        self.falls = entry.is_descending
        key = custom_key(entry.field)
        self.key = None if key is None else parameters.add(key)
        if key is None:
            self.column = SORTED_BY[entry.field.path]
            self.value = f"c.{self.column}"
        else:
            self.column = "text_key" if entry.field.kind is Kind.TEXT else "number_value"
            self.value = f"{self.name}.{self.column}"

    @property
    def way(self) -> str:
        """The direction in SQL."""
        return "DESC" if self.falls else "ASC"

    def ordered(self, value: str, is_missing: str) -> list[str]:
        """What stands in ORDER BY."""
        if self.key is None:
            return [f"{value} {self.way}"]
        return [f"({is_missing}) {self.way}", f"{value} {self.way}"]

    def terms(self, value: Value | None) -> list[_Term]:
        """What the position is compared with; a custom value may be missing."""
        if self.key is None:
            return [(self.value, self.falls, MISSING if value is None else value)]
        is_missing = f"({self.value} IS NULL)"
        if value is None:
            return [(is_missing, self.falls, True)]
        return [(is_missing, self.falls, False), (self.value, self.falls, value)]


def _is_stored(field: Field) -> bool:
    return custom_key(field) is not None or field.path in SORTED_BY
