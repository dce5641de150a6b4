"""Chooses how the contacts of a selection are found, so that a page costs the page, not the list.

Either one condition leads to the contacts through its index, the one with the fewest matches, and
what it finds is tested for the others and sorted. Or the list is walked in the order that is asked
for, which soon meets enough contacts where many match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final

import msgspec

from contactory.domain.contact_groups import tells_groups_apart
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
from contactory.domain.search_reading import Expression, match_expression
from contactory.kit.ids import RowId
from contactory.store.contact_counts import count_everybody, group_counts
from contactory.store.contact_rows import site_tag
from contactory.store.contact_tests import (
    CREATED,
    EVERYTHING,
    Form,
    Parameters,
    condition,
    fragment,
    ids,
    range_of,
    walked,
)
from contactory.store.engine import Transaction

_ROW_COST: Final = 15.0
_ID_COST: Final = 2.0
_TEST_COST: Final = 3.0
"""In microseconds, about: to fetch a contact's row for sorting, to fetch its id alone, and to test
one that is met on a walk."""

_PATIENCE: Final = 4
"""How many times longer than expected a walk may be at first."""


_FEW: Final = 100
_MANY: Final = 5_000
_EVERYBODY: Final = 2**62

_ALWAYS_THERE: Final = frozenset({CREATED, "updatedDate", "lastActivity.activityDate"})
_REVERSED: Final[dict[Comparison, Comparison]] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_LABELS: Final = "info.labelKeys"
_OF_A_ROW: Final = re.compile(r"\bc\.(?!id\b)")
"""Columns of a contact that are not its id."""

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
    is_everybody: bool = False
    """Whether nothing is asked of the contacts."""
    needs_value: bool = False
    """Whether only those are wanted that have a value of the field that is sorted by first."""
    by_number: bool = False
    """Whether the walk goes by the numbers of contacts, as the index of words has them."""


class Pace(msgspec.Struct, frozen=True):
    """What a page asks of a plan: its first sort entry, and how many contacts until its end."""

    lead: SortEntry | None = None
    wanted: int = 0

    @property
    def path(self) -> str:
        """The field that is sorted by first."""
        return CREATED if self.lead is None else self.lead.field.path


async def planned(tx: Transaction, site: RowId, selection: Selection, pace: Pace) -> Plan:
    """How to find the contacts of a selection for a page."""
    conditions = _conditions(selection)
    everybody = await count_everybody(tx, site)
    if not conditions:
        return Plan(
            fragment("contacts"), EVERYTHING, Parameters(site), True, everybody, is_everybody=True
        )
    bound = _bound(conditions, pace)
    needs_value = any(_path(one) == pace.path for one in conditions)
    if bound is not None and len(conditions) == 1:
        plan = _walk(conditions, Parameters(site), None, bound)
        return msgspec.structs.replace(plan, needs_value=needs_value)
    most = sortable_number(everybody, pace)
    counts = [await _count_up_to(tx, site, one, most) for one in conditions]
    fewest = min((count for count in counts if count is not None), default=most)
    chosen = counts.index(fewest) if fewest < most else None
    total = fewest if chosen is not None and len(conditions) == 1 else None
    if bound is not None and chosen in (None, bound):
        plan = _walk(conditions, Parameters(site), total, bound)
    elif chosen is None:
        plan = _walk(conditions, Parameters(site), total)
    else:
        by_id = pace.path == CREATED
        plan = _led(conditions, chosen, Parameters(site), total, by_id=by_id)
    return msgspec.structs.replace(plan, needs_value=needs_value)


async def planned_by_fewest(
    tx: Transaction, site: RowId, selection: Selection, *, by_id: bool
) -> Plan:
    """How to find all contacts of a selection, to sort or to count them."""
    conditions = _conditions(selection)
    most = _MANY
    while True:
        counts = [await _count_up_to(tx, site, one, most) for one in conditions]
        known = [count for count in counts if count is not None]
        if not known:
            return _walk(conditions, Parameters(site), None)
        if min(known) < most:
            break
        most *= 8
    fewest = min(known)
    total = fewest if len(conditions) == 1 else None
    return _led(conditions, counts.index(fewest), Parameters(site), total, by_id=by_id)


def sortable_number(everybody: int, pace: Pace) -> int:
    """How many matches are rather fetched and sorted than met on a walk through the list.

    Of m matches among n contacts, a walk meets a page of k after k * n / m contacts.
    """
    cost = _ID_COST if pace.path == CREATED else _ROW_COST
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
    source = fragment("contacts")
    if isinstance(lead, Expression):
        source = fragment("contacts_by_words")
        parts.insert(0, fragment("is_by_words", match=_match(lead, parameters)))
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
    )


def _led(
    conditions: Sequence[_Condition],
    lead: int,
    parameters: Parameters,
    total: int | None,
    *,
    by_id: bool,
) -> Plan:
    """What one condition finds, tested for the others; no rows are fetched where ids are enough."""
    ids_found = _ids(conditions[lead], parameters) or ""
    others = [_condition(one, parameters) for at, one in enumerate(conditions) if at != lead]
    if by_id and not any(map(_OF_A_ROW.search, others)):
        source = fragment("contacts_as_ids", ids=ids_found)
        return Plan(source, " AND ".join(others) or EVERYTHING, parameters, False, total)
    source = fragment("contacts_found", ids=ids_found)
    where = " AND ".join([fragment("is_found"), *others])
    return Plan(source, where, parameters, False, total)


def _bound(conditions: Sequence[_Condition], pace: Pace) -> int | None:
    """The condition whose index has its matches in the order that is asked for."""
    for at, one in enumerate(conditions):
        if isinstance(one, Expression) and pace.path == CREATED:
            return at
        if _path(one) == pace.path and _walked(one, Parameters(RowId(DEFAULT_SITE_ID))):
            return at
    return None


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
        plan = await planned_by_fewest(tx, site, selection, by_id=True)
    sql = fragment("count_where", source=plan.source, where=plan.where)
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
            return fragment("test_words", match=_match(asked, parameters))
        case _:
            return condition(asked, parameters)


def _ids(asked: _Condition, parameters: Parameters) -> str | None:
    match asked:
        case ExactSearch():
            return " UNION ".join(_exact(asked, "ids", parameters))
        case Expression():
            return fragment("ids_words", match=_match(asked, parameters))
        case _:
            return ids(asked, parameters)


def _match(words: Expression, parameters: Parameters) -> str:
    return parameters.add(match_expression(words, site_tag(parameters.values["site_id"])))


def _exact(search: ExactSearch, form: Form, parameters: Parameters) -> list[str]:
    """The ways in which a contact may have the text."""

    def column(form_: Form, name: str, value: str) -> str:
        return fragment(f"{form_}_column", column=name, values=parameters.add(value))

    ways = [column(form, "first_key", search.name), column(form, "last_key", search.name)]
    for first, last in search.full_names:
        has_first = column("test", "first_key", first)
        lead = column(form, "last_key", last)
        ways.append(_both(lead, has_first) if form == "ids" else f"({lead} AND {has_first})")
    ways.append(fragment(f"{form}_email", values=parameters.add(search.email)))
    if search.phone:
        ways.append(
            fragment(
                f"{form}_term",
                fields=parameters.add_all(("phone", "primary_phone")),
                keys=parameters.add(search.phone),
                values=parameters.add(""),
            )
        )
    return ways


def _both(lead: str, other: str) -> str:
    source = fragment("contacts_found", ids=lead)
    return fragment("ids_where", source=source, where=f"{fragment('is_found')} AND {other}")


async def _count_up_to(tx: Transaction, site: RowId, asked: _Condition, most: int) -> int | None:
    """How many contacts one condition leaves, at most so many; None where no index leads."""
    parameters = Parameters(site)
    if isinstance(asked, Expression):
        sql = fragment("count_words_up_to", match=_match(asked, parameters))
    else:
        selected = _ids(asked, parameters)
        if selected is None:
            return None
        sql = fragment("count_up_to", ids=selected)
    return int((await tx.select(sql, parameters.values | {"most": most}))[0][0])


async def _kept_total(tx: Transaction, site: RowId, asked: _Condition) -> int | None:
    """The total of one test that is counted anyway; of its opposite, all others."""
    if isinstance(asked, ExactSearch | Expression):
        return None
    if tells_groups_apart(asked):
        groups = await group_counts(tx, site)
        return sum(count for group, count in groups.items() if matches(asked, group.values))
    if isinstance(asked, OneOf) and asked.field.path == _LABELS and len(asked.values) == 1:
        return sum((await group_counts(tx, site, str(asked.values[0]))).values())
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
