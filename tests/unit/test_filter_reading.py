"""From JSON to the tree of filters, and every refusal (CONTRACT D.1, D.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contactory.domain.errors import UnknownFilterField
from contactory.domain.filter_fields import EXTENDED_FIELDS, LABELS
from contactory.domain.filter_reading import custom_keys_in, read_filter
from contactory.domain.filters import (
    All,
    AnyOf,
    Compare,
    Field,
    Not,
    OneOf,
    Present,
    StartsWith,
    Value,
)
from tests.unit.filters_read import CONTACTS, read, refusal

GUID = "0A9C2F1B-75D1-4C5C-9F2B-0123456789AB"
CUSTOM = "info.extendedFields.custom"


def field(path: str) -> Field:
    found = CONTACTS.find(path)
    assert found is not None
    return found


LAST = field("info.name.last")
COMPANY = field("info.company")
CREATED = field("createdDate")
LABEL_KEYS = field("info.labelKeys")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, All(())),
        ({}, All(())),
        ({"info.name.last": "Doe"}, OneOf(LAST, ("Doe",))),
        ({"info.name.last": {"$eq": "Doe"}}, OneOf(LAST, ("Doe",))),
        ({"info.name.last": {"$ne": "Doe"}}, Not(OneOf(LAST, ("Doe",)))),
        ({"info.name.last": {"$in": ["A", "B", "A"]}}, OneOf(LAST, ("A", "B"))),
        ({"info.name.last": {"$in": []}}, OneOf(LAST, ())),
        ({"info.name.last": {"$hasSome": ["A"]}}, OneOf(LAST, ("A",))),
        ({"info.name.last": None}, Not(Present(LAST))),
        ({"info.name.last": {"$eq": None}}, Not(Present(LAST))),
        ({"info.name.last": {"$ne": None}}, Present(LAST)),
        ({"info.name.last": {"$exists": True}}, Present(LAST)),
        ({"info.name.last": {"$exists": "false"}}, Not(Present(LAST))),
        ({"info.name.last": {"$isEmpty": True}}, Not(Present(LAST))),
        ({"info.name.last": {"$isEmpty": False}}, Present(LAST)),
        ({"info.name.last": {"$startsWith": "STRASSE"}}, StartsWith(LAST, "strasse")),
        ({"info.name.last": {"$begins": "Straße"}}, StartsWith(LAST, "strasse")),
        ({"info.name.last": {"$startsWith": ""}}, Present(LAST)),
        ({"info.labelKeys": {"$hasSome": ["a", "b"]}}, OneOf(LABEL_KEYS, ("a", "b"))),
        (
            {"info.labelKeys": {"$hasAll": ["a", "b"]}},
            All((OneOf(LABEL_KEYS, ("a",)), OneOf(LABEL_KEYS, ("b",)))),
        ),
        (
            {"info.name.last": "Doe", "info.company": {"$ne": "X", "$exists": True}},
            All((OneOf(LAST, ("Doe",)), Not(OneOf(COMPANY, ("X",))), Present(COMPANY))),
        ),
        (
            {"$and": [{"info.name.last": "Doe"}, {"info.company": "X"}]},
            All((OneOf(LAST, ("Doe",)), OneOf(COMPANY, ("X",)))),
        ),
        (
            {"$or": [{"info.name.last": "Doe"}, {}]},
            AnyOf((OneOf(LAST, ("Doe",)), All(()))),
        ),
        ({"$or": []}, AnyOf(())),
        ({"$and": []}, All(())),
        ({"$not": {"info.name.last": "Doe"}}, Not(OneOf(LAST, ("Doe",)))),
        (
            {"$not": [{"info.name.last": "Doe"}, {"info.company": "X"}]},
            Not(All((OneOf(LAST, ("Doe",)), OneOf(COMPANY, ("X",))))),
        ),
        (
            {"primaryEmail.subscriptionStatus": {"$nin": ["PENDING"]}},
            Not(OneOf(field("primaryEmail.subscriptionStatus"), ("PENDING",))),
        ),
        (
            {"info.extendedFields.emailSubscriptions.effectiveEmail": None},
            Not(Present(field("info.extendedFields.emailSubscriptions.effectiveEmail"))),
        ),
        ({f"{CUSTOM}.nickname": None}, Not(Present(field(f"{CUSTOM}.nickname")))),
    ],
)
def test_filters_become_trees(sent: Any, expected: Any) -> None:
    assert read(sent) == expected


@pytest.mark.parametrize(
    ("operator", "sign"), [("$gt", ">"), ("$gte", ">="), ("$lt", "<"), ("$lte", "<=")]
)
def test_ranges_compare(operator: str, sign: str) -> None:
    sent = {"_createdDate": {operator: "2026-11-24T10:30:00Z"}}
    assert read(sent) == Compare(CREATED, sign, 1795516200000)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "sent", "value"),
    [
        ("id", GUID, GUID.lower()),
        ("primaryInfo.email", " John@EXAMPLE.com ", "john@example.com"),
        ("info.emails.email", "A@müller.de", "a@xn--mller-kva.de"),
        ("info.emails.email", "No Address", "no address"),
        ("info.phones.phone", "(646) 567-6359", "(646) 567-6359"),
        ("createdDate", "2026-11-24T10:30:00.1239Z", 1795516200123),
        ("createdDate", "2026-11-24T12:30:00+02:00", 1795516200000),
        ("createdDate", "2026-11-24", 1795478400000),
        ("createdDate", datetime(2026, 11, 24, 10, 30, tzinfo=UTC), 1795516200000),
        ("createdDate", date(2026, 11, 24), 1795478400000),
        ("info.birthdate", "1980-02-29", "1980-02-29"),
        ("info.birthdate", "1980-02-29T23:30:00-02:00", "1980-03-01"),
        ("info.birthdate", date(980, 2, 29), "0980-02-29"),
        (f"{CUSTOM}.met", "1970-01-02", 86400000),
        (f"{CUSTOM}.age", 24, 24),
        (f"{CUSTOM}.age", 24.5, 24.5),
        (f"{CUSTOM}.age", 10**30, 1e30),
        (f"{CUSTOM}._id", "x", "x"),
        ("info.name.last", "doe", "doe"),
        ("primaryEmail.subscriptionStatus", "SUBSCRIBED", "SUBSCRIBED"),
    ],
)
def test_values_take_the_form_of_their_field(path: str, sent: Any, value: Value) -> None:
    found = read({path: sent})
    assert isinstance(found, OneOf)
    assert found.values == (value,)
    assert type(found.values[0]) is type(value)


def test_locations_are_guids_and_labels_keep_their_letters() -> None:
    sent = {"info.locations": {"$hasSome": [GUID]}, "info.labelKeys": {"$hasSome": ["custom.Ä"]}}
    assert read(sent) == All(
        (OneOf(field("info.locations"), (GUID.lower(),)), OneOf(LABEL_KEYS, ("custom.Ä",)))
    )


MALFORMED = "MALFORMED_FILTER"
UNSUPPORTED = "UNSUPPORTED_FILTER"
FIELD = "UNSUPPORTED_FILTER_FIELD_UNKNOWN"
OPERATOR = "UNSUPPORTED_FILTER_OPERATOR"
VALUE = "UNSUPPORTED_FILTER_VALUE"
KIND = "UNSUPPORTED_FILTER_VALUE_TYPE"


@pytest.mark.parametrize(
    ("sent", "code", "path", "says"),
    [
        ('{"info.name.last": "Doe"}', MALFORMED, "", "without quoting it"),
        ([{"info.name.last": "Doe"}], MALFORMED, "", "must be an object"),
        (7, MALFORMED, "", "must be an object"),
        ({"$or": {"info.name.last": "Doe"}}, MALFORMED, ".$or", "a list of filters"),
        ({"$and": "x"}, MALFORMED, ".$and", "a list of filters"),
        ({"$not": "x"}, MALFORMED, ".$not", "an object or a list"),
        ({"$or": [{}, 3]}, MALFORMED, ".$or[1]", "must be an object"),
        ({"info.name.last": {}}, MALFORMED, ".info.name.last", "$startsWith"),
        ({"info.name.last": {"$in": "A"}}, MALFORMED, ".info.name.last.$in", "a list"),
        ({"info.name.last": {"$exists": 1}}, MALFORMED, ".info.name.last.$exists", "true"),
        ({"info.name.last": {"$exists": None}}, MALFORMED, ".info.name.last.$exists", "true"),
        ({7: "Doe"}, MALFORMED, "", "names that are strings"),
        ({"$nor": []}, UNSUPPORTED, ".$nor", "use $and, $or or $not"),
        ({"$eq": "x"}, UNSUPPORTED, ".$eq", "below a field"),
        ({"info.nam.last": "Doe"}, FIELD, ".info.nam.last", "use info.name.last"),
        (
            {"info.emails.items.email": "a@b.co"},
            FIELD,
            ".info.emails.items.email",
            "use info.emails.email",
        ),
        ({f"{CUSTOM}.shoe": "x"}, FIELD, f".{CUSTOM}.shoe", "no such custom field"),
        ({"info": {"company": "x"}}, FIELD, ".info", "info.company"),
        (
            {"info.company": {"$contains": "x"}},
            OPERATOR,
            ".info.company.$contains",
            "use one of $eq, $exists, $in, $ne, $startsWith",
        ),
        ({"info.company": {"eq": "x"}}, OPERATOR, ".info.company.eq", "$eq"),
        ({"info.company": {7: "x"}}, OPERATOR, ".info.company.7", "$eq"),
        ({"info.company": {"$not": {}}}, OPERATOR, ".info.company.$not", "around the field"),
        ({"info.company": {"$nin": ["x"]}}, OPERATOR, ".info.company.$nin", "$ne"),
        ({"info.company": {"$gt": "x"}}, OPERATOR, ".info.company.$gt", "$eq"),
        ({"info.company": {"$hasAll": ["x"]}}, OPERATOR, ".info.company.$hasAll", "$in"),
        ({"createdDate": {"$hasSome": ["x"]}}, OPERATOR, ".createdDate.$hasSome", "$gt"),
        ({"createdDate": {"$exists": True}}, OPERATOR, ".createdDate.$exists", "$gt"),
        ({"createdDate": {"$isEmpty": True}}, OPERATOR, ".createdDate.$isEmpty", "$gt"),
        ({"info.labelKeys": "a"}, OPERATOR, ".info.labelKeys", "use one of $hasAll, $hasSome"),
        ({"info.labelKeys": None}, OPERATOR, ".info.labelKeys", "use one of $hasAll, $hasSome"),
        (
            {"info.extendedFields.invoices.vatId": "x"},
            OPERATOR,
            ".info.extendedFields.invoices.vatId",
            "nothing can be filtered by it",
        ),
        (
            {"info.extendedFields.emailSubscriptions.effectiveEmail": "a@b.co"},
            OPERATOR,
            ".info.extendedFields.emailSubscriptions.effectiveEmail",
            "$exists",
        ),
        ({"id": "nobody"}, VALUE, ".id", "GUID"),
        (
            {"primaryEmail.subscriptionStatus": "subscribed"},
            VALUE,
            ".primaryEmail.subscriptionStatus",
            "SUBSCRIBED, UNSUBSCRIBED",
        ),
        ({"createdDate": {"$gt": "soon"}}, VALUE, ".createdDate.$gt", "2026-11-24T10"),
        ({"createdDate": "0001-01-01T00:00:00+10:00"}, VALUE, ".createdDate", "2026-11-24T10"),
        ({"info.birthdate": "1981-02-29"}, VALUE, ".info.birthdate", "2026-11-24"),
        ({f"{CUSTOM}.age": float("nan")}, VALUE, f".{CUSTOM}.age", "finite"),
        ({f"{CUSTOM}.age": float("-inf")}, VALUE, f".{CUSTOM}.age", "finite"),
        ({f"{CUSTOM}.age": 10**400}, VALUE, f".{CUSTOM}.age", "finite"),
        ({"info.company": "x" * 201}, VALUE, ".info.company", "200"),
        ({"info.company": "a\0"}, VALUE, ".info.company", "NUL"),
        ({"info.company": {"$in": ["a", "\ud800"]}}, VALUE, ".info.company.$in[1]", "surrogates"),
        ({"info.company": {"$startsWith": "ß" * 101}}, VALUE, ".info.company.$startsWith", "200"),
        ({"info.company": 7}, KIND, ".info.company", "a string"),
        ({"info.company": ["a"]}, KIND, ".info.company", "use $in"),
        ({"info.company": {"$in": [None]}}, KIND, ".info.company.$in[0]", "a string"),
        ({"info.company": {"$startsWith": None}}, KIND, ".info.company.$startsWith", "a string"),
        ({"createdDate": 1795516200000}, KIND, ".createdDate", "an instant"),
        ({"createdDate": {"$gt": None}}, KIND, ".createdDate.$gt", "an instant"),
        ({f"{CUSTOM}.age": "24"}, KIND, f".{CUSTOM}.age", "a number"),
        ({f"{CUSTOM}.age": True}, KIND, f".{CUSTOM}.age", "a number"),
    ],
)
def test_refusals_name_the_offence_and_what_to_use(
    sent: Any, code: str, path: str, says: str
) -> None:
    found, data, message = refusal(sent)
    assert (found, data["path"]) == (code, f"query.filter{path}")
    assert says in message


def test_data_names_field_and_operator() -> None:
    assert refusal({"$or": [{}, {"$not": {"info.company": {"$contains": "x"}}}]}) == (
        "UNSUPPORTED_FILTER_OPERATOR",
        {
            "path": "query.filter.$or[1].$not.info.company.$contains",
            "field": "info.company",
            "operator": "$contains",
        },
        "The field info.company does not take $contains: "
        "use one of $eq, $exists, $in, $ne, $startsWith",
    )


def test_names_in_errors_are_cut_and_can_be_encoded() -> None:
    _, data, message = refusal({"x\ud800" * 1000: 1})
    assert len(data["path"]) < 150
    assert str(data).encode()
    assert message.encode()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"labelTyp": "x"}, "UNSUPPORTED_FILTER_FIELD"),
        ({"displayName": 7}, "UNSUPPORTED_FILTER_VALUE"),
        ({"labelType": "OTHER"}, "UNSUPPORTED_FILTER_VALUE"),
        ({"labelType": {"$ne": "SYSTEM"}}, "UNSUPPORTED_FILTER_OPERATOR"),
        ("{}", "MALFORMED_FILTER"),
        ({"$nor": []}, "UNSUPPORTED_FILTER"),
    ],
)
def test_labels_have_their_own_codes(sent: Any, code: str) -> None:
    assert refusal(sent, labels=True)[0] == code


def test_labels_and_extended_fields_can_be_filtered() -> None:
    label_type = LABELS.fields["labelType"]
    data_type = EXTENDED_FIELDS.fields["dataType"]
    assert read_filter({"labelType": "SYSTEM"}, LABELS) == OneOf(label_type, ("SYSTEM",))
    sent = {"dataType": {"$ne": "URL"}}
    assert read_filter(sent, EXTENDED_FIELDS) == Not(OneOf(data_type, ("URL",)))


def nested(levels: int) -> dict[str, Any]:
    sent: dict[str, Any] = {"info.company": "x"}
    for _ in range(levels - 1):
        sent = {"$not": sent}
    return sent


def test_limits_of_a_filter() -> None:
    company = {"info.company": "x"}
    read({"$or": [company] * 100})
    read({"info.company": {"$in": [str(at) for at in range(1000)]}})
    read(nested(20))
    for sent in (
        {"$or": [company] * 101},
        {"info.company": {"$in": [str(at) for at in range(1001)]}},
        {"$or": [{"info.company": {"$in": ["x"] * 1000}}] * 11},
        nested(21),
        nested(200),
        {"$or": [{}] * 1000},
    ):
        code, data, _ = refusal(sent)
        assert code == "UNSUPPORTED_FILTER"
        assert data["path"].startswith("query.filter")


def test_the_root_of_paths_can_be_another() -> None:
    with pytest.raises(UnknownFilterField) as refused:
        read_filter({"$or": [{"shoe": 1}]}, CONTACTS, path="filter")
    assert refused.value.data["path"] == "filter.$or[0].shoe"


def test_custom_keys_are_found_before_anything_is_checked() -> None:
    sent = {
        "$or": [{f"{CUSTOM}.a": 1}, {"$not": {f"{CUSTOM}._id": {"$nonsense": 2}}}],
        "$not": [{"info.extendedFields.items.custom.b": None}],
        "info.company": 1,
        f"{CUSTOM}.{'x' * 100}": 1,
        f"{CUSTOM}.\0": 1,
        3: 4,
    }
    sort = [{"fieldName": f"{CUSTOM}.c"}, {"fieldName": [f"{CUSTOM}.d"]}, {"fieldName": 5}, 7]
    found = {"custom.a", "custom.id", "custom.b", "custom.c", "custom.d"}
    assert custom_keys_in(sent, sort) == found
    assert custom_keys_in("nonsense", "nonsense") == frozenset()
    deep: Any = {}
    for _ in range(100_000):
        deep = {"$not": [deep]}
    assert custom_keys_in(deep) == frozenset()
    for _ in range(100_000):
        deep = {"$not": deep}
    assert custom_keys_in(deep) == frozenset()
    many = custom_keys_in({f"{CUSTOM}.k{at}": 1 for at in range(10_000)})
    assert len(many) <= 200
