"""Chooses how the contacts of a selection are found, so that a page costs the page, not the list.

One condition leads to the contacts through its index, all others are tested on what it finds: the
one with the fewest matches, of which at most so many are counted. Where all have more, the list is
walked in the order that is asked for, which soon meets enough of them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from contactory.domain.contact_making import UNSUBSCRIBED
from contactory.domain.contact_selection import Selection
from contactory.domain.exact_search import ExactSearch
from contactory.domain.filter_fields import EXTENDED
from contactory.domain.filters import All, AnyOf, Filter, Not, OneOf
from contactory.domain.search_reading import Expression, match_expression
from contactory.kit.ids import RowId
from contactory.store.contact_rows import site_tag
from contactory.store.contact_tests import (
    EVERYTHING,
    Form,
    Parameters,
    fragment,
    is_findable,
    translated,
)
from contactory.store.engine import Transaction

MANY: Final = 5_000
"""So many contacts are sorted rather than looked for in the order of the list."""

EVERYBODY: Final = 2**62
"""More than any list has."""

_STATUS: Final = f"{EXTENDED}emailSubscriptions."
_COUNTED: Final = {
    "info.labelKeys": "label",
    f"{_STATUS}deliverabilityStatus": "deliverability",
    f"{_STATUS}subscriptionStatus": "subscription",
    f"{EXTENDED}members.membershipStatus": "membership",
}

_Condition = Filter | ExactSearch | Expression


class Plan(msgspec.Struct, frozen=True):
    """A condition in SQL with its parameters; `total` where it is known by now."""

    where: str
    parameters: Parameters
    is_walk: bool
    total: int | None = None


async def planned(tx: Transaction, site: RowId, selection: Selection, *, most: int = MANY) -> Plan:
    """How to find the contacts of a selection; a condition leads that has less than `most`."""
    conditions = _conditions(selection)
    if not conditions:
        return Plan(EVERYTHING, Parameters(site), True, await stored_count(tx, site, "contacts"))
    fewest, chosen = most, None
    for at, condition in enumerate(conditions):
        if _is_findable(condition):
            count = await _count_up_to(tx, site, condition, fewest)
            if count < fewest:
                fewest, chosen = count, at
    parameters = Parameters(site)
    parts = [
        _translated(condition, "find" if at == chosen else "test", parameters)
        for at, condition in enumerate(conditions)
    ]
    is_known = chosen is not None and len(conditions) == 1
    where = " AND ".join(parts)
    return Plan(where, parameters, chosen is None, fewest if is_known else None)


async def total_of(tx: Transaction, site: RowId, selection: Selection, plan: Plan) -> int:
    """How many contacts the selection has, exactly."""
    if plan.total is not None:
        return plan.total
    conditions = _conditions(selection)
    if len(conditions) == 1:
        known = await _kept_total(tx, site, conditions[0])
        if known is not None:
            return known
    if plan.is_walk:
        plan = await planned(tx, site, selection, most=EVERYBODY)
    if plan.total is not None:
        return plan.total
    return await _count(tx, plan.where, plan.parameters)


async def stored_count(tx: Transaction, site: RowId, name: str) -> int:
    """A count that writes keep."""
    row = await tx.row("get_count", site_id=site, name=name)
    return int(row[0]) if row and row[0] is not None else 0


def _conditions(selection: Selection) -> list[_Condition]:
    """What must all hold."""
    parts = _flat(selection.filter)
    others = (selection.exact, selection.words)
    return [*parts, *(other for other in others if other is not None)]


def _flat(tree: Filter) -> list[_Condition]:
    if isinstance(tree, All):
        return [inner for part in tree.parts for inner in _flat(part)]
    return [tree]


def _is_findable(condition: _Condition) -> bool:
    return isinstance(condition, ExactSearch | Expression) or is_findable(condition)


def _translated(condition: _Condition, form: Form, parameters: Parameters) -> str:
    match condition:
        case ExactSearch():
            return _exact(condition, form, parameters)
        case Expression():
            match = match_expression(condition, site_tag(parameters.values["site_id"]))
            return fragment(f"{form}_words", match=parameters.add(match))
        case _:
            return translated(condition, form, parameters)


def _exact(search: ExactSearch, form: Form, parameters: Parameters) -> str:
    def column(name: str, value: str) -> str:
        return fragment(f"{form}_column", column=name, values=parameters.add(value))

    ways = [column("first_key", search.name), column("last_key", search.name)]
    ways += [
        f"({column('first_key', first)} AND {column('last_key', last)})"
        for first, last in search.full_names
    ]
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
    return f"({' OR '.join(ways)})"


async def _count_up_to(tx: Transaction, site: RowId, condition: _Condition, most: int) -> int:
    parameters = Parameters(site)
    where = _translated(condition, "find", parameters)
    sql = fragment("count_up_to", where=where)
    rows = await tx.select(sql, parameters.values | {"most": most})
    return int(rows[0][0])


async def _count(tx: Transaction, where: str, parameters: Parameters) -> int:
    rows = await tx.select(fragment("count_where", where=where), parameters.values)
    return int(rows[0][0])


async def _kept_total(tx: Transaction, site: RowId, condition: _Condition) -> int | None:
    """The total of one test that is counted anyway; of its opposite, all others."""
    match condition:
        case Not(part):
            inner = await _kept_or_counted(tx, site, part)
            return await stored_count(tx, site, "contacts") - inner
        case OneOf(field, (value,)) if field.path in _COUNTED:
            kind = _COUNTED[field.path]
            if kind == "subscription" and value == UNSUBSCRIBED:
                said = [await stored_count(tx, site, f"{kind}:{word}") for word in _SAID]
                return await stored_count(tx, site, "emails") - sum(said)
            if value == "NOT_SET":
                return None
            return await stored_count(tx, site, f"{kind}:{value}")
        case _:
            return None


async def _kept_or_counted(tx: Transaction, site: RowId, part: Filter) -> int:
    kept = None if isinstance(part, Not | All | AnyOf) else await _kept_total(tx, site, part)
    if kept is not None:
        return kept
    parameters = Parameters(site)
    return await _count(tx, translated(part, "find", parameters), parameters)


_SAID: Final = ("SUBSCRIBED", "PENDING")
