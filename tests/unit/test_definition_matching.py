"""Which labels are listed, in which order and on which page (CONTRACT B.11, D.4, D.7)."""

from __future__ import annotations

from typing import Any

import pytest

from contactory.domain.definition_matching import page
from contactory.domain.definition_reading import Kind, read_listing, read_query
from contactory.domain.errors import ContactoryError, InvalidArgument
from contactory.domain.filter_fields import LABELS
from contactory.domain.labels import Label, LabelType, own_label, system_labels
from contactory.domain.languages import Language
from contactory.kit.clock import Timestamp

KIND = Kind("labelType", tuple(map(str, LabelType)), LABELS, default_limit=1000, most=2000)
CONTACTED, CUSTOMERS = "contacts.contacted-me", "contacts.customers"


def label(name: str, created_ms: int, updated_ms: int | None = None) -> Label:
    updated = Timestamp.from_ms(created_ms if updated_ms is None else updated_ms)
    return own_label(
        f"custom.{name.lower()}", name, Timestamp.from_ms(created_ms), updated, Language.EN
    )


OWN = [label("Beta", 2000), label("alpha", 1000, 9000), label("Gamma", 2000), label("Old", 500)]
ALPHA, BETA, GAMMA, OLD = "custom.alpha", "custom.beta", "custom.gamma", "custom.old"


def listed(**options: Any) -> list[str]:
    found, _ = page(OWN, system_labels(), read_listing(options, KIND))
    return [one.key for one in found]


def queried(filter_: Any = None, **query: Any) -> list[str]:
    asked, _ = read_query({"filter": filter_, **query}, None, KIND)
    found, _ = page(OWN, system_labels(), asked)
    return [one.key for one in found]


def test_the_sites_own_come_newest_first_then_the_system_ones() -> None:
    assert listed() == queried() == [BETA, GAMMA, ALPHA, OLD, CONTACTED, CUSTOMERS]


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"labelType": "SYSTEM"}, [CONTACTED, CUSTOMERS]),
        ({"labelType": ["USER_DEFINED"]}, [BETA, GAMMA, ALPHA, OLD]),
        ({"label_type": "WIX_APP_DEFINED"}, []),
        ({"namespace": "contacts"}, [CONTACTED, CUSTOMERS]),
        ({"namespace": "custom"}, [BETA, GAMMA, ALPHA, OLD]),
        ({"namespace": "cus"}, []),
        ({"startsWith": "C"}, [CONTACTED, CUSTOMERS]),
        ({"starts_with": "c"}, []),
        ({"startsWith": "a"}, [ALPHA]),
        ({"labelType": "SYSTEM", "startsWith": "Cu", "namespace": "contacts"}, [CUSTOMERS]),
        ({"labelType": "", "namespace": None, "startsWith": ""}, listed()),
    ],
)
def test_lists_are_narrowed_by_type_namespace_and_prefix(options: Any, keys: list[str]) -> None:
    assert listed(**options) == keys


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ({"fieldName": "displayName"}, [ALPHA, BETA, CONTACTED, CUSTOMERS, GAMMA, OLD]),
        (
            {"fieldName": ["displayName"], "order": ["DESC"]},
            [OLD, GAMMA, CUSTOMERS, CONTACTED, BETA, ALPHA],
        ),
        ({"fieldName": "createdDate"}, [OLD, ALPHA, BETA, GAMMA, CONTACTED, CUSTOMERS]),
        (
            [{"fieldName": "_createdDate", "order": "desc"}],
            [CUSTOMERS, CONTACTED, GAMMA, BETA, ALPHA, OLD],
        ),
        (
            {"fieldName": "updatedDate", "order": "DESC"},
            [CUSTOMERS, CONTACTED, ALPHA, GAMMA, BETA, OLD],
        ),
    ],
)
def test_lists_are_sorted_with_missing_dates_last_or_descending_first(
    sort: Any, keys: list[str]
) -> None:
    assert listed(sort=sort) == queried(sort=sort) == keys


@pytest.mark.parametrize(
    ("paging", "first", "keys"),
    [
        ({"limit": 2}, 0, [BETA, GAMMA]),
        ({"limit": ["2"], "offset": ["3"]}, 3, [OLD, CONTACTED]),
        ({"offset": 5}, 5, [CUSTOMERS]),
        ({"offset": 6}, 6, []),
        ({"limit": 0}, 0, []),
    ],
)
def test_a_page_is_cut_out_and_counts_all(paging: Any, first: int, keys: list[str]) -> None:
    found, metadata = page(OWN, system_labels(), read_listing({"paging": paging}, KIND))
    assert [one.key for one in found] == keys
    assert (metadata.count, metadata.offset, metadata.total) == (len(keys), first, 6)


@pytest.mark.parametrize(
    ("sought", "keys"),
    [
        ({"key": ALPHA}, [ALPHA]),
        ({"key": {"$in": [ALPHA, CUSTOMERS]}}, [ALPHA, CUSTOMERS]),
        ({"key": {"$ne": ALPHA}}, [BETA, GAMMA, OLD, CONTACTED, CUSTOMERS]),
        ({"displayName": {"$startsWith": "C"}}, [CONTACTED, CUSTOMERS]),
        ({"displayName": {"$startsWith": "ALPH"}}, [ALPHA]),
        ({"displayName": "beta"}, []),
        ({"displayName": {"$eq": "Beta"}}, [BETA]),
        ({"createdDate": {"$gte": "1970-01-01T00:00:02Z"}}, [BETA, GAMMA]),
        ({"createdDate": {"$lt": "1970-01-01T00:00:01.000Z"}}, [OLD]),
        ({"updatedDate": {"$gt": "1970-01-01T00:00:02Z"}}, [ALPHA]),
        ({"namespace": {"$ne": "custom"}}, [CONTACTED, CUSTOMERS]),
        ({"labelType": "SYSTEM"}, [CONTACTED, CUSTOMERS]),
        ({"$or": [{"key": OLD}, {"labelType": "SYSTEM"}]}, [OLD, CONTACTED, CUSTOMERS]),
        ({"$not": {"namespace": "contacts"}, "displayName": "Old"}, [OLD]),
        ({"createdDate": {"$ne": "1970-01-01T00:00:02Z"}}, [ALPHA, OLD, CONTACTED, CUSTOMERS]),
    ],
)
def test_queries_find_by_every_field_of_the_table(sought: Any, keys: list[str]) -> None:
    assert queried(sought) == keys


def refusal(query: Any) -> ContactoryError:
    with pytest.raises(ContactoryError) as caught:
        read_query(query, None, KIND)
    return caught.value


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        ({"filter": []}, "MALFORMED_FILTER", "query.filter"),
        ({"filter": {"legacyId": "x"}}, "UNSUPPORTED_FILTER_FIELD", "query.filter.legacyId"),
        (
            {"filter": {"key": {"$startsWith": "x"}}},
            "UNSUPPORTED_FILTER_OPERATOR",
            "query.filter.key.$startsWith",
        ),
        ({"filter": {"labelType": "MINE"}}, "UNSUPPORTED_FILTER_VALUE", "query.filter.labelType"),
        ({"sort": {"fieldName": "key"}}, "INVALID_SORT", "query.sort.fieldName"),
        ({"sort": {"fieldName": "displayName", "order": "UP"}}, "INVALID_SORT", "query.sort.order"),
        ({"sort": "displayName"}, "INVALID_SORT", "query.sort"),
    ],
)
def test_what_queries_cannot_do_is_refused_with_its_path(query: Any, code: str, path: str) -> None:
    error = refusal(query)
    assert (error.code, error.data["path"]) == (code, path)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"paging": {"limit": 1001}}, ["query.paging.limit"]),
        ({"paging": {"limit": -1, "offset": -1}}, ["query.paging.limit", "query.paging.offset"]),
        ({"paging": {"limit": "many"}}, ["query.paging.limit"]),
        ({"paging": []}, ["query.paging"]),
        ({"cursorPaging": {"limit": 5}}, ["query.cursorPaging"]),
        (
            {"cursorPaging": {"limit": 5}, "paging": {"limit": 1.5}},
            ["query.cursorPaging", "query.paging.limit"],
        ),
        ("all", ["query"]),
        ([], ["query"]),
    ],
)
def test_numbers_and_kinds_that_do_not_fit_are_violations(query: Any, fields: list[str]) -> None:
    error = refusal(query)
    assert isinstance(error, InvalidArgument)
    assert [violation.field for violation in error.violations] == fields


def test_members_of_a_query_that_mean_nothing_are_told() -> None:
    query = {"fields": ["key"], "fieldsets": [], "limit": 3}
    assert read_query(query, None, KIND)[1] == ["query.limit", "query.fields"]


def test_all_that_is_wrong_with_a_list_is_told_at_once() -> None:
    options = {
        "labelType": "MINE",
        "namespace": "cu",
        "startsWith": "x" * 181,
        "paging": {"limit": 2001, "offset": "x"},
        "language": "spanish",
    }
    with pytest.raises(InvalidArgument) as caught:
        read_listing(options, KIND)
    found = {one.field: one.violated_rule for one in caught.value.violations}
    assert found == {
        "labelType": "INVALID_ENUM_VALUE",
        "namespace": "MIN_LENGTH",
        "startsWith": "MAX_LENGTH",
        "paging.limit": "MAX",
        "paging.offset": "OTHER",
        "language": "FORMAT",
    }


@pytest.mark.parametrize("namespace", ["x" * 26, 5, ["custom", "contacts"]])
def test_a_namespace_has_3_to_25_characters(namespace: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_listing({"namespace": namespace}, KIND)
    assert [violation.field for violation in caught.value.violations] == ["namespace"]


def test_options_that_lists_do_not_have_are_refused() -> None:
    with pytest.raises(InvalidArgument) as caught:
        read_listing({"fieldType": "SYSTEM", "limit": 3}, KIND)
    assert [one.field for one in caught.value.violations] == ["options.fieldType", "options.limit"]


def test_lists_take_up_to_2000() -> None:
    assert read_listing({"paging": {"limit": 2000}}, KIND).paging.limit == 2000
    assert read_listing(None, KIND).paging.limit == 1000
    assert read_query(None, None, KIND)[0].paging.limit == 50
