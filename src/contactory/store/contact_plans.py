"""Chooses how the contacts of a selection are found, so that a page costs the page, not the list.

Either one condition leads to the contacts through its index, the one with the fewest matches, and
what it finds is tested for the others and sorted. Or the list is walked in the order that is asked
for, which soon meets enough contacts where many match.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from math import sqrt
from typing import Final

import msgspec

from contactory.domain.contact_groups import tells_groups_apart
from contactory.domain.contact_index import SORTED_BY
from contactory.domain.contact_selection import Selection
from contactory.domain.exact_search import ExactSearch
from contactory.domain.filter_matching import matches
from contactory.domain.filters import (
    All,
    Compare,
    Comparison,
    Filter,
    Not,
    OneOf,
    SortEntry,
    StartsWith,
)
from contactory.domain.identities import DEFAULT_SITE_ID
from contactory.domain.search_reading import Expression
from contactory.kit.ids import RowId
from contactory.store.contact_counts import count_everybody, group_counts, kept_count
from contactory.store.contact_leads import (
    columns_beside,
    columns_indexed,
    is_in_order,
    lead_of,
)
from contactory.store.contact_rows import site_tag
from contactory.store.contact_tests import (
    CREATED,
    EVERYTHING,
    Form,
    Parameters,
    condition,
    ids,
    range_of,
    walked,
)
from contactory.store.engine import Transaction
from contactory.store.queries import Dialect
from contactory.store.word_matches import MATCHED, whole_words

_ROW_COST: Final = 15.0
_OWN_ROW_COST: Final = 7.0
_ID_COST: Final = 2.0
_TEST_COST: Final = 3.0
_BESIDE_COST: Final = 0.2
"""In microseconds, about: to fetch a contact's row for sorting, the same where its own index led
to it, to fetch its id alone, to test one that is met on a walk, and to read what stands beside an
id in the index that led to it."""

_PATIENCE: Final = 4
"""How many times longer than expected a walk may be at first."""


_FEW: Final = 100
_MANY: Final = 5_000
_QUICKLY_TESTED: Final = 5_000
"""The words of so many contacts are looked through sooner than a frequent beginning is found."""

_EVERYBODY: Final = 2**62

_ALWAYS_THERE: Final = frozenset({CREATED, "updatedDate", "lastActivity.activityDate"})
_REVERSED: Final[dict[Comparison, Comparison]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_OF_A_ROW: Final = re.compile(r"\bc\.(\w+)")
"""The columns of a contact in a condition."""

_Condition = Filter | ExactSearch | Expression


class Plan(msgspec.Struct, frozen=True):
    """Where the contacts come from and which conditions hold; `total` where it is known by now.

    Without a lead, the list is walked in the order that is asked for.
    """

    source: str
    where: str
    parameters: Parameters
    is_walk: bool
    total: int | None = None
    is_bound: bool = False
    """Whether the walk is no longer than what one condition leaves."""
    is_alone: bool = False
    """Whether nothing else is asked than the condition that binds the walk."""
    is_everybody: bool = False
    """Whether nothing is asked of the contacts."""
    needs_value: bool = False
    """Whether only those are wanted that have a value of the field that is sorted by first."""
    by_number: bool = False
    """Whether the walk goes by the numbers of contacts, as the index of words has them."""
    order_id: str = "c.id"
    """What the order ends with: the ids, from where they come in their order, or the numbers."""

    @property
    def id(self) -> str:
        """The ids, from where they come in their order."""
        return "c.id" if self.by_number else self.order_id


class Pace(msgspec.Struct, frozen=True):
    """What a page asks of a plan: its order, and how many contacts until its end."""

    sort: Sequence[SortEntry] = ()
    wanted: int = 0

    @property
    def path(self) -> str:
        """The field that is sorted by first."""
        return self.sort[0].field.path if self.sort else CREATED

    @property
    def columns(self) -> frozenset[str]:
        """The columns of contacts that are sorted by, beside ids."""
        paths = [entry.field.path for entry in self.sort]
        until = paths.index(CREATED) if CREATED in paths else len(paths)
        return frozenset(SORTED_BY[path] for path in paths[:until] if path in SORTED_BY)


async def planned(tx: Transaction, site: RowId, selection: Selection, pace: Pace) -> Plan:
    """How to find the contacts of a selection for a page."""
    conditions = _conditions(selection)
    everybody = await count_everybody(tx, site)
    if not conditions:
        parameters = Parameters(site, tx.dialect)
        source = parameters.fragment("contacts")
        return Plan(source, EVERYTHING, parameters, True, everybody, is_everybody=True)
    bound = _bound(conditions, pace, tx.dialect)
    needs_value = any(_path(one) == pace.path for one in conditions)
    if bound is not None and len(conditions) == 1:
        plan = _bound_walk(conditions, bound, Parameters(site, tx.dialect), pace, None)
        return msgspec.structs.replace(plan, needs_value=needs_value, is_alone=True)
    most = sortable_number(everybody, pace, _cost(conditions, pace))
    counts = [await _count(tx, site, one, most) for one in conditions]
    fewest = min((count for count in counts if count is not None), default=most)
    chosen = counts.index(fewest) if fewest < most else None
    total = fewest if chosen is not None and len(conditions) == 1 else None
    if bound is not None and chosen in (None, bound):
        plan = _bound_walk(conditions, bound, Parameters(site, tx.dialect), pace, total)
    elif chosen is None:
        plan = _walk(conditions, Parameters(site, tx.dialect), total)
    else:
        plan = _led(conditions, chosen, Parameters(site, tx.dialect), total, pace.columns)
    return msgspec.structs.replace(plan, needs_value=needs_value)


async def planned_by_fewest(
    tx: Transaction, site: RowId, selection: Selection, columns: frozenset[str]
) -> Plan:
    """How to find all contacts of a selection, to count them or to sort them by these columns."""
    conditions = _conditions(selection)
    kept = [await _kept_count(tx, site, one) for one in conditions]
    most = _MANY
    while True:
        counts = [
            await _count_up_to(tx, site, one, most) if count is None else count
            for one, count in zip(conditions, kept, strict=True)
        ]
        known = [count for count in counts if count is not None]
        if not known:
            return _walk(conditions, Parameters(site, tx.dialect), None)
        if min(known) < most:
            break
        most *= 8
    fewest = min(known)
    total = fewest if len(conditions) == 1 else None
    return _led(conditions, counts.index(fewest), Parameters(site, tx.dialect), total, columns)


def _cost(conditions: Sequence[_Condition], pace: Pace) -> float:
    """What it costs to sort one match, where one condition alone leads to all of them."""
    only = conditions[0]
    if len(conditions) == 1 and pace.columns <= _columns_beside(only):
        return _BESIDE_COST if pace.columns <= _columns_indexed(only) else _OWN_ROW_COST
    return cost_of_sorting(pace)


def cost_of_sorting(pace: Pace) -> float:
    """What it costs to sort one match, of which no more than its id is at hand."""
    return _ID_COST if pace.path == CREATED else _ROW_COST


def sortable_number(everybody: int, pace: Pace, cost: float) -> int:
    """How many matches are rather sorted, at this cost each, than met on a walk through the list.

    Of m matches among n contacts, a walk meets a page of k after k * n / m contacts.
    """
    return max(_FEW, int(sqrt(pace.wanted * everybody * _TEST_COST / cost)))


def walks(wanted: int, everybody: int, total: int | None) -> Iterator[int]:
    """How far to walk, again and again, before sorting costs less: in contacts.

    The last walk has no end where sorting would cost more than that.
    """
    matches = total or max(_FEW, int(sqrt(wanted * everybody)))
    steps = max(_FEW, _PATIENCE * wanted * everybody // matches)
    while steps < everybody and steps * _TEST_COST < matches * _ROW_COST:
        yield steps
        steps *= 8
    if everybody * _TEST_COST < matches * _ROW_COST:
        yield everybody


def _walk(
    conditions: Sequence[_Condition],
    parameters: Parameters,
    total: int | None,
    bound: int | None = None,
) -> Plan:
    """A walk through the list, or the part of it in which one condition holds."""
    lead = None if bound is None else conditions[bound]
    parts = [_condition(one, parameters) for at, one in enumerate(conditions) if at != bound]
    source = parameters.fragment("contacts")
    if isinstance(lead, Expression):
        source = parameters.fragment("contacts_by_words")
        parts.insert(0, parameters.fragment("is_by_words", match=_match(lead, parameters)))
    elif lead is not None:
        parts.insert(0, _walked(lead, parameters))
    return Plan(
        source=source,
        where=" AND ".join(parts) or EVERYTHING,
        parameters=parameters,
        is_walk=True,
        total=total,
        is_bound=lead is not None,
        by_number=isinstance(lead, Expression),
        order_id="w.rowid" if isinstance(lead, Expression) else "c.id",
    )


def _bound_walk(
    conditions: Sequence[_Condition],
    bound: int,
    parameters: Parameters,
    pace: Pace,
    total: int | None,
) -> Plan:
    """A walk through what one condition leaves, which its index has in the order asked for."""
    lead = conditions[bound]
    by_number = isinstance(lead, Expression) and parameters.dialect == "sqlite"
    if pace.path != CREATED or by_number or not _comes_in_order(lead):
        return _walk(conditions, parameters, total, bound)
    plan = _led(conditions, bound, parameters, total, frozenset())
    return msgspec.structs.replace(plan, is_walk=True, is_bound=True)


def _led(
    conditions: Sequence[_Condition],
    at: int,
    parameters: Parameters,
    total: int | None,
    columns: frozenset[str],
) -> Plan:
    """What one condition finds, tested for the others, to be sorted by these columns.

    No rows are fetched where it is enough what the index that leads has.
    """
    others = [*conditions[:at], *conditions[at + 1 :]]
    beside = _columns_beside(conditions[at])
    needed = columns.union(*(_columns_of(one, parameters.dialect) for one in others))
    is_enough = needed <= {"id", *beside}
    alias = "c" if is_enough else "f"
    parameters.labels_of = alias if "labels" in beside else ""
    found = _lead(conditions[at], parameters, needed - {"id"} if is_enough else ())
    tests = [_condition(one, parameters) for one in others]
    if is_enough:
        source = parameters.fragment("contacts_as_ids", ids=found)
        return Plan(source, " AND ".join(tests) or EVERYTHING, parameters, False, total)
    source = parameters.fragment("contacts_found", ids=found)
    where = " AND ".join([parameters.fragment("is_found"), *tests])
    return Plan(source, where, parameters, False, total, order_id="f.id")


def _columns_of(asked: _Condition, dialect: Dialect) -> set[str]:
    """The columns of contacts that a condition looks at."""
    return set(_OF_A_ROW.findall(_condition(asked, _any_site(dialect))))


def _any_site(dialect: Dialect) -> Parameters:
    """For statements that are looked at and not run."""
    return Parameters(RowId(DEFAULT_SITE_ID), dialect)


def _columns_beside(asked: _Condition) -> frozenset[str]:
    if isinstance(asked, ExactSearch | Expression):
        return frozenset()
    return columns_beside(asked)


def _columns_indexed(asked: _Condition) -> frozenset[str]:
    if isinstance(asked, ExactSearch | Expression):
        return frozenset()
    return columns_indexed(asked)


def _lead(asked: _Condition, parameters: Parameters, columns: Collection[str]) -> str:
    if isinstance(asked, ExactSearch | Expression):
        return _ids(asked, parameters) or ""
    return lead_of(asked, parameters, columns) or ""


def _bound(conditions: Sequence[_Condition], pace: Pace, dialect: Dialect) -> int | None:
    """The condition whose index has its matches in the order that is asked for."""
    for at, one in enumerate(conditions):
        if pace.path == CREATED and _comes_in_order(one):
            return at
        if _path(one) == pace.path and _walked(one, _any_site(dialect)):
            return at
    return None


def _comes_in_order(asked: _Condition) -> bool:
    if isinstance(asked, ExactSearch | Expression):
        return isinstance(asked, Expression)
    return is_in_order(asked)


def _path(asked: _Condition) -> str | None:
    if isinstance(asked, All):
        tests = range_of(asked.parts)
        return tests[0].field.path if tests else None
    return asked.field.path if isinstance(asked, OneOf | StartsWith | Compare) else None


def _walked(asked: _Condition, parameters: Parameters) -> str:
    if isinstance(asked, ExactSearch | Expression):
        return ""
    return walked(asked, parameters) or ""


async def total_of(tx: Transaction, site: RowId, selection: Selection, plan: Plan) -> int:
    """How many contacts the selection has, exactly."""
    if plan.total is not None:
        return plan.total
    conditions = _conditions(selection)
    if len(conditions) == 1:
        total = await _total_of_one(tx, site, conditions[0])
        if total is not None:
            return total
    if plan.is_walk:
        plan = await planned_by_fewest(tx, site, selection, frozenset())
    sql = plan.parameters.fragment("count_where", source=plan.source, where=plan.where)
    return int((await tx.select(sql, plan.parameters.values))[0][0])


async def _total_of_one(tx: Transaction, site: RowId, asked: _Condition) -> int | None:
    """The total of one condition: kept, or counted in its index; None where no index leads."""
    kept = await _kept_total(tx, site, asked)
    return await _count_up_to(tx, site, asked, _EVERYBODY) if kept is None else kept


def _conditions(selection: Selection) -> list[_Condition]:
    """What must all hold; comparisons of one field are one range."""
    compares: dict[str, list[Filter]] = {}
    conditions: list[_Condition] = []
    for part in _flat(selection.filter):
        if isinstance(part, Compare):
            compares.setdefault(part.field.path, []).append(part)
        else:
            conditions.append(part)
    ranges = (tests[0] if len(tests) == 1 else All(tuple(tests)) for tests in compares.values())
    others = (selection.exact, selection.words)
    return [*conditions, *ranges, *(other for other in others if other is not None)]


def _flat(tree: Filter) -> list[Filter]:
    if isinstance(tree, All):
        return [inner for part in tree.parts for inner in _flat(part)]
    return [tree]


def _condition(asked: _Condition, parameters: Parameters) -> str:
    match asked:
        case ExactSearch():
            return f"({' OR '.join(_exact(asked, 'test', parameters))})"
        case Expression():
            return parameters.fragment("test_words", match=_match(asked, parameters))
        case _:
            return condition(asked, parameters)


def _ids(asked: _Condition, parameters: Parameters) -> str | None:
    match asked:
        case ExactSearch():
            return " UNION ".join(_exact(asked, "ids", parameters))
        case Expression():
            return _ids_by_words(asked, parameters)
        case _:
            return ids(asked, parameters)


def _ids_by_words(words: Expression, parameters: Parameters) -> str:
    match, whole = _match(words, parameters), whole_words(words)
    if whole is None:
        return parameters.fragment("ids_words", match=match)
    return parameters.fragment(
        "ids_words_of_few",
        match=match,
        whole=_match(whole, parameters),
        most=str(_QUICKLY_TESTED),
    )


def _match(words: Expression, parameters: Parameters) -> str:
    matched = MATCHED[parameters.dialect](words, site_tag(parameters.values["site_id"]))
    return parameters.add(matched)


def _exact(search: ExactSearch, form: Form, parameters: Parameters) -> list[str]:
    """The ways in which a contact may have the text."""

    def column(form_: Form, name: str, value: str) -> str:
        return parameters.fragment(f"{form_}_column", column=name, values=parameters.add(value))

    ways = [column(form, "first_key", search.name), column(form, "last_key", search.name)]
    for first, last in search.full_names:
        has_first = column("test", "first_key", first)
        lead = column(form, "last_key", last)
        ways.append(
            _both(lead, has_first, parameters) if form == "ids" else f"({lead} AND {has_first})"
        )
    ways.append(parameters.fragment(f"{form}_email", values=parameters.add(search.email)))
    if search.phone:
        ways.append(
            parameters.fragment(
                f"{form}_term",
                fields=parameters.add_all(("phone", "primary_phone")),
                keys=parameters.add(search.phone),
                values=parameters.add(""),
            )
        )
    return ways


def _both(lead: str, other: str, parameters: Parameters) -> str:
    source = parameters.fragment("contacts_found", ids=lead)
    where = f"{parameters.fragment('is_found')} AND {other}"
    return parameters.fragment("ids_where", source=source, where=where)


async def _count(tx: Transaction, site: RowId, asked: _Condition, most: int) -> int | None:
    """As `_count_up_to`, from what is kept where it is."""
    kept = await _kept_count(tx, site, asked)
    return await _count_up_to(tx, site, asked, most) if kept is None else min(kept, most)


async def _kept_count(tx: Transaction, site: RowId, asked: _Condition) -> int | None:
    """How many contacts one condition leaves, where that is kept."""
    if isinstance(asked, ExactSearch | Expression):
        return None
    return await kept_count(tx, site, asked)


async def _count_up_to(tx: Transaction, site: RowId, asked: _Condition, most: int) -> int | None:
    """How many contacts one condition leaves, at most so many; None where no index leads."""
    parameters = Parameters(site, tx.dialect)
    if isinstance(asked, Expression):
        sql = parameters.fragment("count_words_up_to", match=_match(asked, parameters))
    else:
        selected = _ids(asked, parameters)
        if selected is None:
            return None
        sql = parameters.fragment("count_up_to", ids=selected)
    return int((await tx.select(sql, parameters.values | {"most": most}))[0][0])


async def _kept_total(tx: Transaction, site: RowId, asked: _Condition) -> int | None:
    """The total of one test that is counted anyway; of its opposite, all others."""
    if isinstance(asked, ExactSearch | Expression):
        return None
    if tells_groups_apart(asked):
        groups = await group_counts(tx, site)
        return sum(count for group, count in groups.items() if matches(asked, group.values))
    if (kept := await kept_count(tx, site, asked)) is not None:
        return kept
    others = await _opposite_total(tx, site, asked)
    return None if others is None else await count_everybody(tx, site) - others


async def _opposite_total(tx: Transaction, site: RowId, asked: Filter) -> int | None:
    """How many contacts do not pass, where they are quickly counted."""
    match asked:
        case Not(part):
            return await _total_of_one(tx, site, part)
        case Compare(field, operator, value) if field.path in _ALWAYS_THERE:
            reverse = Compare(field, _REVERSED[operator], value)
            counted = await _count_up_to(tx, site, reverse, _MANY)
            return counted if counted is not None and counted < _MANY else None
        case _:
            return None
