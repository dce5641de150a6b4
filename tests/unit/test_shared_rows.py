"""What waits for the end of a transaction: one change of each row, in the order of all writers."""

from __future__ import annotations

from typing import Any

from contactory.domain.identities import DEFAULT_SITE_ID
from contactory.kit.ids import RowId
from contactory.store.engine import Statement
from contactory.store.shared_rows import SharedRows

SITE = RowId(DEFAULT_SITE_ID)


def total(label: str, slot: int, change: int) -> Statement:
    row = {"site_id": SITE, "label_key": label, "kind": "-/-/-", "slot": slot, "change": change}
    return "add_to_count", row


def value(field: str, text: str, change: int) -> Statement:
    row = {"site_id": SITE, "field": field, "value": text, "slot": 3, "change": change}
    return "add_to_value_count", row


def spelling(text: str) -> Statement:
    return "insert_spelling", {"site_id": SITE, "spelling": text, "word": "ada"}


def taken(*statements: Statement) -> list[tuple[Any, ...]]:
    """What is written, without the site."""
    shared = SharedRows()
    for statement in statements:
        shared.add([statement])
    written = shared.take()
    assert shared.take() == []
    return [(name, *list(row.values())[1:]) for name, row in written]


def test_changes_of_one_row_become_one() -> None:
    assert taken(total("", 1, 1), total("", 1, 1), total("", 2, -1)) == [
        ("add_to_count", "", "-/-/-", 1, 2),
        ("add_to_count", "", "-/-/-", 2, -1),
    ]


def test_what_adds_up_to_nothing_is_not_written() -> None:
    assert taken(value("city", "Ulm", -1), total("", 1, -1), value("city", "Ulm", 1)) == [
        ("add_to_count", "", "-/-/-", 1, -1)
    ]


def test_rows_are_taken_in_one_order_whatever_came_first() -> None:
    statements = [
        value("city", "Ulm", -1),
        total("custom.b", 0, 1),
        value("city", "Bonn", 1),
        spelling("da"),
        total("", 9, 1),
        spelling("ad"),
        spelling("da"),
    ]
    written = taken(*statements)
    assert written == taken(*reversed(statements))
    assert written == [
        ("insert_spelling", "ad", "ada"),
        ("insert_spelling", "da", "ada"),
        ("add_to_count", "", "-/-/-", 9, 1),
        ("add_to_count", "custom.b", "-/-/-", 0, 1),
        ("add_to_value_count", "city", "Bonn", 3, 1),
        ("add_to_value_count", "city", "Ulm", 3, -1),
        ("delete_empty_value_count", "city", "Ulm", 3),
    ]


def test_what_is_forgotten_is_not_written() -> None:
    shared = SharedRows()
    shared.add([spelling("da")])
    shared.forget()
    assert shared.take() == []
