"""Translates tests of the filter tree into SQL over contacts c (CONTRACT D.2, D.3).

Each test has two forms: to find contacts through an index, and to test one that is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec

from contactory.domain.contact_index import MISSING, phone_form
from contactory.domain.contact_making import UNSUBSCRIBED
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
from contactory.store.queries import load_fragments

Form = Literal["find", "test"]

NOTHING: Final = "1 = 0"
EVERYTHING: Final = "1 = 1"
_FRAGMENTS: Final = load_fragments("sqlite")
_LAST_MS: Final = 2**48 - 1
_NOT_SET: Final = "NOT_SET"
_NO_STATUS: Final = "NO_SUBSCRIPTION_STATUS"
_SAID: Final = ("SUBSCRIBED", "PENDING")
_STATUSES: Final = f"{EXTENDED}emailSubscriptions."
_CUSTOM: Final = f"{EXTENDED}custom."


class Parameters:
    """Names the values of one statement."""

    def __init__(self, site: RowId) -> None:
        self.values: dict[str, Any] = {"site_id": site}

    def add(self, value: Any) -> str:
        """The parameter that stands for the value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def add_all(self, values: Sequence[Any]) -> str:
        """Parameters for all the values, with commas between."""
        return ", ".join([self.add(value) for value in values])


def fragment(name: str, /, **parts: str) -> str:
    """A piece of SQL with its braces filled."""
    return _FRAGMENTS[name].format(**parts)


def translated(tree: Filter, form: Form, parameters: Parameters) -> str:
    """The condition that holds for the contacts that the filter matches."""
    match tree:
        case All(parts):
            inner = [translated(part, form, parameters) for part in parts]
            return f"({' AND '.join(inner)})" if inner else EVERYTHING
        case AnyOf(parts):
            inner = [translated(part, form, parameters) for part in parts]
            return f"({' OR '.join(inner)})" if inner else NOTHING
        case Not(part):
            return f"NOT {translated(part, 'test', parameters)}"
        case _:
            return _Leaf(form, parameters).sql(tree)


def is_findable(tree: Filter) -> bool:
    """Whether an index leads to what the filter matches."""
    match tree:
        case AnyOf(parts):
            return all(map(is_findable, parts))
        case All(parts):
            return any(map(is_findable, parts))
        case Not():
            return False
        case _:
            return True


def custom_key(field: Field) -> str | None:
    """The key of a custom field, None for the other fields."""
    return field.path.removeprefix(EXTENDED) if field.path.startswith(_CUSTOM) else None


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


class _Leaf:
    """One test in one form."""

    def __init__(self, form: Form, parameters: Parameters) -> None:
        self._form = form
        self._parameters = parameters

    def sql(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """The condition."""
        field = test.field
        if field.path in _NEVER_THERE:
            return NOTHING
        if (key := custom_key(field)) is not None:
            return self._custom(key, test)
        if (special := _SPECIAL.get(field.path)) is not None:
            return special(self, test)
        return self._instant(field, test) if field.kind is Kind.INSTANT else self._place(test)

    def put(self, name: str, /, **parts: str) -> str:
        """The fragment of this form."""
        return fragment(f"{self._form}_{name}", **parts)

    def _place(self, test: OneOf | StartsWith | Compare | Present) -> str:
        match _PLACES[test.field.path]:
            case _Terms() as place:
                return self._term(place, test)
            case _Text() as place:
                return self._text(place, test)
            case place:
                return self._column(place, test)

    def _column(self, place: _Column, test: OneOf | StartsWith | Compare | Present) -> str:
        add = self._parameters.add
        match test:
            case OneOf(_, values):
                return self.put("column", column=place.name, values=self._all(values))
            case StartsWith(_, prefix):
                return self._prefix(place.name, place.form(prefix))
            case Compare(_, operator, value):
                return self.put(
                    "compared",
                    column=place.name,
                    operator=operator,
                    value=add(value),
                    missing=add(MISSING),
                )
            case _:
                return self._present(place.name)

    def _text(self, place: _Text, test: OneOf | StartsWith | Compare | Present) -> str:
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

    def _term(self, place: _Terms, test: OneOf | StartsWith | Compare | Present) -> str:
        fields = self._all(place.names)
        is_phone = test.field.kind is Kind.PHONE
        match test:
            case OneOf(_, values):
                form = phone_form if is_phone else sort_form
                keys = self._all([form(str(value)) for value in values])
                exact = ["" if is_phone or test.field.kind is Kind.KEYS else v for v in values]
                return self.put("term", fields=fields, keys=keys, values=self._all(exact))
            case StartsWith(_, prefix):
                low, high = self._ends(phone_form(prefix) if is_phone else prefix)
            case _:
                low, high = self._ends("")
        return self.put("term_prefix", fields=fields, low=low, high=high)

    def _instant(self, field: Field, test: OneOf | StartsWith | Compare | Present) -> str:
        if field.path == "createdDate":
            return self._created(test)
        column = _INSTANTS[field.path]
        match test:
            case OneOf(_, values):
                return self.put("column", column=column, values=self._all(values))
            case Compare(_, operator, value):
                missing = self._parameters.add(_LAST_MS)
                value_at = self._parameters.add(value)
                return self.put(
                    "compared", column=column, operator=operator, value=value_at, missing=missing
                )
            case _:
                return EVERYTHING

    def _created(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """The order of ids is that of creation: an instant is a range of ids."""
        match test:
            case OneOf(_, values):
                ranges = [self._ids(int(value), int(value) + 1) for value in values]
                return f"({' OR '.join(ranges)})"
            case Compare(_, "<", value):
                return self._ids(0, int(value))
            case Compare(_, "<=", value):
                return self._ids(0, int(value) + 1)
            case Compare(_, ">", value):
                return self._ids(int(value) + 1, _LAST_MS)
            case Compare(_, ">=", value):
                return self._ids(int(value), _LAST_MS)
            case _:
                return EVERYTHING

    def _ids(self, first_ms: int, end_ms: int) -> str:
        low, high = (self._parameters.add(_first_id(ms)) for ms in (first_ms, end_ms))
        return self.put("between", column="id", low=low, high=high)

    def _custom(self, key: str, test: OneOf | StartsWith | Compare | Present) -> str:
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
            case Compare(_, operator, value):
                number = self._parameters.add(float(value))
                return self.put("value_compared", field=field, operator=operator, value=number)
            case _:
                return self.put("value_present", field=field)

    def id(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """Of the contact's id, which everybody has."""
        if not isinstance(test, OneOf):
            return EVERYTHING
        ids = self._all([RowId(str(value)) for value in test.values])
        return self.put("column", column="id", values=ids)

    def emails(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """Of any e-mail."""
        match test:
            case OneOf(_, values):
                return self.put("email", values=self._all(values))
            case StartsWith(_, prefix):
                low, high = self._ends(prefix)
                return self.put("email_prefix", low=low, high=high)
            case _:
                return self._present("email_key")

    def labels(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """Of the labels."""
        values = test.values if isinstance(test, OneOf) else ()
        return self.put("label", values=self._all(values))

    def membership(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """Members are approved; nobody is anything else."""
        is_asked = not isinstance(test, OneOf) or APPROVED in test.values
        return self.put("member") if is_asked else NOTHING

    def display_name(self, _test: OneOf | StartsWith | Compare | Present) -> str:
        """There where there is a name."""
        return f"({self._present('first_key')} OR {self._present('last_key')})"

    def recorded(self, column: str, test: OneOf | StartsWith | Compare | Present) -> str:
        """Of what is recorded of the primary e-mail: nothing recorded is NOT_SET."""
        has_email = self._present("email_key")
        if not isinstance(test, OneOf):
            return has_email
        others = [value for value in test.values if value not in (_NOT_SET, _NO_STATUS)]
        ways = [self.put("recorded", column=column, values=self._all(others))] if others else []
        if _NOT_SET in test.values:
            words = self._all(_RECORDED[column])
            something = fragment("test_recorded", column=column, values=words)
            ways.append(f"({has_email} AND NOT {something})")
        return f"({' OR '.join(ways)})" if ways else NOTHING

    def effective(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """Consent that is not recorded is none: UNSUBSCRIBED where there is an e-mail."""
        has_email = self._present("email_key")
        if not isinstance(test, OneOf):
            return has_email
        said = [value for value in test.values if value in _SAID]
        ways = []
        if said:
            values = self._all(said)
            ways.append(self.put("recorded", column="subscription_status", values=values))
        if UNSUBSCRIBED in test.values:
            consent = fragment("test_present", column="effective_email", missing=self._missing())
            ways.append(f"({has_email} AND NOT {consent})")
        return f"({' OR '.join(ways)})" if ways else NOTHING

    def phone_status(self, test: OneOf | StartsWith | Compare | Present) -> str:
        """NOT_SET where the primary phone is a number that can be called from anywhere."""
        low, high = self._ends("")
        fields = self._all(_PRIMARY_PHONE.names)
        has_phone = self.put("term_prefix", fields=fields, low=low, high=high)
        if not isinstance(test, OneOf):
            return has_phone
        ways = [self._present("phone_key")] if _NOT_SET in test.values else []
        if _NO_STATUS in test.values:
            valid = fragment("test_present", column="phone_key", missing=self._missing())
            ways.append(f"({has_phone} AND NOT {valid})")
        return f"({' OR '.join(ways)})" if ways else NOTHING

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
_SPECIAL: Final[dict[str, Callable[[_Leaf, Any], str]]] = {
    "id": _Leaf.id,
    "info.emails.email": _Leaf.emails,
    "info.labelKeys": _Leaf.labels,
    "primaryEmail.subscriptionStatus": lambda leaf, t: leaf.recorded("subscription_status", t),
    "primaryEmail.deliverabilityStatus": lambda leaf, t: leaf.recorded("deliverability_status", t),
    "primaryPhone.subscriptionStatus": _Leaf.phone_status,
    f"{EXTENDED}members.membershipStatus": _Leaf.membership,
    f"{_STATUSES}subscriptionStatus": _Leaf.effective,
    f"{_STATUSES}deliverabilityStatus": lambda leaf, t: leaf.recorded("deliverability_status", t),
    f"{EXTENDED}contacts.displayByFirstName": _Leaf.display_name,
    f"{EXTENDED}contacts.displayByLastName": _Leaf.display_name,
}


def _first_id(ms: int) -> bytes:
    """The lowest id of this millisecond."""
    return min(max(ms, 0), _LAST_MS).to_bytes(6) + bytes(10)
