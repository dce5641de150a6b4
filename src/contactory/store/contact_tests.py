"""Translates tests of the filter tree into SQL over contacts c (CONTRACT D.2, D.3).

Each test has two forms: a selection of the ids that pass, where an index leads to them, and a
condition for a contact that is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Literal

import msgspec

from contactory.domain.contact_index import FILLABLE, MISSING, SHARED_FIELDS, Counted, phone_form
from contactory.domain.contact_making import CONSENTING, UNSUBSCRIBED
from contactory.domain.contact_showing import APPROVED
from contactory.domain.filter_fields import EXTENDED
from contactory.domain.filter_forms import sort_form
from contactory.domain.filters import (
    All,
    AnyOf,
    Compare,
    Field,
    Filter,
    Kind,
    Not,
    OneOf,
    Present,
    StartsWith,
    Value,
)
from contactory.kit.ids import RowId
from contactory.store.queries import Dialect, load_fragments

Form = Literal["ids", "lead", "test", "walk"]
"""A selection of ids, one with what the index has beside them, a condition, or a condition in whose
order the list is walked."""

NOTHING: Final = "1 = 0"
EVERYTHING: Final = "1 = 1"
_FRAGMENTS: Final[dict[Dialect, dict[str, str]]] = {
    "sqlite": load_fragments("sqlite"),
    "postgres": load_fragments("postgres"),
}
CREATED: Final = "createdDate"
_LAST_MS: Final = 2**48 - 1
_NOT_SET: Final = "NOT_SET"
_NO_STATUS: Final = "NO_SUBSCRIPTION_STATUS"
_STATUSES: Final = f"{EXTENDED}emailSubscriptions."
_CUSTOM: Final = f"{EXTENDED}custom."
LABELS: Final = "info.labelKeys"


class Parameters:
    """Names the values of one statement, and fills the fragments of its dialect.

    `labels_of` names what has all labels of a contact beside its id, where something has.
    """

    def __init__(self, site: RowId, dialect: Dialect, *, labels_of: str = "") -> None:
        self.values: dict[str, Any] = {"site_id": site}
        self.dialect: Dialect = dialect
        self.labels_of = labels_of

    def fragment(self, name: str, /, **parts: str) -> str:
        """A piece of SQL with its braces filled."""
        return _FRAGMENTS[self.dialect][name].format(**parts)

    def add(self, value: Any) -> str:
        """The parameter that stands for the value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def add_all(self, values: Sequence[Any]) -> str:
        """Parameters for all the values, with commas between."""
        return ", ".join([self.add(value) for value in values])


def condition(tree: Filter, parameters: Parameters) -> str:
    """The condition that holds for the contacts that the filter matches."""
    match tree:
        case All(parts):
            inner = [condition(part, parameters) for part in parts]
            return f"({' AND '.join(inner)})" if inner else EVERYTHING
        case AnyOf(parts):
            inner = [condition(part, parameters) for part in parts]
            return f"({' OR '.join(inner)})" if inner else NOTHING
        case Not(part):
            return f"NOT {condition(part, parameters)}"
        case _:
            return Leaf("test", parameters).sql(tree) or NOTHING


def ids(tree: Filter, parameters: Parameters) -> str | None:
    """A selection of the ids of the contacts that the filter matches; None where no index leads."""
    match tree:
        case All(parts) if (tests := range_of(parts)) is not None:
            return Leaf("ids", parameters).range(tests)
        case All(parts):
            return _ids_of_all(parts, parameters)
        case AnyOf(parts):
            ways = [ids(part, parameters) for part in parts]
            return " UNION ".join([way for way in ways if way]) if ways and all(ways) else None
        case Not():
            return None
        case _:
            return Leaf("ids", parameters).sql(tree)


def walked(tree: Filter, parameters: Parameters) -> str | None:
    """The condition for a list in the order of its field; None where it is no range of that.

    A custom field's values then stand in k0, as the first entry of an order has them.
    """
    if isinstance(tree, All):
        tests = range_of(tree.parts)
        return Leaf("walk", parameters).range(tests) if tests is not None else None
    if isinstance(tree, AnyOf | Not | Present):
        return None
    if isinstance(tree, OneOf) and (len(tree.values) != 1 or custom_key(tree.field) is not None):
        return None
    return Leaf("walk", parameters).sql(tree)


def range_of(parts: Sequence[Filter]) -> Sequence[Compare] | None:
    """Comparisons of one field, None where the parts are anything else."""
    tests = [part for part in parts if isinstance(part, Compare)]
    is_range = tests and len(tests) == len(parts) and len({one.field.path for one in tests}) == 1
    return tests if is_range else None


def _ids_of_all(parts: Sequence[Filter], parameters: Parameters) -> str | None:
    for at, part in enumerate(parts):
        lead = ids(part, parameters)
        if lead is not None:
            others = [condition(other, parameters) for other in (*parts[:at], *parts[at + 1 :])]
            where = " AND ".join([parameters.fragment("is_found"), *others])
            return parameters.fragment(
                "ids_where", source=parameters.fragment("contacts_found", ids=lead), where=where
            )
    return None


def custom_key(field: Field) -> str | None:
    """The key of a custom field, None for the other fields."""
    return field.path.removeprefix(EXTENDED) if field.path.startswith(_CUSTOM) else None


def term_names(field: Field) -> tuple[str, ...]:
    """The names under which a field's terms are kept; none for other fields."""
    place = _PLACES.get(field.path)
    return place.names if isinstance(place, _Terms) else ()


def is_one_column(field: Field) -> bool:
    """Whether the field is a column of a contact, or two of one text."""
    return field.path in _INSTANTS or isinstance(_PLACES.get(field.path), _Column | _Text)


def filled_columns(field: Field) -> tuple[str, ...]:
    """Columns of which one has a value where the field is there; none where none tells."""
    match _PLACES.get(field.path):
        case _Column(name) if name in FILLABLE:
            return (name,)
        case _Text(name):
            return (f"{name}_key",)
        case _:
            return _FILLED.get(field.path, ())


def counted_value(test: OneOf) -> Counted | None:
    """The field and the value whose contacts are counted; None where they are not."""
    if len(test.values) != 1:
        return None
    value, field = str(test.values[0]), test.field
    if (key := custom_key(field)) is not None:
        return (key, value) if field.kind is Kind.TEXT else None
    names = term_names(field)
    if not names or names[0] not in SHARED_FIELDS:
        return None
    return names[0], sort_form(value) if field.kind is Kind.KEYS else value


Test = OneOf | StartsWith | Compare | Present


class _Terms(msgspec.Struct, frozen=True):
    """A field kept as terms under these names."""

    names: tuple[str, ...]


class _Column(msgspec.Struct, frozen=True):
    """A field kept in one column; `form` makes what is stored of what is compared."""

    name: str
    form: Callable[[str], str] = str


class _Text(msgspec.Struct, frozen=True):
    """A field kept in two columns, folded and as it is."""

    name: str


_PHONES: Final = _Terms(("phone", "primary_phone"))
_PRIMARY_PHONE: Final = _Terms(("primary_phone",))
_PLACES: Final[dict[str, _Terms | _Column | _Text]] = {
    "primaryInfo.email": _Column("email_key"),
    "primaryEmail.email": _Column("email_key"),
    f"{_STATUSES}effectiveEmail": _Column("effective_email"),
    "primaryInfo.phone": _PRIMARY_PHONE,
    "primaryPhone.phone": _PRIMARY_PHONE,
    "primaryPhone.e164Phone": _Terms(("primary_e164",)),
    "primaryPhone.formattedPhone": _Column("phone_key"),
    "primaryPhone.countryCode": _Column("country", str.upper),
    "info.name.first": _Text("first"),
    "info.name.last": _Text("last"),
    "info.company": _Text("company"),
    "info.jobTitle": _Text("job"),
    "info.birthdate": _Column("birthdate"),
    "info.phones.phone": _PHONES,
    "info.phones.e164Phone": _Terms(("e164", "primary_e164")),
    "info.addresses.street": _Terms(("street",)),
    "info.addresses.city": _Terms(("city",)),
    "info.addresses.subdivision": _Terms(("subdivision",)),
    "info.addresses.country": _Terms(("country",)),
    "info.locale": _Terms(("locale",)),
    "info.locations": _Terms(("location",)),
    "info.assignedUserIds": _Terms(("assignee",)),
}
_FILLED: Final = {
    "info.emails.email": ("email_key",),
    f"{EXTENDED}contacts.displayByFirstName": ("first_key", "last_key"),
    f"{EXTENDED}contacts.displayByLastName": ("first_key", "last_key"),
}
_INSTANTS: Final = {"updatedDate": "updated_at", "lastActivity.activityDate": "activity_at"}
_NEVER_THERE: Final = frozenset(
    f"{EXTENDED}{key}"
    for key in (
        "ecom.numOfPurchases",
        "ecom.totalSpentAmount",
        "ecom.lastPurchaseDate",
        "members.mobile",
    )
)
"""Fields that other products fill; nothing does so here."""


class Leaf:
    """One test in one form; a lead that comes from the rows of contacts has these columns."""

    def __init__(self, form: Form, parameters: Parameters, columns: Collection[str] = ()) -> None:
        self._form = form
        self._parameters = parameters
        self._columns = "".join(f", x.{name} AS {name}" for name in sorted(columns))

    def sql(self, test: Test) -> str | None:
        """The condition, or the selection; None where there is no selection."""
        field = test.field
        if field.path in _NEVER_THERE or (isinstance(test, OneOf) and not test.values):
            return self._nothing()
        if (key := custom_key(field)) is not None:
            return self._custom(key, test)
        if (special := _SPECIAL.get(field.path)) is not None:
            return special(self, test)
        return self._instant(field, test) if field.kind is Kind.INSTANT else self._place(test)

    def range(self, tests: Sequence[Compare]) -> str | None:
        """Where the field lies between the limits of several comparisons."""
        field = tests[0].field
        if field.path in _NEVER_THERE:
            return self._nothing()
        if (key := custom_key(field)) is not None:
            return self._custom_range(key, tests)
        if field.path == CREATED:
            return self._created_range(tests)
        column = _INSTANTS.get(field.path)
        if column is not None:
            return self._column_range(column, tests, _LAST_MS)
        place = _PLACES[field.path]
        return (
            self._column_range(place.name, tests, MISSING) if isinstance(place, _Column) else None
        )

    def _column_range(self, column: str, tests: Sequence[Compare], missing: Any) -> str:
        compared = f"{'x' if self._form == 'ids' else 'c'}.{column}"
        return self.put(
            "compared",
            column=column,
            tests=self._compares(self._aside(compared), tests),
            missing=self._parameters.add(missing),
        )

    def _custom_range(self, key: str, tests: Sequence[Compare]) -> str | None:
        compared = f"{'k0' if self._form == 'walk' else 'v'}.number_value"
        compares = self._compares(self._aside(compared), tests)
        if self._form == "walk":
            return f"({compares})"
        return self.put("value_compared", field=self._parameters.add(key), tests=compares)

    def _aside(self, column: str) -> str:
        """The column; in a condition, so that its index does not lead."""
        is_test = self._form == "test"
        return self._parameters.fragment("aside", column=column) if is_test else column

    def _compares(self, column: str, tests: Sequence[Compare]) -> str:
        return " AND ".join(
            [
                self._parameters.fragment(
                    "compares",
                    column=column,
                    operator=test.operator,
                    value=self._parameters.add(test.value),
                )
                for test in tests
            ]
        )

    def put(self, name: str, /, **parts: str) -> str:
        """The fragment of this form."""
        return self._parameters.fragment(f"{self._form}_{name}", columns=self._columns, **parts)

    def _place(self, test: Test) -> str | None:
        match _PLACES[test.field.path]:
            case _Terms() as place:
                return self._term(place, test)
            case _Text() as place:
                return self._text(place, test)
            case place:
                return self._column(place, test)

    def _column(self, place: _Column, test: Test) -> str:
        match test:
            case OneOf(_, values):
                return self.put("column", column=place.name, values=self._all(values))
            case StartsWith(_, prefix):
                return self._prefix(place.name, place.form(prefix))
            case Compare():
                return self._column_range(place.name, [test], MISSING)
            case _:
                return self._present(place.name)

    def _text(self, place: _Text, test: Test) -> str:
        match test:
            case OneOf(_, values):
                keys = self._all([sort_form(str(value)) for value in values])
                return self.put("text", column=place.name, keys=keys, values=self._all(values))
            case StartsWith(_, prefix):
                return self._prefix(f"{place.name}_key", prefix)
            case _:
                return self._present(f"{place.name}_key")

    def _present(self, column: str) -> str:
        return self.put("present", column=column, missing=self._parameters.add(MISSING))

    def _prefix(self, column: str, prefix: str) -> str:
        low, high = self._ends(prefix)
        return self.put("prefix", column=column, low=low, high=high)

    def _term(self, place: _Terms, test: Test) -> str:
        fields = self._all(place.names)
        is_phone = test.field.kind is Kind.PHONE
        match test:
            case OneOf(_, values):
                form = phone_form if is_phone else sort_form
                keys = self._all([form(str(value)) for value in values])
                exact = ["" if is_phone or test.field.kind is Kind.KEYS else v for v in values]
                is_one = len(place.names) == len(values) == 1
                return self.put(
                    "term",
                    fields=fields,
                    keys=keys,
                    values=self._all(exact),
                    distinct="" if is_one else "DISTINCT",
                )
            case StartsWith(_, prefix):
                low, high = self._ends(phone_form(prefix) if is_phone else prefix)
            case _:
                low, high = self._ends("")
        return self.put("term_prefix", fields=fields, low=low, high=high)

    def _instant(self, field: Field, test: Test) -> str | None:
        if field.path == CREATED:
            return self._created(test)
        column = _INSTANTS[field.path]
        match test:
            case OneOf(_, values):
                return self.put("column", column=column, values=self._all(values))
            case Compare():
                return self._column_range(column, [test], _LAST_MS)
            case _:
                return self._everything()

    def _created(self, test: Test) -> str | None:
        """The order of ids is that of creation: an instant is a range of ids."""
        match test:
            case OneOf(_, values):
                return self._either([self._ids(int(value), int(value) + 1) for value in values])
            case Compare():
                return self._created_range([test])
            case _:
                return self._everything()

    def _created_range(self, tests: Sequence[Compare]) -> str:
        first, end = 0, _LAST_MS
        for test in tests:
            at = int(test.value)
            match test.operator:
                case "<":
                    end = min(end, at)
                case "<=":
                    end = min(end, at + 1)
                case ">":
                    first = max(first, at + 1)
                case _:
                    first = max(first, at)
        return self._ids(first, end)

    def _ids(self, first_ms: int, end_ms: int) -> str:
        low, high = (self._parameters.add(_first_id(ms)) for ms in (first_ms, end_ms))
        return self.put("between", column="id", low=low, high=high)

    def _custom(self, key: str, test: Test) -> str | None:
        if isinstance(test, Compare):
            return self._custom_range(key, [test])
        field = self._parameters.add(key)
        is_text = test.field.kind is Kind.TEXT
        match test:
            case OneOf(_, values) if is_text:
                keys = self._all([sort_form(str(value)) for value in values])
                return self.put("value_text", field=field, keys=keys, values=self._all(values))
            case OneOf(_, values):
                numbers = self._all([float(value) for value in values])
                return self.put("value_number", field=field, values=numbers)
            case StartsWith(_, prefix):
                low, high = self._ends(prefix)
                return self.put("value_prefix", field=field, low=low, high=high)
            case _:
                return self.put("value_present", field=field)

    def id(self, test: Test) -> str | None:
        """Of the contact's id, which everybody has."""
        if not isinstance(test, OneOf):
            return self._everything()
        ids = self._all([RowId(str(value)) for value in test.values])
        return self.put("column", column="id", values=ids)

    def emails(self, test: Test) -> str | None:
        """Of any e-mail."""
        match test:
            case OneOf(_, values):
                return self.put("email", values=self._all(values))
            case StartsWith(_, prefix):
                low, high = self._ends(prefix)
                return self.put("email_prefix", low=low, high=high)
            case _:
                return self._present("email_key")

    def labels(self, test: Test) -> str | None:
        """Of the labels."""
        values = test.values if isinstance(test, OneOf) else ()
        if self._form == "test" and self._parameters.labels_of:
            return self._either([self._label_beside(str(value)) for value in values])
        distinct = "" if len(values) == 1 else "DISTINCT"
        return self.put("label", values=self._all(values), distinct=distinct)

    def _label_beside(self, label: str) -> str:
        return self._parameters.fragment(
            "test_label_beside",
            labels_of=self._parameters.labels_of,
            label=self._parameters.add(f" {label} "),
            test=self._parameters.fragment("test_label", values=self._parameters.add(label)),
        )

    def membership(self, test: Test) -> str | None:
        """Members are approved; nobody is anything else."""
        is_asked = not isinstance(test, OneOf) or APPROVED in test.values
        return self.put("member") if is_asked else self._nothing()

    def display_name(self, _test: Test) -> str | None:
        """There where there is a name."""
        return self._either([self._present("first_key"), self._present("last_key")])

    def recorded(self, column: str, test: Test) -> str | None:
        """Of what is recorded of the primary e-mail: nothing recorded is NOT_SET."""
        if not isinstance(test, OneOf):
            return self._present("email_key")
        others = [value for value in test.values if value not in (_NOT_SET, _NO_STATUS)]
        ways: list[str | None] = []
        if others:
            ways.append(self.put("recorded", column=column, values=self._all(others)))
        if _NOT_SET in test.values:
            words = self._all(_RECORDED[column])
            something = self._parameters.fragment("test_recorded", column=column, values=words)
            ways.append(self._but("email_key", something))
        return self._either(ways)

    def effective(self, test: Test) -> str | None:
        """Consent that is not recorded is none: UNSUBSCRIBED where there is an e-mail."""
        if not isinstance(test, OneOf):
            return self._present("email_key")
        said = [value for value in test.values if value in CONSENTING]
        ways: list[str | None] = []
        if said:
            values = self._all(said)
            ways.append(self.put("recorded", column="subscription_status", values=values))
        if UNSUBSCRIBED in test.values:
            consent = self._parameters.fragment(
                "test_present", column="effective_email", missing=self._missing()
            )
            ways.append(self._but("email_key", consent))
        return self._either(ways)

    def phone_status(self, test: Test) -> str | None:
        """NOT_SET where the primary phone is a number that can be called from anywhere."""
        if not isinstance(test, OneOf):
            return self._has_phone(self._form)
        ways: list[str | None] = [self._present("phone_key")] if _NOT_SET in test.values else []
        if _NO_STATUS in test.values:
            ways.append(self._has_odd_phone() if self._form == "test" else None)
        return self._either(ways)

    def _has_phone(self, form: Form) -> str:
        low, high = self._ends("")
        fields = self._all(_PRIMARY_PHONE.names)
        return self._parameters.fragment(f"{form}_term_prefix", fields=fields, low=low, high=high)

    def _has_odd_phone(self) -> str:
        valid = self._parameters.fragment(
            "test_present", column="phone_key", missing=self._missing()
        )
        return f"({self._has_phone('test')} AND NOT {valid})"

    def _but(self, column: str, unwanted: str) -> str | None:
        """Where the column has a value and the condition does not hold."""
        return f"({self._present(column)} AND NOT {unwanted})" if self._form == "test" else None

    def _either(self, ways: Sequence[str | None]) -> str | None:
        found = [way for way in ways if way is not None]
        if not ways:
            return self._nothing()
        if self._form == "test":
            return f"({' OR '.join(found)})"
        return " UNION ".join(found) if len(found) == len(ways) else None

    def _nothing(self) -> str | None:
        return NOTHING if self._form == "test" else None

    def _everything(self) -> str | None:
        return EVERYTHING if self._form == "test" else None

    def _missing(self) -> str:
        return self._parameters.add(MISSING)

    def _all(self, values: Sequence[Value | RowId]) -> str:
        return self._parameters.add_all(values)

    def _ends(self, prefix: str) -> tuple[str, str]:
        return self._parameters.add(prefix), self._parameters.add(prefix + MISSING)


_RECORDED: Final = {
    "subscription_status": ("SUBSCRIBED", "PENDING", UNSUBSCRIBED),
    "deliverability_status": ("VALID", "BOUNCED", "SPAM_COMPLAINT", "INACTIVE"),
}
_SPECIAL: Final[dict[str, Callable[[Leaf, Any], str | None]]] = {
    "id": Leaf.id,
    "info.emails.email": Leaf.emails,
    LABELS: Leaf.labels,
    "primaryEmail.subscriptionStatus": lambda leaf, t: leaf.recorded("subscription_status", t),
    "primaryEmail.deliverabilityStatus": lambda leaf, t: leaf.recorded("deliverability_status", t),
    "primaryPhone.subscriptionStatus": Leaf.phone_status,
    f"{EXTENDED}members.membershipStatus": Leaf.membership,
    f"{_STATUSES}subscriptionStatus": Leaf.effective,
    f"{_STATUSES}deliverabilityStatus": lambda leaf, t: leaf.recorded("deliverability_status", t),
    f"{EXTENDED}contacts.displayByFirstName": Leaf.display_name,
    f"{EXTENDED}contacts.displayByLastName": Leaf.display_name,
}


def _first_id(ms: int) -> RowId:
    """The lowest id of this millisecond."""
    return RowId.of_bytes(min(max(ms, 0), _LAST_MS).to_bytes(6) + bytes(10))
